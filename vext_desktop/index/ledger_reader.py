"""What can be asked of a ledger; the same answers for the writer and for the window's view."""

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from vext_desktop.index.edition_reader import EditionReader
from vext_desktop.index.ledger_paths import beneath, to_bytes, to_text, within
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.records import SEARCHABLE_STATES, FileRecord, RootRecord, RunRecord
from vext_desktop.outcomes import Outcome

# Records are fetched in groups of this size.
GROUP = 500
_SET_ASIDE = json.dumps([state for state in Outcome if state.is_set_aside])
_END_OF_TIME = 2**62
# The columns of the view `records`.
_RECORD = (
    "file_id, path, size_bytes, mtime_ns, content_hash, state, reason, generation, chunks,"
    " indexed_at, index_key, failures, is_admitted"
)
_IS_SEARCHABLE = (
    "generation > 0 AND state IN (SELECT value FROM json_each(?))"
    " AND (path = ? OR (path >= ? AND path < ?))"
    " AND (? = '[]' OR suffix IN (SELECT value FROM json_each(?)))"
    " AND mtime_ns >= ? AND mtime_ns < ?"
)
_SEARCHABLE = json.dumps(sorted(SEARCHABLE_STATES))


class LedgerReader:
    """An open ledger that is asked, not changed; for one thread.

    Args:
        file: The ledger's file; closed by `close`.
    """

    # What `files_by_id` and `find_searchable` look into; see `ServedFiles`.
    _searched = "files"

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self.editions = EditionReader(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; harmless a second time."""
        self._file.close()

    @property
    def file(self) -> LedgerFile:
        """The open file."""
        return self._file

    def roots(self) -> list[RootRecord]:
        """All roots by path, with the counts of what lies beneath each."""
        rows = self._file.rows("SELECT path, is_offline FROM roots ORDER BY path")
        return [self._root_record(path, is_offline=bool(offline)) for path, offline in rows]

    def runs(self, limit: int = 20) -> list[RunRecord]:
        """The latest runs, newest first."""
        sql = (
            "SELECT run_id, started_at, ended_at, end, roots, summary FROM runs"
            " ORDER BY run_id DESC LIMIT ?"
        )
        return [
            RunRecord(run_id, started, ended, end, tuple(json.loads(paths)), json.loads(summary))
            for run_id, started, ended, end, paths, summary in self._file.rows(sql, [limit])
        ]

    def counts(self) -> dict[Outcome, int]:
        """How many files there are in each state that occurs."""
        rows = self._file.rows("SELECT state, count(*) FROM files GROUP BY state")
        return {Outcome(state): count for state, count in rows}

    def files_by_id(self, file_ids: Collection[int]) -> dict[int, FileRecord]:
        """The records of these files; one that is not known is left out."""
        sql = (
            f"SELECT {_RECORD} FROM {self._searched}"  # noqa: S608 - words of ours
            " WHERE file_id IN (SELECT value FROM json_each(?))"
        )
        rows = self._file.rows(sql, [json.dumps(list(file_ids))])
        return {row[0]: file_record(row) for row in rows}

    def shown_generations(self, file_ids: Collection[int]) -> dict[int, int]:
        """Which reading of each of these files a search shows; without those it shows none of."""
        sql = (
            f"SELECT file_id, generation FROM {self._searched}"  # noqa: S608 - words of ours
            " WHERE file_id IN (SELECT value FROM json_each(?))"
            " AND generation > 0 AND state IN (SELECT value FROM json_each(?))"
        )
        return dict(self._file.rows(sql, [json.dumps(list(file_ids)), _SEARCHABLE]))

    def files(self, states: Sequence[Outcome] = ()) -> Iterator[FileRecord]:
        """Files in these states (all, if none is named), by id, a few hundred held at a time."""
        sql = (
            "SELECT * FROM records WHERE file_id > ?"
            " AND state IN (SELECT value FROM json_each(?)) ORDER BY file_id LIMIT ?"
        )
        wanted, last = json.dumps(list(states or Outcome)), 0
        while True:
            rows = self._file.rows(sql, [last, wanted, GROUP])
            yield from map(file_record, rows)
            if len(rows) < GROUP:
                return
            last = rows[-1][0]

    def passages_expected(self) -> list[tuple[int, int, int]]:
        """(file_id, generation, passages) of every file that has some in the store."""
        return self._file.rows("SELECT file_id, generation, chunks FROM files WHERE generation > 0")

    def files_set_aside(
        self, roots: Sequence[Path | str] = (), *, seen_run: int | None = None
    ) -> list[FileRecord]:
        """Files with a reason why they are not indexed, by path; all, or those of some roots.

        With `seen_run`, only those that this run has met.
        """
        sql = (
            "SELECT * FROM records WHERE state IN (SELECT value FROM json_each(?))"
            " AND (path = ? OR (path >= ? AND path < ?))"
            " AND (? IS NULL OR file_id IN (SELECT file_id FROM files WHERE seen_run = ?))"
        )
        ranges = [within(to_bytes(root)) for root in roots] or [within(None)]
        only = (seen_run, seen_run)
        rows = [row for at in ranges for row in self._file.rows(sql, [_SET_ASIDE, *at, *only])]
        found = {row[0]: file_record(row) for row in rows}
        return sorted(found.values(), key=lambda record: record.path)

    def ids_not_indexed(self, path: Path | str) -> list[int]:
        """The ids of the file at a path, or of all beneath it, that are not in the index.

        Beneath it, what is ignored stays ignored; a file that is named itself does not.
        """
        sql = (
            "SELECT file_id FROM files WHERE state NOT IN ('indexed', 'offline')"
            " AND (path = ? OR (path >= ? AND path < ? AND state <> 'ignored'))"
        )
        return [row[0] for row in self._file.rows(sql, list(within(to_bytes(path))))]

    def find_searchable(
        self,
        folder: str | None = None,
        suffixes: Sequence[str] = (),
        modified_after: float | None = None,
        modified_before: float | None = None,
    ) -> list[int]:
        """Ascending ids of the searchable files that meet all conditions.

        Args:
            folder: A folder, for what is beneath it at any depth, or one file.
            suffixes: Such as ".pdf"; case and a missing dot do not matter.
            modified_after: Seconds since 1970; the file's time is this or later.
            modified_before: Seconds since 1970; the file's time is before this.
        """
        sql = f"SELECT file_id FROM {self._searched} WHERE {_IS_SEARCHABLE} ORDER BY file_id"  # noqa: S608 - words of ours
        place = within(None if folder is None else to_bytes(folder))
        kinds = json.dumps(["." + suffix.lower().lstrip(".") for suffix in suffixes])
        times = (
            _nanoseconds(modified_after, -_END_OF_TIME),
            _nanoseconds(modified_before, _END_OF_TIME),
        )
        rows = self._file.rows(sql, [_SEARCHABLE, *place, kinds, kinds, *times])
        return [row[0] for row in rows]

    def main_index_key(self) -> str | None:
        """The key that most files with passages were indexed with; None if there are none."""
        rows = self._file.rows(
            "SELECT index_key FROM files WHERE generation > 0"
            " GROUP BY index_key ORDER BY count(*) DESC LIMIT 1"
        )
        return rows[0][0] if rows else None

    def get_meta(self, key: str) -> str | None:
        """A remembered word about the whole index, such as the key it was made with."""
        rows = self._file.rows("SELECT value FROM meta WHERE key = ?", [key])
        return rows[0][0] if rows else None

    def check(self) -> None:
        """Read the whole ledger for damage; `StoreError` if there is any. Takes seconds."""
        self._file.check()

    def _root_record(self, path: bytes, *, is_offline: bool) -> RootRecord:
        # One short range of the index on (state, path) for each state: far faster at 100 000
        # files than one query over the paths, which must fetch each row for its state.
        sql = "SELECT count(*) FROM files WHERE state = ? AND path >= ? AND path < ?"
        itself = self._file.rows("SELECT state FROM files WHERE path = ?", [path])
        found = {
            state: self._file.rows(sql, [state, *beneath(path)])[0][0] + itself.count((state,))
            for state in Outcome
        }
        return RootRecord(
            to_text(path),
            files=sum(found.values()),
            indexed=found[Outcome.INDEXED],
            set_aside=sum(count for state, count in found.items() if state.is_set_aside),
            is_offline=is_offline,
        )


def file_record(row: tuple[Any, ...]) -> FileRecord:
    """One row of the view `records` as a record."""
    file_id, path, size, mtime, content_hash, state, *rest = row
    return FileRecord(file_id, to_text(path), size, mtime, content_hash, Outcome(state), *rest)


def _nanoseconds(seconds: float | None, otherwise: int) -> int:
    """Bounded to what an SQLite integer holds."""
    if seconds is None:
        return otherwise
    return round(max(-_END_OF_TIME / 1e9, min(_END_OF_TIME / 1e9, seconds)) * 1e9)
