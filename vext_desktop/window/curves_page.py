"""RSS, heap and native buffers side by side on one time line, with their key."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QSplitter, QVBoxLayout, QWidget

from vext_desktop.memory.curves import Measure
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.in_turns import Steps
from vext_desktop.window.memory_plot import MemoryPlot
from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.plot_legend import plot_legend
from vext_desktop.window.plot_thresholds import Thresholds
from vext_desktop.window.time_view import TimeView

PLOTS = {
    Measure.RSS: (
        "RSS",
        "what the system counts",
        "Lines: the memory budget, where a warning is given, and where indexing slows down.",
    ),
    Measure.HEAP: (
        "Heap",
        "Python's objects",
        "Line: the last batch and the growth with one more batch that gives a warning.",
    ),
    Measure.NATIVE: (
        "Native buffers",
        "what libraries hold",
        "Line: where the engine, having settled, has grown so much that a warning is given.",
    ),
}
# Marks of one kind drawn at most; more could not be told apart or hit.
MOST_MARKS = 100
# One plot is painted after the other, so that a key pressed meanwhile is served in between.
TURN_MS = 15
# One point for each pixel across, but not so few that a plot still without a size is bare.
FEWEST_POINTS = 200
# A plot narrower than this says nothing: where there is height, plots then stand below each other.
LEAST_PLOT_WIDTH_PX = 210
LEAST_PLOT_HEIGHT_PX = 110
# Of the width, the plots take thrice as much as what stands beside them.
PLOTS_SHARE = 3


class CurvesPage(QWidget):
    """Three plots over one history.

    Args:
        plots: One for each measure, as `curves_page` makes them.
    """

    def __init__(self, plots: Sequence[MemoryPlot], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots = list(plots)
        self._is_seen = False
        for turn, plot in enumerate(self.plots):
            plot.paint_later(turn * TURN_MS)
            plot.hide_view()
        self._legend = plot_legend()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._is_column = False
        self._arrange()
        self._side = QWidget()
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid, 1)
        column.addWidget(self._legend)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(12)
        self._splitter.addWidget(self._side)
        self._splitter.setStretchFactor(0, PLOTS_SHARE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self._splitter)

    @property
    def points_across(self) -> int:
        """How many points of a curve can be told apart."""
        return max(FEWEST_POINTS, round(float(self.plots[0].box.width())))

    def put_beside(self, widget: QWidget) -> None:
        """Show something at the right of the plots."""
        self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(1, 1)

    def set_colours(self, colours: PlotColours) -> None:
        """Paint everything for a light or a dark window."""
        for plot in self.plots:
            plot.set_colours(colours)
        self._legend.set_colours(colours)

    def draw(
        self,
        history: MemoryHistory,
        time_range: tuple[float, float],
        thresholds: Thresholds,
        *,
        fits_height: bool,
    ) -> None:
        """Draw a stretch of the history.

        Args:
            history: What there is.
            time_range: Its moments in view, in seconds since its origin.
            thresholds: The lines.
            fits_height: Whether heights follow the data, or stay as the user zoomed them.
        """
        drawn = history.curves_between(*time_range, self.points_across)
        marks = history.marks_between(*time_range, MOST_MARKS)
        for plot in self.plots:
            limits = thresholds.lines(plot.measure)
            plot.show_history(history, drawn, marks, limits, fits_height=fits_height)

    def show_cursor(self, time_s: float) -> None:
        """Put the dashed upright line at a moment."""
        for plot in self.plots:
            plot.show_cursor(time_s)

    def showEvent(self, event: QShowEvent) -> None:
        """Have the plots appear one after the other, where all at once would take too long."""
        super().showEvent(event)
        if not self._is_seen:
            self._is_seen = True
            for turn, plot in enumerate(self.plots):
                QTimer.singleShot(turn * TURN_MS, plot.view, plot.view.show)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots below each other where they are too narrow side by side."""
        super().resizeEvent(event)
        room = self._side.size()
        is_column = room.width() < LEAST_PLOT_WIDTH_PX * len(
            self.plots
        ) and room.height() > LEAST_PLOT_HEIGHT_PX * len(self.plots)
        if is_column != self._is_column:
            self._is_column = is_column
            self._arrange()

    def _arrange(self) -> None:
        for number, plot in enumerate(self.plots):
            self._grid.addWidget(plot, *((number, 0) if self._is_column else (0, number)))
            self._grid.setColumnStretch(number, 0 if self._is_column and number else 1)
            self._grid.setRowStretch(number, 1 if self._is_column or not number else 0)


def curves_page() -> Steps[CurvesPage]:
    """Make the page, half a plot at each step."""
    plots = []
    for measure in Measure:
        view = TimeView()
        yield
        plots.append(MemoryPlot(measure, *PLOTS[measure], view))
        yield
    return CurvesPage(plots)
