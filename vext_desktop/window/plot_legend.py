"""The key to the plots: which dashes are which process, which symbol which event."""

from collections.abc import Callable

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from vext_desktop.memory.event_marks import MARK_NAMES, EventKind
from vext_desktop.window.flow_layout import FlowLayout
from vext_desktop.window.plot_colours import (
    LINE_NAMES,
    LINE_STYLES,
    LINE_WIDTHS,
    MARK_SYMBOLS,
    TICK_NAMES,
    PlotColours,
)
from vext_desktop.window.plot_marks import SYMBOL_SIZE_PX

SAMPLE_HEIGHT_PX = 14
LINE_SAMPLE_PX = 34
TICK_SAMPLE_PX = 13

Painting = Callable[[QPainter, PlotColours], None]


class PlotLegend(QWidget):
    """A row of samples, each with its name.

    Args:
        entries: For each sample its width in pixels, how it is painted, and its name.
    """

    def __init__(
        self, entries: list[tuple[int, Painting, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        layout = FlowLayout(12, self)
        self._samples: list[tuple[QLabel, int, Painting]] = []
        for width, painting, name in entries:
            entry = QWidget()
            row = QHBoxLayout(entry)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(4)
            sample = QLabel()
            sample.setFixedWidth(width)
            row.addWidget(sample)
            row.addWidget(QLabel(name))
            layout.addWidget(entry)
            self._samples.append((sample, width, painting))

    def set_colours(self, colours: PlotColours) -> None:
        """Paint all samples anew."""
        for label, width, painting in self._samples:
            label.setPixmap(self._painted(width, painting, colours))

    def _painted(self, width: int, painting: Painting, colours: PlotColours) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(width * ratio), round(SAMPLE_HEIGHT_PX * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painting(painter, colours)
        painter.end()
        return pixmap


def plot_legend() -> PlotLegend:
    """The key to the curves and to the symbols of events."""
    lines = [(LINE_SAMPLE_PX, _LineSample(line), LINE_NAMES[line]) for line in LINE_NAMES]
    width = SYMBOL_SIZE_PX + 3
    symbols = [(width, _SymbolSample(kind), MARK_NAMES[kind]) for kind in MARK_NAMES]
    ticks = [(TICK_SAMPLE_PX, _TickSample(kind), TICK_NAMES[kind]) for kind in TICK_NAMES]
    return PlotLegend([*lines, *symbols, *ticks])


class _LineSample:
    def __init__(self, line: str) -> None:
        self._line = line

    def __call__(self, painter: QPainter, colours: PlotColours) -> None:
        pen = QPen(QColor(colours.lines[self._line]), LINE_WIDTHS[self._line])
        pen.setStyle(LINE_STYLES[self._line])
        painter.setPen(pen)
        middle = SAMPLE_HEIGHT_PX / 2
        painter.drawLine(QPointF(1, middle), QPointF(LINE_SAMPLE_PX - 1, middle))


class _SymbolSample:
    def __init__(self, kind: EventKind) -> None:
        self._kind = kind

    def __call__(self, painter: QPainter, colours: PlotColours) -> None:
        painter.translate((SYMBOL_SIZE_PX + 3) / 2, SAMPLE_HEIGHT_PX / 2)
        # drawSymbol scales the painter; a cosmetic pen keeps its width.
        pen = QPen(QColor(colours.text), 1)
        pen.setCosmetic(True)
        brush = QColor(colours.marks[self._kind])
        drawSymbol(painter, MARK_SYMBOLS[self._kind], SYMBOL_SIZE_PX, pen, brush)


class _TickSample:
    def __init__(self, kind: EventKind) -> None:
        self._is_long = kind is EventKind.FILE_START

    def __call__(self, painter: QPainter, colours: PlotColours) -> None:
        painter.setPen(QPen(QColor(colours.faint), 1))
        length = SAMPLE_HEIGHT_PX * (0.75 if self._is_long else 0.35)
        for place in (2.5, 6.5, 10.5):
            painter.drawLine(QPointF(place, 2), QPointF(place, 2 + length))
