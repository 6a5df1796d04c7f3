"""The index of a data folder as one file, and back: what the front ends ask for."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from vext_desktop.assembly.folder_care import held
from vext_desktop.errors import UsageError
from vext_desktop.index.backup.contents import BackupContents
from vext_desktop.index.backup.reading import read_contents
from vext_desktop.index.backup.remapping import PathMap
from vext_desktop.index.backup.restoring import Restoration, RestoreReport, has_content
from vext_desktop.index.backup.writing import (
    BackupPlan,
    BackupProgress,
    plan_backup,
    write_backup,
)
from vext_desktop.paths import Paths

__all__ = [
    "BackupContents",
    "BackupPlan",
    "BackupProgress",
    "Backups",
    "RestoreReport",
    "place_of",
]


def place_of(root: str, places: Mapping[str, str], separator: str) -> str:
    """Where a folder of a backup will be looked for, given the new places of some."""
    return PathMap(places, separator)(root)


class Backups:
    """Writes and restores backups of one data folder.

    Args:
        paths: The data folder.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self.report: RestoreReport | None = None

    def plan(self) -> BackupPlan:
        """What a backup would hold, and how large it may get."""
        return plan_backup(self._paths)

    def write(self, target: Path, *, replaces: bool = False) -> Iterator[BackupProgress]:
        """Write a backup; see `backup.writing.write_backup`."""
        return write_backup(self._paths, target, replaces=replaces)

    def contents(self, file: Path) -> BackupContents:
        """What is in a backup; see `backup.reading.read_contents`."""
        return read_contents(file)

    @property
    def would_replace(self) -> bool:
        """Whether there is an index that restoring moves aside."""
        return has_content(self._paths)

    def restore(
        self, file: Path, places: Mapping[str, str], *, replaces: bool
    ) -> Iterator[BackupProgress]:
        """Restore a backup; `report` holds what came of it at the end.

        Args:
            file: The backup.
            places: New places of folders, by their old ones.
            replaces: Whether an index that is there may be moved aside.

        Raises:
            DataFolderBusyError: A program has the data folder open.
            UsageError: There is an index, and it may not be moved aside.
            StoreError: It cannot be restored; nothing was changed.
        """
        if self.would_replace and not replaces:
            raise UsageError(
                f"There is an index in {self._paths.data_dir} already.",
                "Agree to its being moved aside, or choose another data folder.",
            )
        self._paths.create()
        with held(self._paths):
            work = Restoration(self._paths, file, places)
            yield from work.steps()
            self.report = work.report
