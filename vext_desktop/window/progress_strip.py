"""The progress strip: what the engine is doing, how long it will take, Pause and Stop."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.events import IndexEvent
from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.icons import load_icon
from vext_desktop.window.run_progress import ProgressView, RunProgress
from vext_desktop.window.run_sentences import say_next

# However many events come, the strip is drawn at most ten times a second.
REDRAW_MS = 100
BAR_STEPS = 1000


class ProgressStrip(QFrame):
    """Shows a `RunProgress` and asks for pause, resume and stop.

    Args:
        progress: Where the program is in its work.
        parent: The owner.
    """

    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()

    def __init__(self, progress: RunProgress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._is_shut = False
        self._progress = progress
        self.can_go_on = False
        self._next = ""
        self._title = ElidedLabel()
        self._title.setObjectName("strong")
        self._counts = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of indexing")
        self._rate = _quiet_label()
        self._left = QLabel()
        self._detail = ElidedLabel(is_muted=True)
        self._aside = _quiet_label()
        self._pause = QPushButton("Pause")
        self._pause.clicked.connect(self._on_pause_clicked)
        self._stop = QPushButton("Stop")
        self._stop.setIcon(load_icon("stop"))
        self._stop.setToolTip("Stop indexing; what is done stays, the rest keeps waiting")
        self._stop.clicked.connect(self.stop_requested)
        for button in (self._pause, self._stop):
            button.setIconSize(QSize(16, 16))
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self.show_now)
        self._arrange()
        self.show_now()

    def show_event(self, event: IndexEvent) -> None:
        """Take one event of the engine into account; drawn soon, together with others."""
        self._progress.note(event)
        self._show_soon()

    def show_status(self, *, indexed_files: int, waiting_files: int, can_go_on: bool) -> None:
        """How many files the index holds, how many wait, and whether a run could be resumed."""
        self._is_shut = False
        self._progress.note_status(indexed_files, waiting_files)
        self.can_go_on = can_go_on
        self.show_now()

    def show_shut(self) -> None:
        """The index could not be opened, as a banner says."""
        self._is_shut = True
        self.show_now()

    def show_paused(self, *, is_paused: bool) -> None:
        """The run stands still, or moves again; said at once."""
        self._progress.note_pause(is_paused=is_paused)
        self.show_now()

    def show_stopping(self) -> None:
        """The user has asked to stop; said at once."""
        self._progress.is_stopping = self._progress.is_running
        self.show_now()

    def show_queue(self, waiting: Sequence[Sequence[str]]) -> None:
        """What comes after the run in hand; said at once, so that nobody adds it again.

        Args:
            waiting: The paths of each request that waits; none of them means everything again.
        """
        self._next = say_next(waiting)
        self.show_now()

    def show_model_ready(self) -> None:
        """The model is loaded, or cannot be."""
        self._progress.note_model_ready()
        self.show_now()

    def show_run_ended(self) -> None:
        """The run is over."""
        self._progress.note_run_ended()
        self.show_now()

    def show_now(self) -> None:
        """Draw what is known."""
        self._redraw.stop()
        view = ProgressView("The index is not open") if self._is_shut else self._progress.view()
        self._title.show_line(view.title)
        self._counts.setText(view.counts)
        self._rate.setText(view.rate)
        self._left.setText(view.left)
        self._detail.show_line(view.detail)
        is_next_told = self._next and view.is_running
        self._aside.setText(f"{self._next} {view.aside}" if is_next_told else view.aside)
        for label in (self._counts, self._rate, self._left):
            label.setVisible(bool(label.text()))
        self._detail_row.setVisible(bool(view.detail or self._aside.text()))
        self._show_bar(view)
        self._show_buttons(view)

    def _show_soon(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()

    def _show_bar(self, view: ProgressView) -> None:
        self._bar.setVisible(view.has_bar)
        # A range of 0 to 0 moves by itself: busy, no end known. It stands still in a pause.
        is_known = view.share is not None or self._progress.is_paused
        self._bar.setRange(0, BAR_STEPS if is_known else 0)
        if view.share is not None:
            self._bar.setValue(round(view.share * BAR_STEPS))

    def _show_buttons(self, view: ProgressView) -> None:
        is_held = self._progress.is_paused or not view.is_running
        self._pause.setText("Resume" if is_held else "Pause")
        self._pause.setIcon(load_icon("play" if is_held else "pause"))
        self._pause.setVisible(view.is_running or self.can_go_on)
        self._pause.setEnabled(not self._progress.is_stopping)
        self._pause.setToolTip(
            "Go on with indexing" if is_held else "Let indexing rest, also until the next start"
        )
        self._stop.setVisible(view.is_running)
        self._stop.setEnabled(not self._progress.is_stopping)

    def _on_pause_clicked(self) -> None:
        if self._progress.is_running and not self._progress.is_paused:
            self.pause_requested.emit()
        else:
            self.resume_requested.emit()

    def _arrange(self) -> None:
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bar.setMinimumWidth(120)
        first = QHBoxLayout()
        first.setSpacing(14)
        first.addWidget(self._title, 2)
        first.addWidget(self._counts)
        first.addWidget(self._bar, 3)
        first.addWidget(self._rate)
        first.addWidget(self._left)
        first.addWidget(self._pause)
        first.addWidget(self._stop)
        self._detail_row = QWidget()
        second = QHBoxLayout(self._detail_row)
        second.setContentsMargins(0, 0, 0, 0)
        second.addWidget(self._detail, 1)
        second.addWidget(self._aside)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 12, 8)
        rows.setSpacing(2)
        rows.addLayout(first)
        rows.addWidget(self._detail_row)


def _quiet_label() -> QLabel:
    label = QLabel()
    label.setObjectName("quiet")
    return label
