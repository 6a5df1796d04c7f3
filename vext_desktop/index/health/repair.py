"""The repair of a data folder: what is damaged goes aside, what is readable is kept.

The order matters: first what is in the way, then the ledger, then the tables, and last the ledger
once more, in step with what the tables really hold. The next run makes the rest again. A repair
that is cut off leaves a folder that the next one repairs.
"""

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.errors import StoreError
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.aside import Aside
from vext_desktop.index.health.examination import ANY_WORD, examine, open_table, seals_of
from vext_desktop.index.health.finding import Finding, FindingKind, Repair
from vext_desktop.index.health.ledger_check import copy_of_ledger
from vext_desktop.index.health.ledger_salvage import salvage_ledger
from vext_desktop.index.health.passages_repair import lose_all, settle_passages
from vext_desktop.index.health.rows_check import Pair, compare_rows, expected_pairs
from vext_desktop.index.health.safekeeping import forget_volume
from vext_desktop.index.health.seals import TableSeals
from vext_desktop.index.health.table_check import look_at_table
from vext_desktop.index.health.table_salvage import salvage_volume
from vext_desktop.index.health.volume_files import Volume, manifest_copy, volumes_of
from vext_desktop.index.lance_import import told_panics
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.query import parse_query
from vext_desktop.index.table_names import VOLUMES, table_folder, table_names, unkempt_mark
from vext_desktop.paths import Paths
from vext_desktop.readings import format_bytes

logger = logging.getLogger("vext.store")

# Findings are told again after a repair, since one damage can hide another; not for ever.
_MOST_ROUNDS = 4
# How the name of a table's further volumes ends while the first one is made anew.
_WAITING = ".volumes"
_KEEPING = "Keeping the passages that are still whole"


@dataclass(frozen=True, slots=True)
class RepairStep:
    """Something that a repair does.

    Attributes:
        sentence: What it is.
        done: How much of it is done, of `total`.
        total: 0 where nobody can tell.
    """

    sentence: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair came to.

    Attributes:
        aside: Where the damaged parts are now; None if nothing was moved.
        files_to_read: How many files the next run reads again.
        needs_folders: Whether the list of folders is lost, so that they must be added again.
        left: What is still not as it should be.
    """

    aside: Path | None
    files_to_read: int
    needs_folders: bool
    left: tuple[Finding, ...]

    @property
    def sentence(self) -> str:
        """All of it for a person."""
        parts = ["The data folder is repaired." if not self.left else "Not all could be repaired."]
        if self.needs_folders:
            parts.append("The list of your folders is lost: add them again to index them anew.")
        elif self.files_to_read == 1:
            parts.append("One file is read again at the next run.")
        elif self.files_to_read:
            parts.append(f"{self.files_to_read} files are read again at the next run.")
        if self.aside is not None:
            parts.append(
                f"The damaged parts are kept in {self.aside}; delete that folder when all is well."
            )
        return " ".join(parts)


def plan(findings: Sequence[Finding]) -> list[str]:
    """What a repair would do, a sentence for each; empty if it can do nothing."""
    return list(
        dict.fromkeys(
            f"{finding.part}: {finding.remedy}"
            for finding in findings
            if finding.repair is not Repair.NONE
        )
    )


class FolderRepair:
    """Repairs a data folder that no other program has open.

    Args:
        paths: The data folder; its lock is the caller's.
        aside: Where damaged parts go.
    """

    def __init__(self, paths: Paths, aside: Aside | None = None) -> None:
        self._paths = paths
        self._aside = aside or Aside(paths.data_dir)
        self._needs_folders = False
        self._files_to_read = 0
        self.report: RepairReport | None = None

    def steps(self) -> Iterator[RepairStep]:
        """Do it; `report` holds what came of it at the end.

        Raises:
            StoreError: It cannot be done; what was done until then stays, and a next one goes on.
        """
        left: list[Finding] = []
        self._put_volumes_back()
        for _ in range(_MOST_ROUNDS):
            yield RepairStep("Examining the data folder")
            left = examine(self._paths, thorough=True)
            wanted = [finding for finding in left if finding.repair is not Repair.NONE]
            if not wanted:
                break
            self._require_room(wanted)
            yield from self._make_good(wanted)
        self.report = RepairReport(
            self._aside.folder, self._files_to_read, self._needs_folders, tuple(left)
        )

    def _make_good(self, findings: Sequence[Finding]) -> Iterator[RepairStep]:
        for finding in findings:
            if finding.repair in {Repair.ASIDE, Repair.SETTINGS}:
                yield RepairStep(f"Moving {finding.part} aside")
                self._aside.take(self._paths.data_dir / finding.part)
            if finding.repair is Repair.SETTINGS:
                self._restore_settings()
        if any(finding.repair is Repair.LEDGER for finding in findings):
            yield RepairStep("Bringing back the list of your files and folders")
            self._repair_ledger()
            return  # what it says of the tables is examined now
        damaged = {f.table_name for f in findings if f.repair is Repair.TABLE}
        differing = {f.table_name for f in findings if f.repair is Repair.PASSAGES}
        if damaged | differing:
            with Ledger(self._paths.ledger) as ledger:
                for edition in _editions(ledger, damaged | differing):
                    if edition.table_name in damaged:
                        yield from self._repair_table(ledger, edition)
                    self._settle(ledger, edition)

    def _restore_settings(self) -> None:
        copy = self._paths.safe / self._paths.settings.name
        if copy.is_file():
            shutil.copyfile(copy, self._paths.settings)

    def _repair_ledger(self) -> None:
        paths = self._paths
        beside = [paths.ledger.with_name(f"{paths.ledger.name}{end}") for end in ("-wal", "-shm")]
        damaged = self._aside.take(paths.ledger)
        for file in beside:
            self._aside.take(file)
        copy = copy_of_ledger(paths)
        draft = paths.ledger.with_name(f"{paths.ledger.name}.new")
        for file in paths.data_dir.glob(f"{draft.name}*"):
            file.unlink()  # of a repair that was cut off
        salvaged = salvage_ledger(damaged, copy if copy.exists() else None, draft)
        logger.info("the ledger was put together again: %s", salvaged)
        draft.replace(paths.ledger)
        if not salvaged.has_editions:
            # Nobody can say any more what the rows in the tables belong to.
            for name in table_names(paths.store):
                self._aside.take(table_folder(paths.store, name))
            with Ledger(paths.ledger) as ledger:
                self._needs_folders = not ledger.roots()
        self._files_to_read += _forget_passages_without_edition(paths)

    def _repair_table(self, ledger: Ledger, edition: Edition) -> Iterator[RepairStep]:
        yield RepairStep(_KEEPING)
        paths, name = self._paths, edition.table_name
        if not table_folder(paths.store, name).is_dir():
            self._files_to_read += lose_all(ledger.file, edition)
            for volume in volumes_of(paths.store, name, seals_of(paths)):
                forget_volume(paths, volume)
            return
        wanted = set(expected_pairs(ledger.file, edition))
        unkempt_mark(paths.store, name).touch()
        seals = seals_of(paths)
        for volume in volumes_of(paths.store, name, seals):
            sealed = seals.get(volume.key)
            state = look_at_table(volume.folder, sealed, thorough=True)
            if not state.is_well or self._is_unreadable(edition, volume):
                yield from self._repair_volume(edition, volume, sealed, wanted)

    def _repair_volume(
        self, edition: Edition, volume: Volume, seals: TableSeals | None, wanted: set[Pair]
    ) -> Iterator[RepairStep]:
        paths = self._paths
        moved = self._aside.take(volume.folder)
        further = moved / VOLUMES if moved is not None and not volume.number else None
        if further is not None and further.is_dir():  # they are volumes of their own
            further = further.rename(paths.store / f"{edition.table_name}{_WAITING}")
        copy = manifest_copy(paths.safe, volume)
        state = look_at_table(
            moved or volume.folder, seals, thorough=True, copy=copy if copy.is_file() else None
        )
        scratch = paths.store / "salvage"
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            for done, total in salvage_volume(volume, edition, state, wanted, scratch):
                yield RepairStep(_KEEPING, done, total)
        finally:
            if further is not None and further.is_dir():
                volume.folder.mkdir(exist_ok=True)
                further.rename(volume.folder / VOLUMES)
        forget_volume(paths, volume)

    def _put_volumes_back(self) -> None:
        """Put further volumes into their table that a repair which was killed had taken out."""
        for waiting in self._paths.store.glob(f"*{_WAITING}"):
            table = table_folder(self._paths.store, waiting.name.removesuffix(_WAITING))
            table.mkdir(exist_ok=True)
            if (table / VOLUMES).exists():  # of two the one that is older is the user's
                self._aside.take(table / VOLUMES)
            waiting.rename(table / VOLUMES)

    def _is_unreadable(self, edition: Edition, volume: Volume) -> bool:
        """Whether LanceDB cannot read a volume whose files look well."""
        table = LanceTable(
            volume.folder.parent, volume.folder.stem, edition.dimension, read_only=True
        )
        try:
            with told_panics():
                table.reopen()
                for _ in table.read(("file_id", "text", "vector")):
                    pass
                table.matching(parse_query(ANY_WORD), 1, None, only_indexed=False)
        except StoreError:
            return True
        finally:
            table.close()
        return False

    def _settle(self, ledger: Ledger, edition: Edition) -> None:
        if not table_folder(self._paths.store, edition.table_name).is_dir():
            return
        with told_panics(), closing(open_table(self._paths, edition)) as store:
            compared = compare_rows(ledger.file, edition, store.keys())
        self._files_to_read += settle_passages(ledger.file, edition, compared)

    def _require_room(self, findings: Sequence[Finding]) -> None:
        """A table that is written anew needs the room of the old one, which stays."""
        needed = 0
        for finding in findings:
            if finding.kind is FindingKind.TABLE_DAMAGED:
                folder = table_folder(self._paths.store, finding.table_name)
                needed += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        free = shutil.disk_usage(self._paths.data_dir).free
        if free < needed:
            raise StoreError(
                f"The repair needs {format_bytes(needed)} of room on the disk of the data folder, "
                f"and {format_bytes(free)} are free. Nothing was changed.",
                "Make room on that disk and try again.",
            )


def _editions(ledger: Ledger, names: set[str]) -> list[Edition]:
    in_use = [ledger.editions.serving(), ledger.editions.worked_on(), *ledger.editions.kept()]
    found = {one.edition_id: one for one in in_use if one is not None}
    return [one for one in found.values() if one.table_name in names]


def _forget_passages_without_edition(paths: Paths) -> int:
    """Where it is not known which table is worked on, no file has passages."""
    with Ledger(paths.ledger) as ledger:
        if ledger.editions.worked_on() is not None:
            return 0
        with ledger.file.transaction() as connection:
            lost = connection.execute(
                "UPDATE files SET state = iif(state = 'indexed', 'waiting', state), reason ="
                " iif(state = 'indexed', '', reason), needs_reading = 1, generation = 0,"
                " chunks = 0, indexed_at = NULL WHERE generation > 0"
            )
            connection.execute("DELETE FROM leftovers")
            connection.execute("DELETE FROM kept_passages")
            connection.execute("DELETE FROM kept_leftovers")
            connection.execute("DELETE FROM editions")
        return lost.rowcount
