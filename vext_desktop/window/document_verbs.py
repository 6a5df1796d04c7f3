"""What can be done with the chosen documents: open, show, retry, read anyway, ignore."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from vext_desktop.index.records import FileRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.window.documents_table import DocumentsTable
from vext_desktop.window.icons import load_icon

# A verb looks at no more than this many chosen files to know whether it applies.
LOOKED_AT = 100


class DocumentVerbs(QObject):
    """The actions on a table of documents: for its menu, for buttons, and by their keys.

    Args:
        table: Whose chosen rows they act on; also the owner.
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

    def __init__(self, table: DocumentsTable) -> None:
        super().__init__(table)
        self._table = table
        self._open = self._add(
            "Open", "open", "Return", "Open the file with its usual program", self._on_open
        )
        self._show = self._add(
            "Show in folder", "folder-open", "Ctrl+Shift+O",
            "Show the file in its folder", self._on_show_in_folder,
        )  # fmt: skip
        self._retry = self._add(
            "Retry", "reload", "Ctrl+R", "Read these files again", self._on_retry
        )
        self._read_anyway = self._add(
            "Read anyway", "memory", "Ctrl+Shift+R",
            "Read these files once, whatever memory that may take", self._on_read_anyway,
        )  # fmt: skip
        self._ignore = self._add(
            "Ignore", "ignore", "Del",
            "Take these files out of the index; Retry brings them back", self._on_ignore,
        )  # fmt: skip
        table.customContextMenuRequested.connect(self._on_menu_requested)
        table.doubleClicked.connect(self._on_open)
        table.selectionModel().selectionChanged.connect(self.look_again)
        self.look_again()

    @property
    def actions(self) -> tuple[QAction, ...]:
        """All verbs, in the order in which they are shown."""
        return self._open, self._show, self._retry, self._read_anyway, self._ignore

    def look_again(self) -> None:
        """Let the verbs be chosen that apply to what is selected now."""
        is_one = self._table.selected_count() == 1
        chosen = self._table.some_selected(LOOKED_AT)
        self._open.setEnabled(is_one)
        self._show.setEnabled(is_one)
        self._retry.setEnabled(any(_can_retry(record) for record in chosen))
        self._read_anyway.setEnabled(any(_can_read_anyway(record) for record in chosen))
        self._ignore.setEnabled(any(_can_ignore(record) for record in chosen))

    def _add(
        self, words: str, icon: str, keys: str, explanation: str, slot: Callable[[], None]
    ) -> QAction:
        action = QAction(load_icon(icon), words, self._table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        shown_keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{explanation} ({shown_keys})")
        action.triggered.connect(slot)
        self._table.addAction(action)
        return action

    def _on_menu_requested(self, position: QPoint) -> None:
        if self._table.selected_count():
            menu = QMenu(self._table)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions(self.actions)
            menu.popup(self._table.viewport().mapToGlobal(position))

    def _on_open(self) -> None:
        for record in self._table.some_selected(1):
            self.open_requested.emit(record.path)

    def _on_show_in_folder(self) -> None:
        for record in self._table.some_selected(1):
            self.show_in_folder_requested.emit(record.path)

    def _on_retry(self) -> None:
        self._emit_ids(self.retry_requested, _can_retry)

    def _on_read_anyway(self) -> None:
        self._emit_ids(self.read_anyway_requested, _can_read_anyway)

    def _on_ignore(self) -> None:
        self._emit_ids(self.ignore_requested, _can_ignore)

    def _emit_ids(self, signal: SignalInstance, applies: Callable[[FileRecord], bool]) -> None:
        ids = [record.file_id for record in self._table.selected_records() if applies(record)]
        if ids:
            signal.emit(ids)


def _can_retry(record: FileRecord) -> bool:
    return record.state.is_set_aside or record.state is Outcome.IGNORED


def _can_read_anyway(record: FileRecord) -> bool:
    return record.state is Outcome.MEMORY_LIMIT


def _can_ignore(record: FileRecord) -> bool:
    return record.state is not Outcome.IGNORED
