"""The ledger's SQLite file: its tables, its upgrades, and its errors as sentences."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger_errors import as_sentence, damaged

# Paths are BLOBs: UTF-8 with lone surrogates kept, since a file name can be any bytes.
# `needs_reading`: the content on disk is not the one that the passages or the reason speak of.
# `read_hash`: of the content in hand; it becomes `content_hash` when its outcome is known.
# `turn`: what waits is taken in the order of turn, then file_id; possible moves come first.
_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (
    path BLOB PRIMARY KEY,
    is_offline INTEGER NOT NULL DEFAULT 0,
    device TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at REAL NOT NULL,
    ended_at REAL,
    end TEXT NOT NULL DEFAULT '',
    roots TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    suffix TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    content_hash TEXT NOT NULL DEFAULT '',
    read_hash TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    generation INTEGER NOT NULL DEFAULT 0,
    last_generation INTEGER NOT NULL DEFAULT 0,
    chunks INTEGER NOT NULL DEFAULT 0,
    indexed_at REAL,
    index_key TEXT NOT NULL DEFAULT '',
    needs_reading INTEGER NOT NULL DEFAULT 1,
    failures INTEGER NOT NULL DEFAULT 0,
    turn INTEGER NOT NULL DEFAULT 1,
    seen_run INTEGER NOT NULL
);
CREATE INDEX files_by_state ON files (state, path);
CREATE INDEX files_waiting ON files (seen_run, turn, file_id) WHERE state = 'waiting';
CREATE INDEX files_vanished ON files (content_hash) WHERE state = 'vanished';
CREATE VIEW records AS SELECT
    file_id, path, size_bytes, mtime_ns, content_hash, state, reason, generation, chunks,
    indexed_at, index_key
FROM files;
CREATE TABLE leftovers (
    file_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (file_id, generation)
) WITHOUT ROWID;
"""

# `is_admitted`: the user wants it read, whatever memory that may take; once.
_SECOND = """
ALTER TABLE files ADD COLUMN is_admitted INTEGER NOT NULL DEFAULT 0;
DROP VIEW records;
CREATE VIEW records AS SELECT
    file_id, path, size_bytes, mtime_ns, content_hash, state, reason, generation, chunks,
    indexed_at, index_key, failures, is_admitted
FROM files;
"""

# An edition is one table of the store with what made its vectors (`editions`). `files` speaks of
# the edition that is worked on; what the others hold of each file stands in `kept_passages`, and
# `size_bytes` there is -1 where the content on disk was no longer the one that was indexed.
_THIRD = """
CREATE TABLE editions (
    edition_id INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL UNIQUE,
    index_key TEXT NOT NULL,
    model TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    maker TEXT NOT NULL,
    is_worked_on INTEGER NOT NULL DEFAULT 0,
    is_serving INTEGER NOT NULL DEFAULT 0,
    is_dropped INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    completed_at REAL,
    replaced_at REAL
);
CREATE TABLE kept_passages (
    edition_id INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    indexed_at REAL,
    reason TEXT NOT NULL,
    PRIMARY KEY (edition_id, file_id)
) WITHOUT ROWID;
CREATE INDEX kept_by_file ON kept_passages (file_id);
CREATE TABLE kept_leftovers (
    edition_id INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (edition_id, file_id, generation)
) WITHOUT ROWID;
"""

# One script for each version of the schema: a ledger of version n gets all after the nth.
UPGRADES: tuple[str, ...] = (_FIRST, _SECOND, _THIRD)

_BUSY_TIMEOUT_S = 10.0
# Half of SQLite's own limit: a scan fills it at once, where twice as much went on filling while
# thousands of files were indexed, and looked like growth. The system keeps the rest of the file.
_CACHE_KIB = 1000


class LedgerFile:
    """An open ledger file, for one thread; every SQLite error leaves it as a `StoreError`.

    Args:
        path: The SQLite file; created unless `read_only`.
        read_only: For a second reader beside the one writer.
        upgrades: The scripts of all schema versions, oldest first.

    Raises:
        StoreError: It cannot be opened, is damaged, or comes from a newer program.
    """

    def __init__(
        self, path: Path, *, read_only: bool = False, upgrades: Sequence[str] = UPGRADES
    ) -> None:
        self.path = path
        with self._told():
            self._connection = self._connect("ro" if read_only else "rwc")
        try:
            with self._told():
                if read_only:
                    self._connection = self._readable(self._connection)
                self._prepare(read_only=read_only, upgrades=upgrades)
        except BaseException:
            self._connection.close()
            raise

    def _connect(self, mode: str) -> sqlite3.Connection:
        # as_uri needs an absolute path and quotes what a URI may not hold.
        return sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,
        )

    def _readable(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """A connection that can read, also where not even a reader's helper file can be made.

        SQLite makes one beside a ledger in WAL mode, which a folder that may not be written to,
        or a full disk, does not allow. Where all that was ever written stands in the ledger
        itself, it needs none: nobody can write there meanwhile.
        """
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            unmerged = self.path.with_name(f"{self.path.name}-wal")
            if unmerged.exists() and unmerged.stat().st_size:
                raise
            connection.close()
            return self._connect("ro&immutable=1")
        return connection

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """All rows of a query, as tuples."""
        with self._told():
            return self._connection.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: committed at the end of the block, undone by any error in it."""
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def check(self) -> None:
        """Read the whole file for damage; seconds for a large one.

        Raises:
            StoreError: It is damaged.
        """
        found = self.rows("PRAGMA integrity_check(1)")[0][0]
        if found != "ok":
            raise damaged(self.path, str(found))

    def close(self) -> None:
        """Close the file; harmless a second time."""
        self._connection.close()

    def _prepare(self, *, read_only: bool, upgrades: Sequence[str]) -> None:
        connection = self._connection
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(upgrades):
            raise StoreError(
                f"The ledger {self.path} was written by a newer Vext Desktop.",
                "Update Vext Desktop, or choose another data folder with --data-dir.",
            )
        if read_only:
            if version < len(upgrades):
                raise StoreError(
                    f"The ledger {self.path} was written by an older Vext Desktop.",
                    "Open the data folder once with the program itself; that brings it up to date.",
                )
            return
        self._use_wal()
        # FULL: a generation number that a power cut takes back would be given out twice.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        for number in range(version, len(upgrades)):
            with self.transaction():
                if connection.execute("PRAGMA user_version").fetchone()[0] > number:
                    continue  # another program was quicker
                for statement in _statements(upgrades[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")

    def _use_wal(self) -> None:
        # Of two programs that ask for it at once one is told at once that the file is busy: SQLite
        # does not wait here.
        patient_until_s = time.monotonic() + _BUSY_TIMEOUT_S
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > patient_until_s:
                    raise
                time.sleep(0.01)
            else:
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a mistake of ours
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            raise as_sentence(self.path, error) from error


def _statements(script: str) -> list[str]:
    # executescript would commit the open transaction; no statement here holds a semicolon.
    return [statement for statement in script.split(";") if statement.strip()]
