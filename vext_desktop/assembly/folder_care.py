"""Examining and repairing a data folder, whether or not an engine can be opened on it."""

import contextlib
from collections.abc import Iterator

from filelock import FileLock, Timeout

from vext_desktop.errors import DataFolderBusyError, StoreError
from vext_desktop.index.health.aside import Aside
from vext_desktop.index.health.examination import examine
from vext_desktop.index.health.finding import Finding
from vext_desktop.index.health.repair import FolderRepair, RepairReport, RepairStep, plan
from vext_desktop.paths import Paths

__all__ = ["Finding", "FolderCare", "RepairReport", "RepairStep", "plan"]


class FolderCare:
    """Looks after a data folder; a repair keeps all other programs out of it.

    Args:
        paths: The data folder.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._aside = Aside(paths.data_dir)
        self.report: RepairReport | None = None

    def examine(self, *, thorough: bool) -> list[Finding]:
        """What is not as it should be; see `health.examination.examine`."""
        return examine(self._paths, thorough=thorough)

    def repair(self) -> Iterator[RepairStep]:
        """Make good what can be; `report` holds what came of it at the end.

        Raises:
            DataFolderBusyError: A program has the data folder open.
            StoreError: It cannot be done; what was done until then stays.
        """
        if self._paths.lock.exists() and not self._paths.lock.is_file():
            self._aside.take(self._paths.lock)
        with held(self._paths):
            work = FolderRepair(self._paths, self._aside)
            yield from work.steps()
            self.report = work.report


@contextlib.contextmanager
def held(paths: Paths) -> Iterator[None]:
    """Keep every other program from writing to a data folder.

    Raises:
        DataFolderBusyError: A program writes to it already.
        StoreError: It may not be written to.
    """
    lock = FileLock(paths.lock, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise DataFolderBusyError(
            f"A Vext Desktop has the data folder {paths.data_dir} open, so nothing was changed.",
            "Close its window, or end its run, and try again.",
        ) from None
    except OSError as error:
        raise StoreError(
            f"The data folder {paths.data_dir} may not be written to ({error.strerror}). Nothing "
            "was changed.",
            "Make the folder writable, then try again.",
        ) from error
    try:
        yield
    finally:
        lock.release()
