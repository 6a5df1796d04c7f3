"""The ledger: what became of every file and run, in one SQLite file, so that a kill loses nothing.

How a file comes into the index: `next_waiting` hands it out, `begin_file` gives its passages a
generation and notes the pair (file, generation) as leftover *before* any row is written; once all
rows are in the store, `finish_files` takes the pair out of the leftovers and makes it the file's
own, and the generation before it a leftover, all in one transaction. What a killed run had begun
thus stays a leftover, and the store is rid of leftovers when a run starts. A search shows a row
only if its pair is the file's own, so nothing is ever seen twice or half.

What a scan makes of a file (`ledger_scan.decide`):
- Same size, time and index key as when it was indexed: unchanged.
- Set aside for its content (locked, damaged, no text...) and the same since: stays so.
- Reader crash, time or memory limit: one more try at the next run, then it rests too. So does a
  file over which the whole program ended twice (`ledger_suspects`).
- Not embedded: rests until the file or the model changes.
- May not be opened, vanished in its turn, changed while read: tried at every run; the passages of
  before are kept, and shown again if it turns out to be the same.
- Left out by the user: stays so.
- Anything else waits. A changed file keeps its passages, and is found by them, until the new ones
  are written or it is set aside.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from vext_desktop.index import ledger_changes, ledger_runs, ledger_scan, ledger_unmet
from vext_desktop.index.editions import Editions
from vext_desktop.index.ledger_paths import to_bytes
from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.records import PASSING_OUTCOMES, DoneFile, FileRecord, Found, NotedFiles
from vext_desktop.index.room import Reserve
from vext_desktop.outcomes import Outcome

__all__ = ["DoneFile", "FileRecord", "Ledger", "NotedFiles"]


class Ledger(LedgerReader):
    """The state of every file and run; for one thread, and one writer at a time.

    Args:
        path: The SQLite file; created if it is not there.
        read_only: To ask only, beside another program that writes; the file must be there.
        reserve: Given up so that the end of a run can be noted on a full disk.

    Raises:
        StoreError: The file cannot be opened or is damaged; any method may also raise it.
    """

    def __init__(
        self, path: Path, *, read_only: bool = False, reserve: Reserve | None = None
    ) -> None:
        super().__init__(LedgerFile(path, read_only=read_only))
        self._reserve = reserve
        self.editions: Editions = Editions(self._file)
        # Files handed out and not yet at their end, with the generation in hand (0: none yet).
        self._in_hand: dict[int, int] = {}

    # Roots

    def add_roots(self, paths: Iterable[Path | str]) -> None:
        """Remember folders or files that the user gave, by absolute path."""
        stored = [(to_bytes(Path(path).absolute()),) for path in paths]
        with self._file.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO roots (path) VALUES (?)", stored)

    def remove_root(self, path: Path | str) -> int:
        """Forget a root, and the files that no other root holds; their passages are leftovers.

        Returns:
            How many files were forgotten.
        """
        with self._file.transaction() as connection:
            return ledger_changes.remove_root(connection, to_bytes(path))

    # Runs

    def begin_run(self, roots: Sequence[Path | str]) -> int:
        """Note that a run begins; what an earlier one had in hand is in hand no more.

        If that one has no end, the program ended in it, and those files are suspects.
        """
        self._in_hand.clear()
        return ledger_runs.begin(self._file, roots)

    def end_run(self, run_id: int, end: str, summary: dict[str, object]) -> None:
        """Note how a run ended; `summary` holds plain JSON values."""
        ledger_runs.end(self._file, self._reserve, run_id, end, summary)

    # Scan

    def note_found(self, found: Sequence[Found], run_id: int, index_key: str) -> NotedFiles:
        """Take in some scanned files (hundreds at a time are best); see the module's rules."""
        with self._file.transaction() as connection:
            return ledger_scan.note(connection, found, run_id, index_key)

    def finish_scan(
        self, roots: Sequence[Path | str], run_id: int, silent: Sequence[Path | str] = ()
    ) -> int:
        """Mark as vanished what a *complete* scan of these roots did not meet.

        Below a root that cannot be reached, or is `silent`, files become offline instead.
        Vanished files stay, with their passages, until `adopt_moved` or `prune_vanished`.

        Returns:
            How many files are gone for certain; what may have moved is not counted.
        """
        with self._file.transaction() as connection:
            return ledger_unmet.finish(
                connection, list(map(to_bytes, roots)), run_id, set(map(to_bytes, silent))
            )

    def prune_vanished(self, roots: Sequence[Path | str] = ()) -> int:
        """Remove the vanished files of these roots (of all, if none is named).

        One stays while a waiting file has its size, and may turn out to be it: so call this
        after the scan, and again when no file waits any more.

        Returns:
            How many files were removed.
        """
        with self._file.transaction() as connection:
            return ledger_changes.prune(connection, [to_bytes(root) for root in roots])

    def adopt_moved(self, file_id_new: int, content_hash: str, index_key: str) -> bool:
        """If a waiting file is a vanished one at a new place, give that one its path.

        The file then keeps its old id and its passages, and the new id is no more.
        """
        with self._file.transaction() as connection:
            adopted = ledger_changes.adopt(connection, file_id_new, content_hash, index_key)
        if adopted is not None:
            self._in_hand.pop(file_id_new, None)
        return adopted is not None

    # One file's way

    def waiting_by_suffix(self, run_id: int) -> dict[str, tuple[int, int]]:
        """What this run has to read, as {suffix: (files, bytes)}; suffixes in lower case."""
        rows = self._file.rows(
            "SELECT suffix, count(*), sum(size_bytes) FROM files WHERE state = 'waiting'"
            " AND seen_run = ? GROUP BY suffix",
            [run_id],
        )
        return {suffix: (files, size_bytes) for suffix, files, size_bytes in rows}

    def next_waiting(self, run_id: int) -> FileRecord | None:
        """Hand out the next waiting file that this run met in its folders.

        Each is handed out only once in a run, also if it stays waiting. Files that a vanished
        one may have moved to come first, then the others as found.
        """
        rows = self._file.rows(
            "SELECT file_id FROM files INDEXED BY files_waiting WHERE state = 'waiting'"
            " AND seen_run = ? ORDER BY turn, file_id LIMIT ?",
            [run_id, len(self._in_hand) + 1],
        )
        file_id = next((row[0] for row in rows if row[0] not in self._in_hand), None)
        if file_id is None:
            return None
        self._in_hand[file_id] = 0
        return self.files_by_id([file_id])[file_id]

    def begin_file(self, file_id: int, content_hash: str) -> int:
        """Give the passages to come a generation; until finished, they are leftovers."""
        with self._file.transaction() as connection:
            row = connection.execute(
                "UPDATE files SET read_hash = ?, last_generation = last_generation + 1"
                " WHERE file_id = ? RETURNING last_generation",
                (content_hash, file_id),
            ).fetchone()
            if row is None:
                raise KeyError(file_id)
            connection.execute("INSERT INTO leftovers VALUES (?, ?)", (file_id, row[0]))
        self._in_hand[file_id] = row[0]
        return int(row[0])

    def finish_file(
        self,
        file_id: int,
        generation: int,
        chunks: int,
        size_bytes: int,
        mtime_ns: int,
        index_key: str,
    ) -> None:
        """As `finish_files`, for one file."""
        self.finish_files([DoneFile(file_id, generation, chunks, size_bytes, mtime_ns, index_key)])

    def finish_files(self, finished: Sequence[DoneFile]) -> None:
        """Make new passages, all of which are in the store, the files' own; in one transaction.

        A file that was removed or ignored meanwhile stays so, and the passages stay leftovers.
        """
        with self._file.transaction() as connection:
            for file in finished:
                ledger_changes.finish(connection, file)
        for file in finished:
            self._in_hand.pop(file.file_id, None)

    def set_aside(
        self,
        file_id: int,
        outcome: Outcome,
        reason: str = "",
        keep_generation: bool | None = None,
        *,
        is_failure: bool = True,
    ) -> str:
        """Note why a file is not indexed.

        Args:
            file_id: Which file; one that was removed or ignored meanwhile stays so.
            outcome: Its new state. A vanished file whose root cannot be reached is offline.
            reason: A sentence; the outcome's own if empty.
            keep_generation: Whether the passages it had are kept. If None, they are where the
                outcome says nothing about the content (`records.PASSING_OUTCOMES`).
            is_failure: Whether it was tried, so that it may count towards quarantine.

        Returns:
            The reason as noted: it says so when the file is in quarantine from now on.
        """
        keeps = outcome in PASSING_OUTCOMES if keep_generation is None else keep_generation
        with self._file.transaction() as connection:
            noted = ledger_changes.set_aside(
                connection, file_id, outcome, reason, keeps_passages=keeps, is_failure=is_failure
            )
        self._in_hand.pop(file_id, None)
        return noted

    def mark_unchanged(self, file_id: int, size_bytes: int, mtime_ns: int, index_key: str) -> bool:
        """Note that a file only looked changed: its content is the one that is indexed.

        Returns:
            False, and nothing is noted, if it has no passages made with this index key.
        """
        with self._file.transaction() as connection:
            changed = connection.execute(
                "UPDATE files SET state = 'indexed', reason = '', needs_reading = 0, failures = 0,"
                " size_bytes = ?, mtime_ns = ? WHERE file_id = ? AND generation > 0"
                " AND index_key = ?",
                (size_bytes, mtime_ns, file_id, index_key),
            )
        if changed.rowcount:
            self._in_hand.pop(file_id, None)
        return bool(changed.rowcount)

    def retry(self, file_ids: Collection[int], *, admit: bool = False) -> None:
        """Let these files be read at the next turn, whatever became of them before.

        Args:
            file_ids: Which files.
            admit: Whether they are read whatever memory that may take; once.
        """
        with self._file.transaction() as connection:
            connection.executemany(
                "UPDATE files SET state = 'waiting', reason = '', needs_reading = 1,"
                " failures = 0, turn = 1, is_admitted = ? WHERE file_id = ?",
                [(admit, file_id) for file_id in file_ids],
            )

    def ignore(self, file_ids: Collection[int]) -> None:
        """Leave these files out until `retry`; their passages are leftovers."""
        with self._file.transaction() as connection:
            ledger_changes.drop_passages(connection, list(file_ids))
            ledger_changes.drop_kept_passages(connection, list(file_ids))
            connection.executemany(
                "UPDATE files SET state = 'ignored', reason = ?, needs_reading = 1"
                " WHERE file_id = ?",
                [(Outcome.IGNORED.sentence, file_id) for file_id in file_ids],
            )

    # Leftovers

    def leftovers(self) -> list[tuple[int, int]]:
        """Pairs (file_id, generation) whose rows, if any, must leave the store.

        Passages of files that are in hand just now are not among them.
        """
        pairs = self._file.rows("SELECT file_id, generation FROM leftovers ORDER BY 1, 2")
        return [pair for pair in pairs if self._in_hand.get(pair[0]) != pair[1]]

    def clear_leftovers(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Forget these pairs, now that the store holds no row of them."""
        with self._file.transaction() as connection:
            connection.executemany(
                "DELETE FROM leftovers WHERE file_id = ? AND generation = ?", pairs
            )

    def set_meta(self, key: str, value: str) -> None:
        """Remember a word about the whole index."""
        with self._file.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
