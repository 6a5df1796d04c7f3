"""Every file of the index with its state, a plain reason, and what can be done about it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLocale, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger_view import LedgerView
from vext_desktop.index.records import FileBand
from vext_desktop.outcomes import Outcome
from vext_desktop.window.band_chips import BandChips
from vext_desktop.window.document_verbs import DocumentVerbs
from vext_desktop.window.documents_model import DocumentsModel
from vext_desktop.window.documents_table import DocumentsTable
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.file_finder import FileFinder, FoundFiles
from vext_desktop.window.plain_text import shown_line

if TYPE_CHECKING:
    from array import array

TYPING_PAUSE_MS = 200

NO_DOCUMENTS = (
    "No documents yet.\nDrop a folder or files anywhere on this window: "
    "each of them will be listed here with its state."
)
_NONE_IN_BAND = {
    FileBand.INDEXED: "No file is indexed yet.",
    FileBand.WAITING: "No file is waiting.\nEverything that was found has been looked at.",
    FileBand.SET_ASIDE: "No file was set aside.\nEvery file that was looked at could be read.",
    FileBand.OFFLINE: "No file is offline.",
    FileBand.IGNORED: "No file is ignored.",
}


class DocumentsPanel(QWidget):
    """A table over the ledger, opened for reading as soon as there is one.

    Args:
        ledger_path: The ledger's file; need not exist yet.
        parent: The owning widget.
    """

    retry_requested = Signal(object)
    """A list of file ids to be read again."""
    read_anyway_requested = Signal(object)
    """A list of file ids to be read whatever memory that may take; once."""
    ignore_requested = Signal(object)
    """A list of file ids to be left out from now on."""
    open_requested = Signal(object)
    """The path of the file to open. Not Signal(str): Qt would drop undecodable bytes."""
    show_in_folder_requested = Signal(object)
    """The path of the file to show in its folder."""

    def __init__(self, ledger_path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger_path = ledger_path
        self._view: LedgerView | None = None
        self._is_closed = False
        self._model = DocumentsModel(self)
        self._model.failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        self._chips = BandChips()
        self._chips.band_chosen.connect(self._on_filter_changed)
        self._filter = self._create_filter()
        self._typing_pause = QTimer(self)
        self._typing_pause.setSingleShot(True)
        self._typing_pause.setInterval(TYPING_PAUSE_MS)
        self._typing_pause.timeout.connect(self._on_filter_changed)
        self._finder = FileFinder(ledger_path, self)
        self._finder.found.connect(self._on_found)
        self._finder.failed.connect(self._on_failed)
        self._found: FoundFiles | None = None
        self._asked: tuple[FileBand, str] | None = None
        self._is_outdated = False
        self._table = DocumentsTable(self._model, self)
        self._table.text_typed.connect(self._on_text_typed)
        self._verbs = self._create_verbs()
        self._message = EmptyMessage("file", NO_DOCUMENTS)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._table)
        self._selected = QLabel()
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.setContentsMargins(12, 0, 12, 8)
        self._note.hide()
        self._table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._create_top_row())
        column.addWidget(self._note)
        column.addWidget(self._stack, 1)
        column.addLayout(self._create_bottom_row())
        self.refresh()

    def focus_table(self) -> None:
        """Put the keyboard focus on the table.

        No focus proxy does that: within a tab, Qt's Tab key would skip all that stands before it,
        and would not come out where it is hidden.
        """
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """Read the ledger again, keeping selection and place; for once a second during a run.

        While nobody sees the panel, that waits until somebody does.
        """
        self._is_outdated = not self.isVisible()
        if not self._is_outdated:
            self._with_ledger(self._refresh)

    def show_note(self, text: str) -> None:
        """Say something about all documents above their table; nothing where it is empty."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    @Slot(str)
    def show_shut(self, words: str) -> None:
        """Say why there is nothing to list, unless there is."""
        if not self._model.rowCount():
            self._message.show_text(words)
            self._stack.setCurrentWidget(self._message)

    def choose(self, band: FileBand) -> None:
        """Show the files of one band, as its chip does."""
        self._chips.choose(band)

    def close(self) -> bool:
        """Close the ledger too."""
        self._is_closed = True
        self._typing_pause.stop()
        self._finder.stop()
        self._close_view()
        return super().close()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what has changed meanwhile."""
        super().showEvent(event)
        if self._is_outdated:
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._table.take_colours(self)

    def _with_ledger(self, work: Callable[[LedgerView], None]) -> None:
        """Do something with the open ledger; say so where it cannot be read."""
        try:
            if self._view is None:
                if self._is_closed or not self._ledger_path.exists():
                    return
                self._view = LedgerView(self._ledger_path)
                work = self._show_filtered
            work(self._view)
        except StoreError as error:
            self._on_failed(error)

    def _on_failed(self, error: StoreError) -> None:
        self._close_view()
        self._message.show_text(f"{error.message}\n{error.hint}")
        self._stack.setCurrentWidget(self._message)

    def _refresh(self, view: LedgerView) -> None:
        counts = view.counts()
        self._chips.show_counts(counts)
        if self._filter.text():
            self._finder.find(self._chips.band, self._filter.text())
            return
        self._table.refresh(self._row_count(counts))
        self._show_rows_or_message(counts)
        self._verbs.look_again()

    def _row_count(self, counts: Mapping[Outcome, int]) -> int:
        return sum(counts.get(state, 0) for state in self._chips.band.states or tuple(counts))

    @Slot(object, object)
    def _on_found(self, question: tuple[FileBand, str], file_ids: "array[int]") -> None:
        """Show the files with the text: the first time from their top, then as a refresh does."""
        if self._view is None or question != (self._chips.band, self._filter.text()):
            return
        if self._found is not None and question == self._asked:
            self._found.file_ids = file_ids
            self._table.refresh(len(file_ids))
        else:
            self._found, self._asked = FoundFiles(self._view, file_ids), question
            self._model.show_files(self._found, self._chips.band, len(file_ids))
            self._table.scrollToTop()
            self._on_selection_changed()
        if self._model.rowCount():
            self._stack.setCurrentWidget(self._table)
        else:  # only then it matters what there is besides; 100 000 files take a while to count
            self._with_ledger(lambda view: self._show_rows_or_message(view.counts()))
        self._verbs.look_again()

    def _show_rows_or_message(self, counts: Mapping[Outcome, int]) -> None:
        if self._model.rowCount():
            self._stack.setCurrentWidget(self._table)
            return
        text = shown_line(self._filter.text())
        if not any(counts.values()):
            words = NO_DOCUMENTS
        elif text:
            words = f"No file here has “{text}” in its path.\nClear the filter to see all of them."
        else:
            words = _NONE_IN_BAND.get(self._chips.band, NO_DOCUMENTS)
        self._message.show_text(words)
        self._stack.setCurrentWidget(self._message)

    def _on_filter_changed(self) -> None:
        self._typing_pause.stop()
        self._with_ledger(self._show_filtered)

    def _show_filtered(self, view: LedgerView) -> None:
        counts = view.counts()
        self._chips.show_counts(counts)
        if self._filter.text():
            self._finder.find(self._chips.band, self._filter.text())
            return
        self._found = None
        self._model.show_files(view, self._chips.band, self._row_count(counts))
        self._table.scrollToTop()
        self._show_rows_or_message(counts)
        self._verbs.look_again()
        self._on_selection_changed()  # new rows take the selection away without a word

    def _close_view(self) -> None:
        self._found = None
        self._model.show_files(None, FileBand.ALL, 0)
        if self._view is not None:
            self._view.close()
            self._view = None

    def _on_text_typed(self, text: str) -> None:
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.insert(text)

    def _on_selection_changed(self) -> None:
        count = self._table.selected_count()
        self._selected.setText(f"{QLocale().toString(count)} selected" if count > 1 else "")

    def _create_verbs(self) -> DocumentVerbs:
        verbs = DocumentVerbs(self._table)
        verbs.retry_requested.connect(self.retry_requested)
        verbs.read_anyway_requested.connect(self.read_anyway_requested)
        verbs.ignore_requested.connect(self.ignore_requested)
        verbs.open_requested.connect(self.open_requested)
        verbs.show_in_folder_requested.connect(self.show_in_folder_requested)
        return verbs

    def _create_filter(self) -> QLineEdit:
        box = QLineEdit()
        box.setPlaceholderText("Filter by name or folder")
        box.setAccessibleName("Filter by name or folder")
        box.setClearButtonEnabled(True)
        box.setMinimumWidth(160)
        box.textChanged.connect(self._on_text_changed)
        return box

    def _on_text_changed(self) -> None:
        self._typing_pause.start()

    def _create_top_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(self._chips, 5)
        row.addWidget(self._filter, 2, Qt.AlignmentFlag.AlignTop)
        return row

    def _create_bottom_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 8)
        for action in self._verbs.actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._selected)
        return row
