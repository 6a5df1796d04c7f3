"""What is known of the editions of an index; see `editions`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.records import SECOND_CHANCE_OUTCOMES
from vext_desktop.outcomes import Outcome

# Files that only a new index could not take in: some are always unlucky, many are a fault.
_TOLERATED_FILES = 10
_TOLERATED_SHARE = 0.1
_FAILED = json.dumps([Outcome.NOT_EMBEDDED, *sorted(SECOND_CHANCE_OUTCOMES)])
_COLUMNS = (
    "edition_id, table_name, index_key, model, dimension, maker, is_worked_on, is_serving,"
    " created_at, completed_at, replaced_at"
)


@dataclass(frozen=True, slots=True)
class Edition:
    """One table of the store, and what made it.

    Attributes:
        edition_id: Never used twice.
        table_name: Its table.
        index_key: Names model and chunking; editions that differ in it have other passages.
        model: Name of the model that all its vectors are from.
        dimension: Numbers in each of them.
        maker: The settings that made it, as a JSON object: those that re-index.
        is_worked_on: Whether runs work on it; the ledger's `files` speak of it.
        is_serving: Whether searches are answered from it.
        created_at: In s since 1970.
        completed_at: When it was complete for the first time; None if it never was.
        replaced_at: When another took its place; None while it serves, or if it never did.
    """

    edition_id: int
    table_name: str
    index_key: str
    model: str
    dimension: int
    maker: str
    is_worked_on: bool
    is_serving: bool
    created_at: float
    completed_at: float | None
    replaced_at: float | None

    @property
    def is_complete(self) -> bool:
        """Whether it has held every file once."""
        return self.completed_at is not None


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """How far the edition that is worked on is, measured by the one that serves.

    Attributes:
        files_done: Files of the serving edition that need no more reading.
        files_total: Files of the serving edition.
        files_offline: Of those that are missing, files that cannot be reached now.
        files_failed: Of those that are done, files that were set aside, being as ever.
    """

    files_done: int
    files_total: int
    files_offline: int
    files_failed: int = 0

    @property
    def lacks_much(self) -> bool:
        """Whether so much could not be read or embedded that something is wrong with it."""
        return self.files_failed > max(_TOLERATED_FILES, _TOLERATED_SHARE * self.files_total)

    @property
    def is_to_be_decided(self) -> bool:
        """Whether all is done that can be, and files would be lost by a swap all the same."""
        nothing_waits = self.files_total - self.files_done == self.files_offline
        return nothing_waits and not self.is_complete

    @property
    def is_complete(self) -> bool:
        """Whether nothing that can be found now would be lost by a swap, or hardly anything."""
        return self.files_done == self.files_total and not self.lacks_much


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """An index that is kept beside the one that serves.

    Attributes:
        edition_id: Its number.
        model: What made it.
        bytes_on_disk: What removing it gives back.
        replaced_at: When another took its place, in s since 1970; None if it never served.
        is_complete: Whether it has ever held every file.
    """

    edition_id: int
    model: str
    bytes_on_disk: int
    replaced_at: float | None
    is_complete: bool


class EditionReader:
    """Asks the ledger about editions.

    Args:
        file: The ledger's file.
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def serving(self) -> Edition | None:
        """The edition that searches are answered from; None before the first run."""
        return self._one("is_serving")

    def worked_on(self) -> Edition | None:
        """The edition that runs work on; None before the first run."""
        return self._one("is_worked_on")

    @property
    def is_rebuilding(self) -> bool:
        """Whether another edition is worked on than the one that serves."""
        return self.serving() != self.worked_on()

    def kept(self) -> list[Edition]:
        """Editions that neither serve nor are worked on, the latest first."""
        return self._all("NOT is_serving AND NOT is_worked_on AND NOT is_dropped")

    def dropped(self) -> list[Edition]:
        """Editions whose tables are to be removed."""
        return self._all("is_dropped")

    def find(self, edition_id: int) -> Edition | None:
        """An edition by its number."""
        return self._one("edition_id = ?", [edition_id])

    def find_key(self, index_key: str) -> Edition | None:
        """The edition that is made with this model and chunking, if there is one."""
        return self._one("index_key = ?", [index_key])

    def to_undo(self) -> Edition | None:
        """Where `Editions.undo` leads: out of a rebuild, or to the one that served before."""
        if self.is_rebuilding:
            return self.serving()
        return self._one("replaced_at IS NOT NULL AND NOT is_serving")

    def table_names(self) -> set[str]:
        """The tables of all editions, also of dropped ones."""
        return {row[0] for row in self._file.rows("SELECT table_name FROM editions")}

    def next_number(self) -> int:
        """A number that no edition has had."""
        rows = self._file.rows("SELECT seq FROM sqlite_sequence WHERE name = 'editions'")
        return int(rows[0][0]) + 1 if rows else 1

    def passages(self, edition: Edition) -> int:
        """How many passages it holds."""
        return self._count("sum(chunks)", edition)

    def files(self, edition: Edition) -> int:
        """How many files it holds."""
        return self._count("count(*)", edition)

    def rebuild_progress(self) -> RebuildProgress | None:
        """How far a rebuild is; None when there is none.

        What was set aside for its content needs no more reading; what waits, or lies on a drive
        that is not connected, does.
        """
        serving = self.serving()
        if serving is None or not self.is_rebuilding:
            return None
        row = self._file.rows(
            "SELECT count(*), sum(f.generation = 0 AND f.state IN ('waiting', 'offline')),"
            " sum(f.generation = 0 AND f.state = 'offline'),"
            " sum(f.generation = 0 AND f.size_bytes = k.size_bytes AND f.mtime_ns = k.mtime_ns"
            " AND f.state IN (SELECT value FROM json_each(?)))"
            " FROM kept_passages k JOIN files f ON f.file_id = k.file_id WHERE k.edition_id = ?",
            [_FAILED, serving.edition_id],
        )[0]
        total, missing, offline, failed = (number or 0 for number in row)
        return RebuildProgress(total - missing, total, offline, failed)

    def leftovers(self, edition_id: int) -> list[tuple[int, int]]:
        """Pairs (file_id, generation) whose rows must leave the table of a kept edition."""
        return self._file.rows(
            "SELECT file_id, generation FROM kept_leftovers WHERE edition_id = ?", [edition_id]
        )

    def with_leftovers(self) -> list[Edition]:
        """The kept editions with leftovers."""
        return self._all("NOT is_dropped AND edition_id IN (SELECT edition_id FROM kept_leftovers)")

    def _count(self, what: str, edition: Edition) -> int:
        place, values = "files WHERE generation > 0", []
        if not edition.is_worked_on:
            place, values = "kept_passages WHERE edition_id = ?", [edition.edition_id]
        rows = self._file.rows(f"SELECT {what} FROM {place}", values)  # noqa: S608 - words of ours
        return int(rows[0][0] or 0)

    def _one(self, condition: str, values: Sequence[object] = ()) -> Edition | None:
        found = self._all(f"NOT is_dropped AND {condition}", values)
        return found[0] if found else None

    def _all(self, condition: str, values: Sequence[object] = ()) -> list[Edition]:
        sql = (
            f"SELECT {_COLUMNS} FROM editions WHERE {condition}"  # noqa: S608 - words of ours
            " ORDER BY coalesce(replaced_at, created_at) DESC, edition_id DESC"
        )
        return [_edition(row) for row in self._file.rows(sql, values)]


def _edition(row: tuple[Any, ...]) -> Edition:
    edition_id, table_name, key, model, dimension, maker, is_worked_on, is_serving, *times = row
    flags = bool(is_worked_on), bool(is_serving)
    return Edition(edition_id, table_name, key, model, dimension, maker, *flags, *times)
