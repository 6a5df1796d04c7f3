"""Asking before text leaves this computer, and showing to which services it may go."""

import datetime as dt

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.embedding.service_consent import Consent, Consents
from vext_desktop.errors import VextError
from vext_desktop.events.services import SendingAsked
from vext_desktop.window.plain_text import shown_line, shown_text


class SendingDialog(QMessageBox):
    """Puts the question with its figures; the answer without a choice is no.

    Args:
        asked: What would be sent, and where.
        parent: The window that it belongs to.
    """

    confirmed = Signal()
    declined = Signal()

    def __init__(self, asked: SendingAsked, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Send your text?")
        self.setIcon(QMessageBox.Icon.Warning)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(f"Send text to {shown_line(asked.host)}?")
        self.setInformativeText(
            f"{shown_text(asked.message)}\n\nNothing has been sent yet. Your answer is kept until "
            "you take it back (menu Index, Where your text may go)."
        )
        self.send_button = self.addButton("Send text", QMessageBox.ButtonRole.AcceptRole)
        self.keep_button = self.addButton("Do not send", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.keep_button)
        self.setEscapeButton(self.keep_button)
        self.finished.connect(self._on_finished)

    @Slot()
    def _on_finished(self) -> None:
        is_yes = self.clickedButton() is self.send_button
        (self.confirmed if is_yes else self.declined).emit()
        self.deleteLater()


class ConsentsDialog(QDialog):
    """Lists the services that text may go to, and takes that back.

    Args:
        consents: What was agreed to.
        parent: The window that it belongs to.
    """

    def __init__(self, consents: Consents, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Where your text may go")
        self._consents = consents
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.list = QListWidget()
        self.list.currentRowChanged.connect(self._on_row_changed)
        self.take_back_button = QPushButton("Take back")
        self.take_back_button.setAutoDefault(False)  # Enter closes
        self.take_back_button.clicked.connect(self._on_take_back)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.take_back_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        self.resize(560, 300)
        self._fill()

    def _fill(self) -> None:
        given = self._consents.all()
        self.list.clear()
        for consent in given:
            item = QListWidgetItem(_line(consent))
            item.setData(Qt.ItemDataRole.UserRole, consent)
            self.list.addItem(item)
        self.list.setVisible(bool(given))
        self.words.setText(
            "You have agreed that the text of your documents, and what you search for, goes to "
            "these services. After you take that back nothing more is sent; what is in the index "
            "stays there."
            if given
            else "Your text may go to no service. You are asked before that changes."
        )
        self.list.setCurrentRow(0 if given else -1)
        self._on_row_changed(self.list.currentRow())

    @Slot(int)
    def _on_row_changed(self, row: int) -> None:
        self.take_back_button.setEnabled(row >= 0)

    @Slot()
    def _on_take_back(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        try:
            self._consents.take_back(item.data(Qt.ItemDataRole.UserRole))
        except VextError as error:
            self.words.setText(f"{error.message} {error.hint}")
            return
        self._fill()


def _line(consent: Consent) -> str:
    day = dt.datetime.fromtimestamp(consent.given_at).astimezone().date().isoformat()
    return shown_line(f"{consent.url}, model {consent.model}, since {day}")
