"""One memory plot: a curve for each process and their sum, limits, and marks of events.

All items are made once and only ever given new data: creating and removing items leaks
(https://github.com/pyqtgraph/pyqtgraph/issues/2672).
"""

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from vext_desktop.memory.curves import LINES, TOTAL, Floats, Measure, MemoryCurves
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.plot_axes import MegabyteAxis, TimeAxis
from vext_desktop.window.plot_colours import LINE_STYLES, LINE_WIDTHS, PlotColours
from vext_desktop.window.plot_limits import PlotLimits
from vext_desktop.window.plot_marks import PlotMarks
from vext_desktop.window.plot_thresholds import ThresholdLine

AXIS_WIDTH_PX = 58
# A limit this many times higher than everything drawn would squash the curves: it stays above.
FARTHEST_LIMIT = 2.5
# Room between the highest thing in view and the upper edge, for labels.
HEADROOM = 1.18
SMALLEST_POINTS = 7.5


class MemoryPlot(QWidget):
    """One measure over time.

    Args:
        measure: What is drawn.
        title: Its name, in front of the present value.
        explanation: What it means, in a few plain words.
        limits_explanation: What its lines mean, in sentences.
    """

    mark_clicked = Signal(object)  # EventMark
    moment_clicked = Signal(str, float)  # measure; seconds since the origin of the history

    def __init__(
        self,
        measure: Measure,
        title: str,
        explanation: str,
        limits_explanation: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.measure = measure
        self._title = title
        self._explanation = explanation
        self._heading = QLabel(title)
        self._heading.setTextFormat(Qt.TextFormat.RichText)
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._heading.setToolTip(f"{title}: {explanation}. {limits_explanation}")
        axes = {"bottom": TimeAxis("bottom"), "left": MegabyteAxis("left")}
        self.view = pyqtgraph.PlotWidget(axisItems=axes, enableMenu=False)
        self.view.setAccessibleName(f"Plot of {title} over time")
        self.view.setAccessibleDescription("The table beside the plots has the same numbers.")
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._prepare_axes()
        plot = self.view.getPlotItem()
        self._limits = PlotLimits(plot, self._small_font())
        # The sum is drawn last, above the others.
        self._curves = {line: pyqtgraph.PlotCurveItem(antialias=True) for line in reversed(LINES)}
        self._cursor = pyqtgraph.InfiniteLine(angle=90)
        self._cursor.hide()
        self._absent = pyqtgraph.TextItem("Not readable on this system", anchor=(0.5, 0.5))
        self._absent.hide()
        for item in (*self._curves.values(), self._cursor, self._absent):
            plot.addItem(item, ignoreBounds=True)
        self._marks = PlotMarks(plot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._heading)
        layout.addWidget(self.view, 1)
        self.view.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    @property
    def box(self) -> pyqtgraph.ViewBox:
        """The part of the plot that holds the data, for linking and for signals of its range."""
        return self.view.getViewBox()

    def set_colours(self, colours: PlotColours) -> None:
        """Paint everything for a light or a dark window."""
        self.view.setBackground(colours.ground)
        for name in ("left", "bottom"):
            axis = self.view.getAxis(name)
            axis.setPen(colours.faint)
            axis.setTextPen(colours.text)
        for line, curve in self._curves.items():
            width, style = LINE_WIDTHS[line], LINE_STYLES[line]
            curve.setPen(pyqtgraph.mkPen(colours.lines[line], width=width, style=style))
        self._cursor.setPen(pyqtgraph.mkPen(colours.text, style=Qt.PenStyle.DashLine))
        self._absent.setColor(colours.faint)
        self._limits.set_colours(colours)
        self._marks.set_colours(colours)

    def show_history(
        self,
        history: MemoryHistory,
        drawn: MemoryCurves,
        marks: Sequence[EventMark],
        limits: Sequence[ThresholdLine],
        *,
        fits_height: bool,
    ) -> None:
        """Draw part of the history.

        Args:
            history: What there is.
            drawn: Its curves in view, thinned.
            marks: The marks in view, already thinned.
            limits: The lines of this measure, the most serious first.
            fits_height: Whether the height follows the data, or stays as the user zoomed it.
        """
        for line, curve in self._curves.items():
            values = drawn.values_mb(self.measure, line)
            curve.setData(drawn.times_s, values, connect="finite")
        total = history.curves.values_mb(self.measure, TOTAL)
        self._show_heading(total)
        if fits_height:
            self._fit_height(drawn.values_mb(self.measure, TOTAL), limits)
        self._limits.show(limits)
        (start, end), (bottom, top) = self.box.viewRange()
        self._absent.setVisible(len(total) > 0 and not np.isfinite(total).any())
        self._absent.setPos((start + end) / 2, (bottom + top) / 2)
        self._marks.show(history, total, marks, (bottom, top))

    def show_cursor(self, time_s: float) -> None:
        """Put the dashed upright line at a moment."""
        self._cursor.setValue(time_s)
        self._cursor.show()

    def _prepare_axes(self) -> None:
        plot = self.view.getPlotItem()
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.15)
        font = self._small_font()
        left = plot.getAxis("left")
        left.enableAutoSIPrefix(False)  # labels name megabytes themselves
        left.setWidth(AXIS_WIDTH_PX)
        for axis in (left, plot.getAxis("bottom")):
            axis.setTickFont(font)
        self.box.setDefaultPadding(0)
        self.box.disableAutoRange()
        self.box.setLimits(xMin=0, yMin=0, minXRange=0.5, minYRange=0.5)
        self.box.setYRange(0, 100)

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(SMALLEST_POINTS, font.pointSizeF() - 1))
        return font

    def _show_heading(self, total: Floats) -> None:
        known = f" {total[-1]:.0f} MB" if len(total) and np.isfinite(total[-1]) else ""
        text = f"<b>{self._title}{known}</b> &nbsp;{self._explanation}"
        if text != self._heading.text():
            self._heading.setText(text)

    def _fit_height(self, total: Floats, limits: Sequence[ThresholdLine]) -> None:
        known = total[np.isfinite(total)]
        highest = float(known.max()) if len(known) else 0.0
        farthest = highest * FARTHEST_LIMIT
        near = [limit.height_mb for limit in limits if limit.height_mb <= farthest]
        top = _round_up(max([highest, *near, 1.0]) * HEADROOM)
        if self.box.viewRange()[1] != [0, top]:
            self.box.setYRange(0, top)

    @Slot(object)
    def _on_mouse_clicked(self, event: MouseClickEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.scenePos()
        if not self.box.sceneBoundingRect().contains(place):
            return
        point = self.box.mapSceneToView(place)
        mark = self._marks.mark_near(point.x(), point.y(), self.box.viewPixelSize())
        if mark is not None:
            self.mark_clicked.emit(mark)
        else:
            self.moment_clicked.emit(self.measure.value, point.x())


def _round_up(value: float) -> float:
    """The next of 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    steps = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)
    return float(next(step * power for step in steps if value <= step * power * (1 + 1e-9)))
