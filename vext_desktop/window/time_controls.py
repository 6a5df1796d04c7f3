"""Which stretch of time the plots show: span, follow, and every way to move them."""

import math

import pyqtgraph
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QWidget

from vext_desktop.window.range_link import RangeLink

SPANS = {
    "Last minute": 60.0,
    "Last 5 minutes": 300.0,
    "Last 30 minutes": 1800.0,
    "Last 3 hours": 10800.0,
    "Everything": math.inf,
}
FIRST_SPAN = "Last 5 minutes"
ALL_OF_IT = "Everything"
# What is in view at first, before there is more to see.
SHORTEST_SPAN_S = 30.0
# Room at the right of the newest sample, as a share of the span.
RIGHT_MARGIN = 0.02
ZOOM_REDRAW_MS = 30
# It stands in the corner of a row of tabs, which are lower than buttons usually are.
LOW_BUTTON = "QPushButton { padding: 2px 10px; min-height: 16px; }"


class TimeControls(QWidget):
    """A choice of span, the "follow" switch and a button; moves all plots added to it alike.

    Args:
        is_live: Whether there will be newer samples that can be followed.
    """

    redraw_needed = Signal()
    peak_requested = Signal()

    def __init__(self, *, is_live: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_live = is_live
        self._boxes: list[pyqtgraph.ViewBox] = []
        self._twin: TimeControls | None = None
        self._newest_s = 0.0
        self._link = RangeLink(Qt.Orientation.Horizontal, self)
        self._follow = QCheckBox("Follo&w")
        self._follow.setChecked(True)
        self._follow.setToolTip("Keep the newest samples in view. Zooming or moving ends it.")
        self._span = QComboBox()
        self._span.addItems(list(SPANS))
        self._span.setCurrentText(FIRST_SPAN if is_live else ALL_OF_IT)
        self._span.setAccessibleName("Time shown on the plots")
        self._peak = QPushButton("Pea&k")
        self._peak.setToolTip(
            "Find the highest memory in view, with its batch and file. On a plot: the key P."
        )
        self._peak.setAccessibleName("Find the peak")
        self._peak.setStyleSheet(LOW_BUTTON)
        # One redraw for many range signals of one mouse movement.
        self._zoom_timer = QTimer(self)
        self._zoom_timer.setSingleShot(True)
        self._zoom_timer.setInterval(ZOOM_REDRAW_MS)
        self._zoom_timer.timeout.connect(self.redraw_needed)
        self._follow.toggled.connect(self._on_follow_toggled)
        self._span.activated.connect(self._on_span_chosen)
        self._peak.clicked.connect(self.peak_requested)
        self._lay_out()

    @property
    def is_following(self) -> bool:
        """Whether the newest samples, or all of a history that is complete, are in view."""
        return self._follow.isChecked()

    @property
    def time_range(self) -> tuple[float, float]:
        """The moments at the left and the right edge, in seconds since the origin."""
        (start, end), _ = self._boxes[0].viewRange()
        return float(start), float(end)

    def add(self, box: pyqtgraph.ViewBox) -> None:
        """Move one more plot along with the others."""
        self._boxes.append(box)
        self._link.add(box)
        box.sigRangeChangedManually.connect(self._on_moved)

    def link_to(self, other: "TimeControls") -> None:
        """Show the same stretch of time as other plots from now on, and move with them."""
        self._twin, other._twin = other, self
        self._link.add(other._boxes[0])
        other._link.add(self._boxes[0])

    def changeEvent(self, event: QEvent) -> None:
        """Keep the frame of the check box visible in a dark window too.

        The style draws it darker than the window, whatever the window's colour.
        """
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            palette = self._follow.palette()
            palette.setColor(QPalette.ColorRole.Window, self.palette().placeholderText().color())
            self._follow.setPalette(palette)

    def set_following(self, is_following: bool) -> None:
        """Keep the newest samples in view, or leave the view to the user."""
        self._follow.setChecked(is_following)

    def choose_span(self, name: str) -> None:
        """Choose one of `SPANS` as if the user had done it."""
        self._span.setCurrentText(name)
        self._on_span_chosen()

    def follow_to(self, newest_s: float) -> None:
        """Put the newest sample at the right edge, with the chosen span before it."""
        self._newest_s = newest_s
        if self._twin is not None:
            newest_s = max(newest_s, self._twin._newest_s)
        span = min(SPANS[self._span.currentText()], max(newest_s, SHORTEST_SPAN_S))
        end = max(newest_s, SHORTEST_SPAN_S) + RIGHT_MARGIN * span
        self._show(end - span * (1 + RIGHT_MARGIN), end)

    def bring_into_view(self, time_s: float) -> None:
        """Move as far as a moment needs to be seen; ends following if it must move."""
        start, end = self.time_range
        if not start <= time_s <= end:
            self.move_to(time_s - (end - start) / 2, time_s + (end - start) / 2)

    def pan(self, share: float) -> None:
        """Move by a share of what is in view; below 0 into the past."""
        start, end = self.time_range
        self.move_to(start + share * (end - start), end + share * (end - start))

    def zoom(self, factor: float, centre_s: float | None) -> None:
        """Show `factor` times as much time, around a moment or the middle."""
        start, end = self.time_range
        if centre_s is None or not start <= centre_s <= end:
            centre_s = (start + end) / 2
        self.move_to(centre_s - (centre_s - start) * factor, centre_s + (end - centre_s) * factor)

    def move_to(self, start_s: float, end_s: float) -> None:
        """Show this stretch of time, as the user wants it; nothing is before the origin."""
        self._show(max(0.0, start_s), max(0.0, start_s) + end_s - start_s)
        self._on_moved()

    def _show(self, start_s: float, end_s: float) -> None:
        self._boxes[0].setXRange(max(0.0, start_s), end_s, padding=0)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._peak)
        row.addWidget(self._span)
        row.addWidget(self._follow)
        self._follow.setVisible(self._is_live)

    @Slot(bool)
    def _on_follow_toggled(self, is_following: bool) -> None:
        if is_following:
            self.redraw_needed.emit()

    @Slot()
    def _on_span_chosen(self) -> None:
        for controls in self._both():
            controls._span.setCurrentText(self._span.currentText())
            controls._follow.setChecked(True)
            controls.redraw_needed.emit()

    @Slot()
    def _on_moved(self) -> None:
        for controls in self._both():
            controls._follow.setChecked(False)
            controls._zoom_timer.start()

    def _both(self) -> "list[TimeControls]":
        return [self] if self._twin is None else [self, self._twin]
