"""The memory strip: one line in plain words, and the buttons that give memory back."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from vext_desktop.events import MemoryJudged
from vext_desktop.readings import Band, CleanupReceipt, ProgramReading, format_bytes
from vext_desktop.window.cleanup_promise import (
    say_free_button,
    say_free_promise,
    say_reload_promise,
)
from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_tooltip

RECEIPT_SHOWN_MS = 10_000
BAR_STEPS = 1000
LEAST_CHANGE_BYTES = 1_000_000
VERDICTS = {
    "steady": "steady",
    "growing": "growing",
    "unknown": "trend not yet known",
}
OWNERS = {
    Band.PYTHON_OBJECTS: "Python objects",
    Band.NATIVE_IN_USE: "native heap in use",
    Band.LARGE_BLOCKS: "large native blocks",
    Band.ARROW_LANCE: "Arrow and LanceDB",
}
VERDICT_HELP = "Whether memory grows without end is judged while documents are being indexed."


class MemoryStrip(QWidget):
    """What all our processes hold, and what can be done about it."""

    free_memory_requested = Signal()
    reload_model_requested = Signal()
    details_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = ""
        self._reading: ProgramReading | None = None
        self._budget_bytes = 0
        self._told_bytes = 0
        self._fresh_bytes: int | None = None
        self._isolation = "process"
        self._words = QLabel("Memory is being measured.")
        self._words.setAccessibleName("Memory in use")
        self._bar = QProgressBar()
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(120, 10)
        self._bar.setAccessibleName("Memory in use, as a share of the budget")
        self._receipt = ElidedLabel(is_sentence=True)
        self._receipt.setAccessibleName("What the last cleanup gave back")
        self._free = QPushButton("F&ree memory")
        self._reload = QPushButton("Re&load model")
        self._details = QToolButton()
        self._receipt_timer = QTimer(self)
        self._receipt_timer.setSingleShot(True)
        self._receipt_timer.setInterval(RECEIPT_SHOWN_MS)
        self._receipt_timer.timeout.connect(self._receipt.clear)
        self._prepare_buttons()
        self._lay_out()

    @property
    def words(self) -> str:
        """The line in plain words."""
        return self._words.text()

    @property
    def receipt_words(self) -> str:
        """The receipt that is shown now; empty when its time is over."""
        return self._receipt.text()

    def show_reading(self, reading: ProgramReading, budget_bytes: int) -> None:
        """Show what is held now, and of how much."""
        self._reading = reading
        self._budget_bytes = budget_bytes
        self._refresh()
        if reading.held_bytes is not None:
            self._show_promise(reading.held_bytes)
        self._show_reload_promise(reading)

    def set_isolation(self, isolation: str) -> None:
        """Where the engine runs, as in the settings: it decides what a reload can give back."""
        self._isolation = isolation

    def set_fresh(self, fresh_bytes: int) -> None:
        """What a fresh engine holds, which the next one will take again."""
        self._fresh_bytes = fresh_bytes

    def show_verdict(self, judged: MemoryJudged | None) -> None:
        """Show how memory develops, and why in the tool tip; nothing before a run."""
        self._verdict = _say_verdict(judged) if judged is not None else ""
        why = judged.message if judged is not None else VERDICT_HELP
        self._words.setToolTip(shown_tooltip(why))
        self._words.setAccessibleDescription(why)
        self._refresh()

    def show_receipt(self, receipt: CleanupReceipt) -> None:
        """Say for ten seconds what a cleanup gave back; it stays in the tool tip."""
        self._receipt.show_line(receipt.sentence)
        self._receipt_timer.start()
        self.setToolTip(f"Last: {receipt.sentence}")
        if receipt.after.held_bytes is not None:
            self._show_promise(receipt.after.held_bytes)

    def set_busy(self, is_busy: bool) -> None:
        """While a cleanup or a reload is under way, no other can be asked for."""
        self._free.setEnabled(not is_busy)
        self._reload.setEnabled(not is_busy)
        if is_busy:
            self._receipt_timer.stop()
            self._receipt.show_line("Working, after the batch in hand\N{HORIZONTAL ELLIPSIS}")
        elif not self._receipt_timer.isActive():
            self._receipt.clear()

    def set_details_shown(self, is_shown: bool) -> None:
        """Make the button agree with a panel that was opened or closed elsewhere."""
        self._details.setChecked(is_shown)

    def _prepare_buttons(self) -> None:
        self._free.setIcon(load_icon("free-memory"))
        self._free.setAccessibleName("Free memory")
        self._free.setToolTip("Give back what is held although nothing uses it.")
        self._free.clicked.connect(self._on_free_clicked)
        self._reload.setIcon(load_icon("reload"))
        self._reload.setAccessibleName("Reload model")
        self._reload.setToolTip("End the engine process and load the model anew.")
        self._reload.clicked.connect(self._on_reload_clicked)
        self._details.setText("&Details")
        self._details.setAccessibleName("Memory details")
        self._details.setToolTip("Show or hide the plots of RSS, heap and native buffers.")
        self._details.setCheckable(True)
        self._details.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._details.setArrowType(Qt.ArrowType.DownArrow)
        self._details.toggled.connect(self._on_details_toggled)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self._words)
        layout.addWidget(self._bar)
        layout.addWidget(self._receipt, 1)
        layout.addWidget(self._free)
        layout.addWidget(self._reload)
        layout.addWidget(self._details)

    def _refresh(self) -> None:
        if self._reading is None:
            return
        held, budget = self._reading.rss_bytes, self._budget_bytes
        words = f"Memory {format_bytes(held)} of {format_bytes(budget)}"
        if held > budget:
            words += ", over the budget"
        if self._verdict:
            words += f", {self._verdict}"
        # Painting text costs more than comparing it, and a screen reader hears every change.
        if words != self._words.text():
            self._words.setText(words)
            self._bar.setAccessibleDescription(words)
        self._bar.setValue(min(BAR_STEPS, held * BAR_STEPS // budget) if budget else BAR_STEPS)

    def _show_promise(self, held_bytes: int) -> None:
        promise = say_free_promise(held_bytes)
        self._free.setToolTip(promise)
        self._free.setAccessibleDescription(promise)
        # The button keeps its width unless the figure moves by more than anybody would care for.
        if abs(held_bytes - self._told_bytes) > max(LEAST_CHANGE_BYTES, self._told_bytes // 20):
            self._told_bytes = held_bytes
            self._free.setText(say_free_button(held_bytes))

    def _show_reload_promise(self, reading: ProgramReading) -> None:
        promise = say_reload_promise(reading, self._fresh_bytes, self._isolation)
        if promise != self._reload.toolTip():
            self._reload.setToolTip(promise)
            self._reload.setAccessibleDescription(promise)

    @Slot()
    def _on_free_clicked(self) -> None:
        self.free_memory_requested.emit()

    @Slot()
    def _on_reload_clicked(self) -> None:
        self.reload_model_requested.emit()

    @Slot(bool)
    def _on_details_toggled(self, is_shown: bool) -> None:
        self._details.setArrowType(Qt.ArrowType.UpArrow if is_shown else Qt.ArrowType.DownArrow)
        self.details_toggled.emit(is_shown)


def _say_verdict(judged: MemoryJudged) -> str:
    words = VERDICTS.get(judged.verdict, judged.verdict)
    if judged.role is None or judged.owner is None:
        return words
    words = f"{words}: {judged.role}, {OWNERS.get(judged.owner, judged.owner.label)}"
    if judged.since_batch is not None:
        words += f", since batch {judged.since_batch}"
    return words
