"""What the index takes on the disk, by part, and the verb that gives back what is not needed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from vext_desktop.errors import VextError
from vext_desktop.readings import format_bytes
from vext_desktop.window.engine_thread import EngineThread
from vext_desktop.window.text_table import TextTable
from vext_desktop.window.window_actions import WindowActions

if TYPE_CHECKING:
    from vext_desktop.index.answers import IndexStatus
    from vext_desktop.index.disk_use import DiskPart, DiskUse, TidyReceipt

_SIZE = (520, 440)


class DiskDialog(QDialog):
    """Shows the parts, and says before the click what it gives back.

    Args:
        parent: The window that it belongs to.
    """

    tidy_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Disk use")
        self.resize(*_SIZE)
        self.table = TextTable(("Part", "On disk", "Not needed"), "Disk use by part", self)
        self.words = QLabel("Looking...")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.tidy_button = QPushButton("&Tidy now")
        self.tidy_button.setEnabled(False)
        self.tidy_button.clicked.connect(self._on_clicked)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.tidy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (self.table, self.words, buttons):
            layout.addWidget(part)

    def show_use(self, use: "DiskUse") -> None:
        """Show what is there, and what tidying up would give back."""
        self._show_parts(use)
        self.words.setText(use.promise)
        self.tidy_button.setEnabled(True)

    def show_receipt(self, receipt: "TidyReceipt") -> None:
        """Show what tidying up gave back."""
        self._show_parts(receipt.after)
        self.words.setText(receipt.sentence)
        self.tidy_button.setEnabled(True)

    def show_failure(self, error: VextError) -> None:
        """Say why it could not be done."""
        self.words.setText(f"{error.message} {error.hint}".strip())
        self.tidy_button.setEnabled(True)

    def _show_parts(self, use: "DiskUse") -> None:
        rows = [
            (part.words.capitalize(), format_bytes(part.size_bytes), _or_nothing(part))
            for part in use.parts
            if part.size_bytes
        ]
        total = format_bytes(use.size_bytes), format_bytes(use.reclaimable_bytes)
        self.table.show_rows([*rows, ("All together", *total)])

    @Slot()
    def _on_clicked(self) -> None:
        self.tidy_button.setEnabled(False)
        self.words.setText("Tidying up. Searches go on meanwhile.")
        self.tidy_requested.emit()


def _or_nothing(part: "DiskPart") -> str:
    return format_bytes(part.reclaimable_bytes) if part.reclaimable_bytes else ""


class DiskFlow(QObject):
    """Opens the dialog, and carries words between it and the engine.

    Args:
        menus: Has the verb.
        engine_thread: Tells the disk use with every status, and tidies up.
        window: The owner.
    """

    _status_wanted = Signal()
    _tidy_wanted = Signal()

    def __init__(self, menus: WindowActions, engine_thread: EngineThread, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._is_asked = self._is_tidying = False
        self.dialog: DiskDialog | None = None
        worker = engine_thread.worker
        menus.show_disk.triggered.connect(self.show)
        self._status_wanted.connect(worker.refresh_status)
        self._tidy_wanted.connect(worker.tidy_up)
        worker.status_refreshed.connect(self._on_status_refreshed)
        worker.disk_tidied.connect(self._on_tidied)
        worker.failed.connect(self._on_failed)

    @Slot()
    def show(self) -> None:
        """Open the dialog, and look."""
        if self.dialog is None:
            self.dialog = DiskDialog(self._window)
            self.dialog.tidy_requested.connect(self._on_tidy_requested)
        self.dialog.show()
        self.dialog.activateWindow()
        self._is_asked = True
        self._status_wanted.emit()

    @Slot()
    def _on_tidy_requested(self) -> None:
        self._is_tidying = True
        self._tidy_wanted.emit()

    @Slot(object)
    def _on_status_refreshed(self, status: "IndexStatus") -> None:
        if self.dialog is not None and self._is_asked and not self._is_tidying:
            self._is_asked = False
            self.dialog.show_use(status.disk)

    @Slot(object)
    def _on_tidied(self, receipt: "TidyReceipt") -> None:
        self._is_tidying = False
        if self.dialog is not None:
            self.dialog.show_receipt(receipt)

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        if self.dialog is not None and self._is_tidying:
            self._is_tidying = False
            self.dialog.show_failure(error)
