"""Bringing a backup back: unpacked and checked beside the data, then put in its place in one go."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.errors import StoreError, VextError
from vext_desktop.index.backup.contents import UNCHANGED, BackupContents, no_backup
from vext_desktop.index.backup.reading import read_contents, unpack
from vext_desktop.index.backup.remapping import PathMap, remap_ledger, require_known
from vext_desktop.index.backup.snapshot import table_names_of
from vext_desktop.index.backup.writing import BackupProgress
from vext_desktop.index.health.aside import Aside
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.room import MIN_FREE_BYTES
from vext_desktop.index.table_names import table_folder, unkempt_mark
from vext_desktop.paths import Paths
from vext_desktop.readings import format_bytes

PREFIX = "before-restore-"
_STAGING = "restoring-"


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restoration came to.

    Attributes:
        files: How many files the index holds.
        passages: How many passages that are.
        missing_roots: Folders that are not where the index looks for them.
        aside: Where what was there before is now; None if nothing was.
    """

    files: int
    passages: int
    missing_roots: tuple[str, ...]
    aside: Path | None

    @property
    def sentence(self) -> str:
        """It for a person."""
        parts = [f"The index with {self.passages} passages of {self.files} files is restored."]
        if self.missing_roots:
            parts.append(
                f"Not found on this computer, and therefore shown as offline: "
                f"{', '.join(self.missing_roots)}."
            )
        if self.aside is not None:
            parts.append(f"What was there before is kept in {self.aside}.")
        return " ".join(parts)


def has_content(paths: Paths) -> bool:
    """Whether a data folder holds an index, so that restoring replaces it."""
    return paths.ledger.exists() or paths.store.exists()


class Restoration:
    """Restores one backup.

    Args:
        paths: The data folder; its lock is the caller's.
        file: The backup.
        places: New places of folders, by their old ones.
    """

    def __init__(self, paths: Paths, file: Path, places: Mapping[str, str]) -> None:
        self._paths = paths
        self._file = file
        self._places = places
        self.report: RestoreReport | None = None

    def steps(self) -> Iterator[BackupProgress]:
        """Do it; `report` holds what came of it at the end.

        Raises:
            StoreError: It cannot be restored; nothing was changed.
            UsageError: The new places make no sense; the same.
        """
        contents = read_contents(self._file)
        require_known(self._places, contents.roots, contents.separator)
        for left in self._paths.data_dir.glob(f"{_STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)  # of a restoration that was killed
        self._require_room(contents)
        staging = self._paths.data_dir / f"{_STAGING}{time.strftime('%Y%m%d-%H%M%S')}"
        try:
            staging.mkdir(mode=0o700)
            yield from unpack(self._file, staging)
            self._prepare(Paths(staging), contents)
            aside = self._put_in_place(staging)
        except OSError as error:
            raise StoreError(
                f"The backup could not be restored ({error.strerror}). {UNCHANGED}",
                f"See that {self._paths.data_dir} can be written and has room.",
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self.report = self._reported(contents, aside)

    def _prepare(self, staged: Paths, contents: BackupContents) -> None:
        """Bring the ledger up to date and to its new places, and see that it fits its tables."""
        try:
            with closing(LedgerFile(staged.ledger)) as ledger:
                ledger.check()
                remap_ledger(ledger, PathMap(self._places, contents.separator))
            with closing(LedgerReader(LedgerFile(staged.ledger, read_only=True))) as reader:
                serving = reader.editions.serving()
                held = reader.editions.passages(serving) if serving else 0
            names = table_names_of(staged.ledger)
        except StoreError as error:
            raise no_backup("the list of files in it is damaged") from error
        if serving and held and not table_folder(staged.store, serving.table_name).is_dir():
            raise no_backup("the passages are missing from it")
        for name in names:
            if table_folder(staged.store, name).is_dir():
                unkempt_mark(staged.store, name).touch()

    def _put_in_place(self, staging: Path) -> Path | None:
        paths, aside = self._paths, Aside(self._paths.data_dir, PREFIX)
        beside = [paths.ledger.with_name(f"{paths.ledger.name}{end}") for end in ("-wal", "-shm")]
        # The store goes last and comes first: without its ledger it is noticed after a kill, while
        # a folder without both looks like a new one.
        replaced = [
            paths.ledger, *beside, paths.safe, paths.runs, paths.settings, paths.service_models,
            paths.store,
        ]  # fmt: skip
        moved: list[tuple[Path, Path]] = []
        placed: list[Path] = []
        try:
            for place in replaced:
                target = aside.take(place)
                moved += [(place, target)] if target is not None else []
            for entry in sorted(
                staging.iterdir(), key=lambda entry: entry.name != paths.store.name
            ):
                entry.rename(paths.data_dir / entry.name)
                placed.append(entry)
        except (OSError, VextError):
            for entry in placed:
                (paths.data_dir / entry.name).rename(entry)
            for place, target in moved:
                target.rename(place)
            raise
        return aside.folder

    def _reported(self, contents: BackupContents, aside: Path | None) -> RestoreReport:
        path_map = PathMap(self._places, contents.separator)
        roots = map(path_map, contents.roots)
        missing = tuple(root for root in roots if not Path(root).exists())
        return RestoreReport(contents.files, contents.passages, missing, aside)

    def _require_room(self, contents: BackupContents) -> None:
        needed = contents.size_bytes + MIN_FREE_BYTES
        free = shutil.disk_usage(self._paths.data_dir).free
        if free < needed:
            raise StoreError(
                f"Restoring needs {format_bytes(needed)}, and {format_bytes(free)} are free on the "
                f"disk of {self._paths.data_dir}. {UNCHANGED}",
                "Make room there, or choose another data folder.",
            )
