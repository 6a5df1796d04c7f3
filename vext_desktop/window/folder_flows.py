"""All that the window does with the data folder as a whole: look after it, back it up, restore."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vext_desktop.paths import Paths
from vext_desktop.window.backup_flow import BackupFlow
from vext_desktop.window.care_flow import CareFlow
from vext_desktop.window.disk_dialog import DiskFlow
from vext_desktop.window.engine_thread import EngineThread
from vext_desktop.window.index_flow import IndexFlow
from vext_desktop.window.opening_flow import OpeningFlow
from vext_desktop.window.panes import Panes
from vext_desktop.window.rest import Rest
from vext_desktop.window.window_actions import WindowActions


class FolderFlows(QObject):
    """Composes opening, repair, backup and disk use, and ends the window's own looks into it.

    Args:
        paths: The data folder.
        panes: The panels.
        menus: Has the verbs.
        engine_thread: Is ended for work that needs the data folder for itself.
        index_flow: Looks into the ledger now and then.
        window: The owner.
    """

    reopening_wanted = Signal()
    """The data folder is another one now: the window is to be opened anew."""

    def __init__(
        self,
        paths: Paths,
        panes: Panes,
        menus: WindowActions,
        engine_thread: EngineThread,
        index_flow: IndexFlow,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._panes = panes
        self._index_flow = index_flow
        rest = Rest(engine_thread, self.stop_looking, self)
        self.care = CareFlow(paths, panes, menus, engine_thread, rest, window)
        self.backup = BackupFlow(paths, panes, menus, rest, window)
        self.disk = DiskFlow(menus, engine_thread, window)
        self.opening = OpeningFlow(panes, engine_thread.worker, self)
        self.care.damage_told.connect(self.opening.show_damage)
        self.care.reopening_wanted.connect(self.reopening_wanted)
        self.backup.reopening_wanted.connect(self.reopening_wanted)

    def stop_looking(self) -> None:
        """Look no more into the ledger and the records; harmless a second time."""
        self._index_flow.stop_refreshing()
        self._panes.documents.close()
        self._panes.runs.close()
