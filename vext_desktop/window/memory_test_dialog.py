"""The memory test in the window: start it, watch the curves meanwhile, read its report."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.events import BatchFinished, ChildStarting, IndexEvent
from vext_desktop.index.report_rows import (
    LEVEL_COLUMNS,
    SLOPE_COLUMNS,
    band_rows,
    level_rows,
    slope_rows,
)
from vext_desktop.readings import format_seconds
from vext_desktop.window.icons import load_icon
from vext_desktop.window.in_turns import Steps, at_once
from vext_desktop.window.sizes import indent_number
from vext_desktop.window.text_table import TextTable

# Enough for a verdict: see `vext_desktop.memory.growth`.
USUAL_BATCHES, MOST_BATCHES = 120, 100_000
WHAT_IT_IS = (
    "Practice text is embedded batch by batch, as in indexing, but nothing is stored. Then memory "
    "is freed, and the levels before, after and after the clean-up are compared. The curves in the "
    "details go on meanwhile, and you can search."
)
ISOLATIONS = {"process": "in a process of its own", "thread": "inside this program"}


class MemoryTestDialog(QDialog):
    """Asks for a test and shows its report; the engine's thread runs it.

    Args:
        engine: Name of the engine that is tested.
        isolation: "process" or "thread".
        parent: The window that it belongs to.
        tables: For its report, as `memory_test_dialog` makes them; None to make them here.
    """

    start_requested = Signal(int)  # batches
    stop_requested = Signal()
    export_requested = Signal(object)  # the report, a dict

    def __init__(
        self,
        engine: str,
        isolation: str,
        parent: QWidget | None = None,
        tables: Sequence[TextTable] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Memory test")
        self._engine, self._isolation = engine, isolation
        self._report: dict[str, Any] | None = None
        self._is_running = False
        self.batches = QSpinBox()
        self.batches.setRange(1, MOST_BATCHES)
        self.batches.setValue(USUAL_BATCHES)
        self.batches.setGroupSeparatorShown(True)
        indent_number(self.batches)
        self.batches.setAccessibleName("Number of batches")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setValue(0)
        self._progress.setAccessibleName("Progress of the test")
        self._said = QLabel()
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setWordWrap(True)
        self._said.setAccessibleName("State of the test")
        self.levels, self.owners, self.slopes = tables or at_once(_report_tables())
        self.start_button = QPushButton("&Start")
        self.stop_button = QPushButton("S&top")
        self.export_button = QPushButton("&Export...")
        self._prepare_buttons()
        self._lay_out()
        self._show_running(is_running=False)

    @property
    def words(self) -> str:
        """What the dialog says of the test: its state, then its verdict."""
        return self._said.text()

    @property
    def is_running(self) -> bool:
        """Whether a test that was started here is on."""
        return self._is_running

    @Slot(object)
    def show_event(self, event: IndexEvent) -> None:
        """A step of the test."""
        if not self._is_running:
            return
        if isinstance(event, ChildStarting):
            self._said.setText(f"The model is loading ({format_seconds(event.seconds)}).")
        elif isinstance(event, BatchFinished):
            self._progress.setValue(event.number)
            left = event.progress.seconds_left
            about = f", about {format_seconds(left)} left" if left else ""
            self._said.setText(f"Batch {event.number} of {self._progress.maximum()}{about}.")

    @Slot(object)
    def show_report(self, report: Mapping[str, Any] | None) -> None:
        """The test is over; None when it could not come to its end."""
        if not self._is_running:
            return
        self._show_running(is_running=False)
        if report is None:
            self._said.setText("The test did not come to its end; the window says why.")
            return
        self._report = dict(report)
        self.levels.show_rows(level_rows(report))
        self.owners.show_rows(band_rows(report))
        self.slopes.show_rows(slope_rows(report))
        self.export_button.setEnabled(True)
        cost = report.get("milliseconds_per_batch")
        parts = [
            str((report.get("verdict") or {}).get("message", "")),
            *(str(receipt["sentence"]) for receipt in report.get("receipts", ())[-1:]),
            f"{report.get('batches')} batches, {cost:.0f} ms each." if cost else "",
        ]
        self._said.setText("\n".join(part for part in parts if part))

    @Slot(str)
    def refuse(self, reason: str) -> None:
        """It cannot be started now."""
        if self._is_running:
            self._show_running(is_running=False)
            self._said.setText(reason)

    def reject(self) -> None:
        """Closing the dialog ends the test that it shows."""
        if self._is_running:
            self.stop_requested.emit()
        super().reject()

    def _prepare_buttons(self) -> None:
        self.start_button.setIcon(load_icon("play"))
        self.stop_button.setIcon(load_icon("stop"))
        self.start_button.clicked.connect(self._on_start)
        self.stop_button.clicked.connect(self._on_stop)
        self.export_button.clicked.connect(self._on_export)
        self.export_button.setEnabled(False)

    def _lay_out(self) -> None:
        what = QLabel(WHAT_IT_IS)
        what.setWordWrap(True)
        form = QFormLayout()
        tested = QLabel(f"{self._engine}, {ISOLATIONS.get(self._isolation, self._isolation)}")
        tested.setAccessibleName("Engine")
        form.addRow("Engine", tested)
        form.addRow("Number of &batches", self.batches)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(what)
        column.addLayout(form)
        column.addWidget(self._progress)
        column.addWidget(self._said)
        # In its place before it is filled: a table is styled anew whenever it changes hands.
        tables = QTabWidget()
        tables.setAccessibleName("Report")
        column.addWidget(tables, 1)
        for table, title in (
            (self.levels, "&Levels"),
            (self.owners, "&Owners"),
            (self.slopes, "Slo&pes"),
        ):
            tables.addTab(table, title)
        buttons = QDialogButtonBox()
        buttons.addButton("&Close", QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.start_button, self.stop_button, self.export_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.resize(720, 620)

    def _show_running(self, *, is_running: bool) -> None:
        self._is_running = is_running
        self.start_button.setEnabled(not is_running)
        self.stop_button.setEnabled(is_running)
        self.batches.setEnabled(not is_running)

    @Slot()
    def _on_start(self) -> None:
        self._show_running(is_running=True)
        self._progress.setRange(0, self.batches.value())
        self._progress.setValue(0)
        self._said.setText("The test begins.")
        self.start_requested.emit(self.batches.value())

    @Slot()
    def _on_stop(self) -> None:
        self.stop_button.setEnabled(False)
        self._said.setText("Stopping after the batch in hand\N{HORIZONTAL ELLIPSIS}")
        self.stop_requested.emit()

    @Slot()
    def _on_export(self) -> None:
        self.export_requested.emit(self._report)


def memory_test_dialog(engine: str, isolation: str, parent: QWidget) -> Steps[MemoryTestDialog]:
    """Make the dialog in steps, the last of which leaves only its showing.

    The arguments are those of `MemoryTestDialog`.
    """
    tables = yield from _report_tables()
    dialog = MemoryTestDialog(engine, isolation, parent, tables)
    yield
    dialog.ensurePolished()
    yield
    return dialog


def _report_tables() -> Steps[list[TextTable]]:
    tables = []
    for columns, name in (
        (LEVEL_COLUMNS, "Levels of memory"),
        (LEVEL_COLUMNS, "Owners of memory"),
        (SLOPE_COLUMNS, "Slopes"),
    ):
        tables.append(TextTable(columns, name))
        yield
    return tables
