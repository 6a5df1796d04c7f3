"""The dialog that shows the report of a bug."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.window.icons import load_icon

HAPPENED_NOW = (
    "Something went wrong inside Vext Desktop. Your documents are not touched, and what was "
    "indexed is safe. You can go on; if the program behaves oddly, start it again."
)
HAPPENED_LAST_TIME = (
    "Vext Desktop did not end properly last time. Your documents are not touched; indexing goes "
    "on where it was. This is what it wrote down:"
)


class CrashDialog(QDialog):
    """Says that there was a bug, and gives its report for copying.

    Args:
        words: What it means for the user.
        report: The report; more can be added while the dialog is open.
        parent: The window that it belongs to.
    """

    seen = Signal()
    """The dialog has been closed: the report need not be offered again."""

    def __init__(self, words: str, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Vext Desktop: a mistake in the program")
        icon = QLabel()
        icon.setPixmap(load_icon("failure").pixmap(QSize(36, 36)))
        what = QLabel(words)
        what.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(icon)
        head.addWidget(what, 1)
        self._report = QPlainTextEdit(report)
        self._report.setReadOnly(True)
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._report.setAccessibleName("Report")
        buttons = QDialogButtonBox()
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        self.copy_button = QPushButton("Copy report")
        self.copy_button.setIcon(load_icon("copy"))
        self.copy_button.clicked.connect(self._on_copy)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._report, 1)
        column.addWidget(buttons)
        self.resize(720, 420)

    def add_report(self, report: str) -> None:
        """Another bug while the dialog is open: one dialog, all reports."""
        self._report.appendPlainText("\n" + report)

    def reject(self) -> None:
        """Escape closes it like its button."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that the report was seen."""
        self.seen.emit()
        super().closeEvent(event)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())
        self.copy_button.setText("Copied")
