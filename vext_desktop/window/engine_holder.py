"""What every worker on the engine thread needs: the engine, and a road for its errors.

The verbs that change the ledger stand here too: they take no steps and wait for nothing.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vext_desktop.errors import CancelledError, DataFolderReadOnlyError, VextError

if TYPE_CHECKING:
    from vext_desktop.engine import Engine
    from vext_desktop.index.disk_use import TidyReceipt
    from vext_desktop.settings import Settings

log = logging.getLogger("vext.window")


class EngineHolder(QObject):
    """Holds an open engine on the engine thread."""

    status_refreshed = Signal(object)  # IndexStatus
    event_raised = Signal(object)  # IndexEvent
    model_change_undone = Signal(object)  # the Settings to go on with
    cost_told = Signal(object, str)  # Settings; what an index made by them takes, "" if nothing
    disk_tidied = Signal(object)  # TidyReceipt
    failed = Signal(object)  # VextError

    def __init__(self) -> None:
        super().__init__()
        self.engine: Engine | None = None
        self._tidying: Iterator[TidyReceipt | None] | None = None

    @Slot(object)  # not Slot(str): Qt would drop undecodable bytes out of a path
    def remove_root(self, path: str) -> None:
        """Take a folder and its passages out of the index."""
        with self.failures_told():
            self.opened().remove_root(Path(path))
        self.refresh_status()

    @Slot(object)
    def retry(self, file_ids: Sequence[int]) -> None:
        """Let these files wait for the next run."""
        with self.failures_told():
            self.opened().retry(list(file_ids))
        self.refresh_status()

    @Slot(object)
    def read_anyway(self, file_ids: Sequence[int]) -> None:
        """Let these files wait for the next run, which reads them whatever memory that takes."""
        with self.failures_told():
            self.opened().read_anyway(list(file_ids))
        self.refresh_status()

    @Slot(object)
    def ignore(self, file_ids: Sequence[int]) -> None:
        """Leave these files out of the index."""
        with self.failures_told():
            self.opened().ignore(list(file_ids))
        self.refresh_status()

    @Slot(object, object)
    def keep_folder_patterns(self, path: str, lines: Sequence[str]) -> None:
        """Leave out of a folder what these patterns name; its next run does so."""
        with self.failures_told():
            self.opened().keep_folder_patterns(path, lines)

    @Slot()
    def agree_to_sending(self) -> None:
        """The user lets text go to the service that the settings choose."""
        with self.failures_told():
            self.opened().sending.agree()

    @Slot(object)
    def tell_cost(self, settings: "Settings") -> None:
        """Say what it takes until the index is as these settings want it, or why not."""
        try:
            cost = self.opened().describe_rebuild(settings)
        except VextError as error:
            self.cost_told.emit(settings, f"{error.message} {error.hint}".strip())
        else:
            self.cost_told.emit(settings, cost.sentence if cost is not None else "")

    @Slot()
    def undo_model_change(self) -> None:
        """Go back to the index of before, and to the settings that made it."""
        with self.failures_told():
            self.model_change_undone.emit(self.opened().rebuilding.undo())
        self.refresh_status()

    @Slot()
    def remove_old_index(self) -> None:
        """Remove what is kept beside the index in use."""
        with self.failures_told():
            self.opened().rebuilding.remove_kept()
        self.refresh_status()

    @Slot()
    def use_new_index(self) -> None:
        """Let an index serve that only lacks what cannot be reached."""
        with self.failures_told():
            for event in self.opened().rebuilding.use_now():
                self.event_raised.emit(event)
        self.refresh_status()

    @Slot()
    def tidy_up(self) -> None:
        """Give back the disk that the index no longer needs; `disk_tidied` has the receipt."""
        if self._tidying is None:
            with self.failures_told():
                self._tidying = self.opened().tidy_up()
                self._take_tidy_step()

    def _take_tidy_step(self) -> None:
        """Wait a little, and come back: what is queued, such as a search, has its turn first."""
        steps, self._tidying = self._tidying, None
        if steps is None or self.engine is None:
            return
        with self.failures_told():
            receipt = next(steps, None)
            if receipt is None:
                self._tidying = steps
                QTimer.singleShot(0, self, self._take_tidy_step)
                return
            self.disk_tidied.emit(receipt)
        self.refresh_status()

    @Slot()
    def refresh_status(self) -> None:
        """Tell how the index stands."""
        with self.failures_told():
            self.status_refreshed.emit(self.opened().status())

    def open_folder(self, engine: "Engine") -> None:
        """Open its data folder; one that may not be written to, for searching only, as is said.

        Raises:
            VextError: Not even that can be done.
        """
        try:
            engine.open()
        except DataFolderReadOnlyError as error:
            engine.open(read_only=True)
            self.tell(error)

    def opened(self) -> "Engine":
        """The engine.

        Raises:
            VextError: It could not be opened, as was said when it could not.
        """
        if self.engine is None:
            raise VextError(
                "The index is not open, so this cannot be done.",
                "Close the window and open it again; what was wrong is said there once more.",
            )
        return self.engine

    @contextmanager
    def failures_told(self) -> Iterator[None]:
        """Errors made for people become `failed`; any other goes the road of bugs."""
        try:
            yield
        except VextError as error:
            self.tell(error)

    def tell(self, error: VextError) -> None:
        """Say it in the window, unless the program is closing."""
        if isinstance(error, CancelledError):
            log.info("The program is closing; what was in hand is given up.")
        else:
            self.failed.emit(error)
