"""A dialog about the data folder: what would be done, how far it is, and what came of it."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.errors import CancelledError, VextError
from vext_desktop.window.plain_text import shown_text
from vext_desktop.window.step_job import StepJob

POLL_MS = 100
_BAR_STEPS = 1000


class FolderDialog(QDialog):
    """Says what is to be done, does nothing before the user agrees, and shows how it goes.

    Args:
        title: Of the dialog.
        words: What it is about.
        verb: On the button that begins; none if "".
        parent: The window that it belongs to.
    """

    confirmed = Signal()
    reopening_wanted = Signal()
    """The work has ended, and the window is to be opened anew."""

    def __init__(self, title: str, words: str, verb: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._job: StepJob | None = None
        self._reopens = False
        self.words = _label(words)
        self.state = _label("")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.hide()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.words)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.close_button = self._buttons.button(QDialogButtonBox.StandardButton.Close)
        self.begin_button = QPushButton(verb)
        self._buttons.addButton(self.begin_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.begin_button.setVisible(bool(verb))
        self.begin_button.clicked.connect(self.confirmed)
        self._buttons.rejected.connect(self.reject)
        self.column = QVBoxLayout(self)
        for widget in (area, self.bar, self.state, self._buttons):
            self.column.addWidget(widget)
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._on_polled)
        self.resize(620, 340)

    @property
    def is_working(self) -> bool:
        """Whether the work is being done just now."""
        return self._poll.isActive()

    def begin(self, *, can_give_up: bool) -> None:
        """Show that the work has begun, also before there is a job for it."""
        self.begin_button.hide()
        self.close_button.setText("Give up" if can_give_up else "Close")
        self.close_button.setEnabled(can_give_up)
        self.bar.show()
        self._poll.start()

    def follow(self, job: StepJob, *, reopens: bool) -> None:
        """Show how a job goes.

        Args:
            job: It is started by the caller.
            reopens: Whether the window must be opened anew when it has ended, however it did.
        """
        self._job, self._reopens = job, reopens
        job.failed.connect(self._on_failed)

    def show_result(self, sentence: str) -> None:
        """The work is done."""
        self._end(sentence)

    def reject(self) -> None:
        """Close, unless work that cannot be given up is being done."""
        if self.is_working:
            if self.close_button.isEnabled() and self._job is not None:
                self._job.give_up()
            return
        super().reject()
        if self._reopens:
            self.reopening_wanted.emit()

    def _end(self, sentence: str) -> None:
        self._poll.stop()
        self._job = None
        self.bar.hide()
        self.state.setText(shown_text(sentence))
        self.close_button.setEnabled(True)
        self.close_button.setText("Open the index again" if self._reopens else "Close")
        self.close_button.setDefault(True)
        self.close_button.setFocus()  # the button that had it is hidden since the work began

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        words = "Given up." if isinstance(error, CancelledError) else error.message
        self._end(f"{words} {error.hint}".strip())

    @Slot()
    def _on_polled(self) -> None:
        step = self._job.latest if self._job is not None else None
        sentence = getattr(step, "sentence", "")
        if sentence:
            self.state.setText(shown_text(f"{sentence}..."))
        done = getattr(step, "done_bytes", getattr(step, "done", 0))
        total = getattr(step, "total_bytes", getattr(step, "total", 0))
        self.bar.setRange(0, _BAR_STEPS if total else 0)
        self.bar.setValue(_BAR_STEPS * done // total if total else 0)


def _label(text: str) -> QLabel:
    label = QLabel(shown_text(text))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
