"""A change of model or chunking in the window: told before, followed, undone, tidied up after."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox, QWidget

from vext_desktop.events import IndexEvent, IndexSwapped
from vext_desktop.index.answers import IndexStatus, RebuildStatus
from vext_desktop.readings import format_bytes
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.panes import Panes
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.window_actions import WindowActions

UNTIL_THEN = "Until you begin with it, the present index is kept up to date as it was made."
CANNOT_BE_UNDONE = "After that, the change can no longer be undone without indexing again."


class RebuildFlow(QObject):
    """Connects banners, menu and documents with what the engine says of a rebuild.

    Args:
        panes: The panels.
        menus: Holds the verbs also when no banner does.
        control: Begins the runs.
        worker: Tells how a rebuild stands, and does what the user decides.
        window: The owner; the question belongs to it.
    """

    undone = Signal(object)
    """The settings that made the index which serves again."""
    _undo_requested = Signal()
    _remove_requested = Signal()
    _use_requested = Signal()

    def __init__(
        self,
        panes: Panes,
        menus: WindowActions,
        control: RunControl,
        worker: EngineWorker,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._panes = panes
        self._menus = menus
        self._control = control
        self._window = window
        self._told: set[str] = set()
        self._rebuild = RebuildStatus()
        self._begin = self._verb("Build it now", self._on_begin)
        self._use = self._verb("Use the new index now", self._on_use)
        menus.undo_rebuild.triggered.connect(self._on_undo)
        menus.remove_old_index.triggered.connect(self._on_remove)
        self._undo = self._verb("Undo", self._on_undo)
        self._remove = self._verb("Remove the old index", self._on_remove)
        self._undo_requested.connect(worker.undo_model_change)
        self._remove_requested.connect(worker.remove_old_index)
        self._use_requested.connect(worker.use_new_index)
        worker.status_refreshed.connect(self._on_status_refreshed)
        worker.event_raised.connect(self._on_event_raised)
        worker.model_change_undone.connect(self.undone)
        worker.run_begun.connect(self._show_verbs)
        worker.run_ended.connect(self._show_verbs)
        self._show_verbs()

    def _verb(self, text: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(slot)
        return action

    @Slot(object)
    def _on_status_refreshed(self, status: IndexStatus) -> None:
        self._rebuild = rebuild = status.rebuild
        self._panes.documents.show_note(rebuild.sentence)
        self._show_verbs()
        if rebuild.pending is not None:
            self._tell_once(
                Notice(NoticeKind.INFO, rebuild.pending.sentence, UNTIL_THEN, self._begin)
            )
        progress = rebuild.progress
        if progress is not None and progress.is_to_be_decided and not self._control.is_running:
            self._tell_once(Notice(NoticeKind.INFO, rebuild.sentence, "", self._use))

    def _tell_once(self, notice: Notice) -> None:
        """A status comes every few seconds; what was closed stays closed."""
        if notice.what not in self._told:
            self._told.add(notice.what)
            self._panes.banners.show_notice(notice)

    @Slot(object)
    def _on_event_raised(self, event: IndexEvent) -> None:
        if isinstance(event, IndexSwapped):
            self._remove.setText(f"Remove the old index, frees {format_bytes(event.kept_bytes)}")
            notice = Notice(NoticeKind.INFO, event.sentence, "", self._undo, (self._remove,))
            self._panes.banners.show_notice(notice)

    @Slot()
    def _show_verbs(self) -> None:
        """The menu's verbs fit what there is; during a run the files are in hand."""
        is_free = not self._control.is_running
        kept_bytes = sum(kept.bytes_on_disk for kept in self._rebuild.kept)
        frees = f" (frees {format_bytes(kept_bytes)})" if kept_bytes else ""
        self._menus.remove_old_index.setText(f"Remove the &old index{frees}...")
        self._menus.remove_old_index.setEnabled(is_free and bool(self._rebuild.kept))
        self._menus.undo_rebuild.setEnabled(is_free and self._rebuild.can_undo)

    @Slot()
    def _on_begin(self) -> None:
        self._control.index(rebuilds=True)

    @Slot()
    def _on_use(self) -> None:
        self._use_requested.emit()

    @Slot()
    def _on_undo(self) -> None:
        self._undo_requested.emit()

    @Slot()
    def _on_remove(self) -> None:
        kept = self._rebuild.kept
        names = ", ".join(dict.fromkeys(one.model for one in kept))
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Remove the old index")
        box.setText(f"Remove what is kept beside the index in use ({names})?")
        size = format_bytes(sum(one.bytes_on_disk for one in kept))
        box.setInformativeText(f"That frees {size} of disk. {CANNOT_BE_UNDONE}")
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        remove.clicked.connect(self._remove_requested)
        box.finished.connect(box.deleteLater)
        box.open()
