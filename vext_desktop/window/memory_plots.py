"""RSS, heap and native buffers side by side on one time line, followed or explored by mouse.

Importing this module imports pyqtgraph: import it when the window has been painted.
"""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.memory.curves import Measure
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import describe_mark, describe_point
from vext_desktop.window.memory_plot import MemoryPlot
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.plot_colours import colours_for
from vext_desktop.window.plot_legend import line_legend, mark_legend
from vext_desktop.window.plot_thresholds import Thresholds

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
SPANS = {
    "Last minute": 60.0,
    "Last 5 minutes": 300.0,
    "Last 30 minutes": 1800.0,
    "Last 3 hours": 10800.0,
    "Everything": float("inf"),
}
FIRST_SPAN = "Last 5 minutes"
# What is in view at first, before there is more to see.
SHORTEST_SPAN_S = 30.0
# Room at the right of the newest sample, as a share of the span.
RIGHT_MARGIN = 0.02
# Marks of one kind drawn at most; more could not be told apart or hit.
MOST_MARKS = 100
ZOOM_REDRAW_MS = 30
# One point for each pixel across, but not so few that a plot still without a size is bare.
FEWEST_POINTS = 200
# Drawing more often than the curves move by one pixel shows nothing new.
REDRAW_MS = (400, 1000)


class MemoryPlots(QWidget):
    """Three plots over one history, with their key and the "follow" switch.

    Args:
        history: What is drawn; whoever adds to it calls `redraw`.
    """

    mark_chosen = Signal(str)  # what was clicked, in a sentence

    def __init__(self, history: MemoryHistory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._thresholds = Thresholds()
        self.plots = [MemoryPlot(measure, *PLOTS[measure]) for measure in Measure]
        self._follow = QCheckBox("Follo&w")
        self._follow.setChecked(True)
        self._follow.setToolTip("Keep the newest samples in view. Zooming or moving ends it.")
        self._span = QComboBox()
        self._span.addItems(list(SPANS))
        self._span.setCurrentText(FIRST_SPAN)
        self._span.setAccessibleName("Time shown on the plots")
        self._legends = [line_legend(), mark_legend()]
        self._sentence = QLabel("Click a symbol or a point to see its batch and file.")
        # One redraw for many range signals of one mouse movement.
        self._zoom_timer = QTimer(self)
        self._zoom_timer.setSingleShot(True)
        self._zoom_timer.setInterval(ZOOM_REDRAW_MS)
        self._lay_out()
        self._connect()
        self._apply_palette()

    @property
    def is_following(self) -> bool:
        """Whether the newest samples are kept in view."""
        return self._follow.isChecked()

    def set_following(self, is_following: bool) -> None:
        """Keep the newest samples in view, or leave the view to the user."""
        self._follow.setChecked(is_following)

    @property
    def redraw_interval_ms(self) -> int:
        """How long to wait between two redraws: until the curves have moved by a pixel."""
        start, end = self._time_range()
        pixel_ms = 1000 * (end - start) / max(1.0, float(self.plots[0].box.width()))
        return round(min(max(pixel_ms, REDRAW_MS[0]), REDRAW_MS[1]))

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Show other limits from the next redraw on."""
        self._thresholds = thresholds

    def show_mark(self, mark: EventMark) -> None:
        """Bring a mark into view, point at it and say what it stands for."""
        time_s = self._history.time_of(mark)
        start, end = self._time_range()
        if not start <= time_s <= end:
            self._follow.setChecked(False)
            half = (end - start) / 2
            self.plots[0].box.setXRange(max(0.0, time_s - half), max(0.0, time_s - half) + 2 * half)
        self._on_mark_clicked(mark)

    @Slot()
    def redraw(self) -> None:
        """Draw what is in the history now."""
        times = self._history.curves.times_s
        if self.is_following and len(times):
            self._follow_to(float(times[-1]))
        start, end = self._time_range()
        points = max(FEWEST_POINTS, round(self.plots[0].box.width()))
        drawn = self._history.curves_between(start, end, points)
        marks = self._history.marks_between(start, end, MOST_MARKS)
        for plot in self.plots:
            limits = self._thresholds.lines(plot.measure)
            plot.show_history(self._history, drawn, marks, limits, fits_height=self.is_following)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_palette()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._legends[0], 1)
        top.addWidget(self._span)
        top.addWidget(self._follow)
        row = QGridLayout()
        row.setHorizontalSpacing(10)
        for number, plot in enumerate(self.plots):
            row.addWidget(plot, 0, number)
            row.setColumnStretch(number, 1)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._sentence.setAccessibleName("What was clicked on the plots")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(row, 1)
        layout.addWidget(self._legends[1])
        layout.addWidget(self._sentence)

    def _connect(self) -> None:
        leader = self.plots[0].box
        for plot in self.plots:
            plot.mark_clicked.connect(self._on_mark_clicked)
            plot.moment_clicked.connect(self._on_moment_clicked)
            plot.box.sigRangeChangedManually.connect(self._on_zoomed)
            if plot.box is not leader:
                plot.box.setXLink(leader)
        self._zoom_timer.timeout.connect(self.redraw)
        self._follow.toggled.connect(self._on_follow_toggled)
        self._span.activated.connect(self._on_span_chosen)

    def _apply_palette(self) -> None:
        colours = colours_for(self.palette())
        for plot in self.plots:
            plot.set_colours(colours)
        for legend in self._legends:
            legend.set_colours(colours)
        self.redraw()

    def _time_range(self) -> tuple[float, float]:
        (start, end), _ = self.plots[0].box.viewRange()
        return float(start), float(end)

    def _follow_to(self, now_s: float) -> None:
        span = min(SPANS[self._span.currentText()], max(now_s, SHORTEST_SPAN_S))
        end = max(now_s, SHORTEST_SPAN_S) + RIGHT_MARGIN * span
        self.plots[0].box.setXRange(max(0.0, end - span * (1 + RIGHT_MARGIN)), end)

    @Slot(bool)
    def _on_follow_toggled(self, is_following: bool) -> None:
        if is_following:
            self.redraw()

    @Slot()
    def _on_span_chosen(self) -> None:
        self._follow.setChecked(True)
        self.redraw()

    @Slot()
    def _on_zoomed(self) -> None:
        self._follow.setChecked(False)
        self._zoom_timer.start()

    @Slot(object)
    def _on_mark_clicked(self, mark: EventMark) -> None:
        self._choose(self._history.time_of(mark), describe_mark(self._history, mark))

    @Slot(str, float)
    def _on_moment_clicked(self, measure: str, time_s: float) -> None:
        self._choose(time_s, describe_point(self._history, Measure(measure), time_s))

    def _choose(self, time_s: float, sentence: str) -> None:
        for plot in self.plots:
            plot.show_cursor(time_s)
        sentence = shown_line(sentence)
        self._sentence.setText(sentence)
        self.mark_chosen.emit(sentence)
