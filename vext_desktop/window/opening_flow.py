"""While the index is not open, the panels say why: it is being opened, or it cannot be."""

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.errors import DataFolderBusyError, StoreError, VextError
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.panes import Panes


class OpeningFlow(QObject):
    """Follows the engine until it has told how the index stands.

    Args:
        panes: Where it is said; the library and the documents begin by saying that it is opened.
        worker: Opens the index.
        parent: The owner.
    """

    index_shut = Signal(str)
    """What to say where documents would stand: the first line is a heading."""

    def __init__(self, panes: Panes, worker: EngineWorker, parent: QObject) -> None:
        super().__init__(parent)
        self._panes = panes
        self._has_ledger = self._is_open = self._is_shut = False
        self.index_shut.connect(panes.library.show_shut)
        self.index_shut.connect(panes.documents.show_shut)
        worker.engine_opened.connect(self._on_engine_opened)
        worker.status_refreshed.connect(self._on_status_refreshed)
        worker.failed.connect(self._on_failed)

    @Slot(str, str)
    def show_damage(self, what: str, remedy: str) -> None:
        """The index has been examined: its damage is told better than by what failed."""
        if self._is_shut:
            self.index_shut.emit(f"The index is not open\n{what} {remedy}".rstrip())

    @Slot()
    def _on_engine_opened(self) -> None:
        self._has_ledger = True

    @Slot()
    def _on_status_refreshed(self) -> None:
        self._is_open, self._is_shut = True, False

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        """Without its ledger nothing is open; with it, an index that cannot be read is not."""
        is_elsewhere = isinstance(error, DataFolderBusyError)  # then the window closes
        if (
            self._is_open
            or is_elsewhere
            or (self._has_ledger and not isinstance(error, StoreError))
        ):
            return
        if not self._is_shut:
            self._is_shut = True
            self._panes.progress.show_shut()
            self.show_damage(error.message, error.hint)
