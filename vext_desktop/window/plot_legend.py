"""The key to the plots: which dashes are which process, which symbol which event."""

from collections.abc import Callable, Sequence

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from vext_desktop.memory.event_marks import MARK_NAMES, EventKind
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
# Between two entries, and between a sample and its name.
GAP_PX = 12
NAME_GAP_PX = 4

Painting = Callable[[QPainter, PlotColours], None]


class PlotLegend(QWidget):
    """Samples, each with its name, in a row that goes on below where it is full.

    Painted here and not made of labels: two dozen of them take 30 ms to make, to style and to
    place, and some more to paint with each redraw of the plots.

    Args:
        entries: For each sample its width in pixels, how it is painted, and its name.
    """

    def __init__(
        self, entries: Sequence[tuple[int, Painting, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entries = tuple(entries)
        self._colours: PlotColours | None = None
        self._widths: list[int] = []
        self.setAccessibleName("Key to the plots")
        self.setAccessibleDescription(", ".join(name for _, _, name in self._entries))
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_colours(self, colours: PlotColours) -> None:
        """Paint all samples anew."""
        self._colours = colours
        self.update()

    def heightForWidth(self, width: int, /) -> int:
        """Narrower means more rows."""
        _, top = self._places(width)[-1]
        return top + self._row_height

    def sizeHint(self) -> QSize:
        """All of it in one row."""
        gaps = GAP_PX * (len(self._entries) - 1)
        return QSize(sum(self._measured()) + gaps, self._row_height)

    def minimumSizeHint(self) -> QSize:
        """The widest of it."""
        return QSize(max(self._measured()), self._row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint samples and names."""
        super().paintEvent(event)
        if self._colours is None:
            return
        painter = QPainter(self)
        height = self._row_height
        places, widths = self._places(self.width()), self._measured()
        for (width, painting, name), (left, top), whole in zip(
            self._entries, places, widths, strict=True
        ):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(left, top + (height - SAMPLE_HEIGHT_PX) / 2)
            painting(painter, self._colours)
            painter.restore()
            beside = width + NAME_GAP_PX
            room = QRect(left + beside, top, whole - beside + 1, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._widths.clear()
            self.updateGeometry()

    @property
    def _row_height(self) -> int:
        return max(SAMPLE_HEIGHT_PX, self.fontMetrics().height())

    def _measured(self) -> list[int]:
        """The width of each entry; asked for again and again while a window is laid out."""
        if not self._widths:
            advance = self.fontMetrics().horizontalAdvance
            self._widths = [width + NAME_GAP_PX + advance(name) for width, _, name in self._entries]
        return self._widths

    def _places(self, room: int) -> list[tuple[int, int]]:
        """Where each entry begins, left and top."""
        places: list[tuple[int, int]] = []
        left = top = 0
        for width in self._measured():
            if left and left + width > room:
                left, top = 0, top + self._row_height + GAP_PX // 2
            places.append((left, top))
            left += width + GAP_PX
        return places


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
