"""The allocation trace in the window: choose a process, record, read which lines hold memory."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.errors import VextError
from vext_desktop.index.report_rows import TRACE_COLUMNS, describe_trace, trace_rows
from vext_desktop.memory.allocation_trace import MOST_FRAMES, AllocationTrace
from vext_desktop.packaged import is_packaged
from vext_desktop.readings import ProcessRole
from vext_desktop.window.icons import load_icon
from vext_desktop.window.in_turns import Steps
from vext_desktop.window.memory_worker import TraceRequest
from vext_desktop.window.sizes import indent_number
from vext_desktop.window.text_table import TextTable

WARNING = (
    "While it records, Python work in that process gets several times slower, and more so the "
    "more frames are kept. At its end the process halts for a moment. Only lines of code are "
    "recorded, nothing of your documents."
)
NO_MEMRAY = "Install memray to see native allocations too."
NO_MEMRAY_INSIDE = (
    "Native allocations are seen where Vext Desktop runs from its source with memray."
)
ROLE_WORDS = {
    ProcessRole.ENGINE: "Engine: the model",
    ProcessRole.WINDOW: "Window: this program, with the index",
    ProcessRole.READER: "Reader: the parsers of documents",
}


class AllocationDialog(QDialog):
    """Asks for a recording and shows what it found; the engine's thread makes it.

    Args:
        has_memray: Whether native allocations can be recorded too.
        parent: The window that it belongs to.
        table: For what was found, as `allocation_dialog` makes it; None to make it here.
    """

    record_requested = Signal(object)  # TraceRequest
    stop_requested = Signal()

    def __init__(
        self, *, has_memray: bool, parent: QWidget | None = None, table: TextTable | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Allocation trace")
        self._has_memray = has_memray
        self._is_recording = False
        self.role = QComboBox()
        self.by_batches = QRadioButton("&batches, of practice text if no run is on")
        self.by_seconds = QRadioButton("s&econds, whatever goes on")
        self.batches, self.seconds, self.frames = QSpinBox(), QSpinBox(), QSpinBox()
        for box in (self.batches, self.seconds, self.frames):
            indent_number(box)
        self.native = QCheckBox("With &native allocations (memray)")
        self.record_button = QPushButton("&Record")
        self.stop_button = QPushButton("S&top")
        self._said = QLabel(WARNING)
        self.table = table or _trace_table()
        self._prepare()
        self._lay_out()
        self._show_recording(is_recording=False)

    @property
    def words(self) -> str:
        """What the dialog says of the recording."""
        return self._said.text()

    @property
    def is_recording(self) -> bool:
        """Whether a recording that was asked for here is on."""
        return self._is_recording

    def show_running(self, roles: Collection[ProcessRole]) -> None:
        """Offer the processes that are running now."""
        chosen = self.role.currentData()
        self.role.clear()
        for role, words in ROLE_WORDS.items():
            if role in roles:
                self.role.addItem(words, role)
        self.role.setCurrentIndex(max(0, self.role.findData(chosen)))

    @Slot(object)
    def show_trace(self, trace: AllocationTrace) -> None:
        """The recording has come to its end."""
        if not self._is_recording:
            return
        self._show_recording(is_recording=False)
        self._said.setText(describe_trace(trace))
        tips = ["\n".join((line.where, *line.callers)) for line in trace.lines]
        self.table.show_rows(trace_rows(trace), tips)

    @Slot(object)
    def show_failure(self, error: VextError) -> None:
        """It could not be made."""
        if self._is_recording:
            self._show_recording(is_recording=False)
            self._said.setText(f"{error.message} {error.hint}".strip())

    def reject(self) -> None:
        """Closing the dialog ends its recording."""
        if self._is_recording:
            self.stop_requested.emit()
        super().reject()

    def _prepare(self) -> None:
        for box, most, usual, name in (
            (self.batches, 10_000, 10, "Number of batches"),
            (self.seconds, 3600, 30, "Number of seconds"),
            (self.frames, MOST_FRAMES, 1, "Frames kept of each allocation"),
        ):
            box.setRange(1, most)
            box.setValue(usual)
            box.setAccessibleName(name)
        self.role.setAccessibleName("Process")
        self.by_batches.setChecked(True)
        self.native.setToolTip("" if self._has_memray else _no_memray())
        self.native.setEnabled(self._has_memray)
        self.record_button.setIcon(load_icon("play"))
        self.stop_button.setIcon(load_icon("stop"))
        self.record_button.clicked.connect(self._on_record)
        self.stop_button.clicked.connect(self.stop_requested)
        self.role.currentIndexChanged.connect(self._on_role_changed)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setWordWrap(True)
        self._said.setAccessibleName("State of the recording")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Process", self.role)
        form.addRow("Record for", _side_by_side(self.batches, self.by_batches))
        form.addRow("", _side_by_side(self.seconds, self.by_seconds))
        form.addRow("&Frames", self.frames)
        form.addRow("", self.native)
        if not self._has_memray:
            form.addRow("", QLabel(_no_memray()))
        buttons = QDialogButtonBox()
        buttons.addButton("&Close", QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.record_button, self.stop_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self._said)
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        self.resize(720, 600)

    def _show_recording(self, *, is_recording: bool) -> None:
        self._is_recording = is_recording
        self.record_button.setEnabled(not is_recording)
        self.stop_button.setEnabled(is_recording)

    @Slot()
    def _on_role_changed(self) -> None:
        # This program itself is recorded with Python's own means only.
        can_be_native = self._has_memray and self.role.currentData() != ProcessRole.WINDOW
        self.native.setEnabled(can_be_native)
        if not can_be_native:
            self.native.setChecked(False)

    @Slot()
    def _on_record(self) -> None:
        is_counted = self.by_batches.isChecked()
        request = TraceRequest(
            ProcessRole(self.role.currentData()),  # Qt keeps the text alone
            self.frames.value(),
            self.native.isChecked(),
            batches=self.batches.value() if is_counted else 0,
            seconds=0.0 if is_counted else float(self.seconds.value()),
        )
        self._show_recording(is_recording=True)
        self._said.setText(f"Recording. {WARNING}")
        self.record_requested.emit(request)


def allocation_dialog(*, has_memray: bool, parent: QWidget) -> Steps[AllocationDialog]:
    """Make the dialog in steps, the last of which leaves only its showing."""
    table = _trace_table()
    yield
    dialog = AllocationDialog(has_memray=has_memray, parent=parent, table=table)
    yield
    dialog.ensurePolished()
    yield
    return dialog


def _no_memray() -> str:
    """What to do to see native allocations too; nothing is added to an installed program."""
    return NO_MEMRAY_INSIDE if is_packaged() else NO_MEMRAY


def _trace_table() -> TextTable:
    return TextTable(TRACE_COLUMNS, "Lines of code that hold memory")


def _side_by_side(box: QSpinBox, button: QRadioButton) -> QHBoxLayout:
    """A number and what it counts, in one row."""
    row = QHBoxLayout()
    row.addWidget(box)
    row.addWidget(button, 1)
    return row
