"""Diagnostics for somebody who helps: shown whole before they are copied."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.window.announce import announce
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_text

MEANING = (
    "For somebody who helps you. This is all that is copied: no key, no text of a document, and "
    "nothing is sent anywhere."
)
NAMES_MEANING = (
    "Adds paths, addresses and the messages of the log, which may name your folders and files."
)
COPY_WORDS = "Copy diagnostics"
COPIED_SHOWN_MS = 3000


class DiagnosticsPage(QWidget):
    """Shows the text, with or without names, and copies what is shown.

    Args:
        write_diagnostics: Makes the text; True adds paths and names.
        parent: The owning widget.
    """

    def __init__(
        self, write_diagnostics: Callable[[bool], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._write = write_diagnostics
        meaning = QLabel(MEANING)
        meaning.setWordWrap(True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Diagnostics")
        self.names = QCheckBox("&With paths and names")
        self.names.setToolTip(NAMES_MEANING)
        self.names.setAccessibleDescription(NAMES_MEANING)
        self.names.toggled.connect(self.write)
        self.copy = QPushButton(load_icon("copy"), COPY_WORDS)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._on_copy)
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(COPIED_SHOWN_MS)
        self._copied.timeout.connect(self._on_copied_over)
        row = QHBoxLayout()
        row.addWidget(self.names, 1)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 0)
        column.setSpacing(8)
        column.addWidget(meaning)
        column.addWidget(self.text, 1)
        column.addLayout(row)

    @Slot()
    def write(self) -> None:
        """Write the text as things stand now."""
        self.text.setPlainText(shown_text(self._write(self.names.isChecked())))

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")
        announce(self.copy, "Copied")
        self._copied.start()

    @Slot()
    def _on_copied_over(self) -> None:
        self.copy.setText(COPY_WORDS)
