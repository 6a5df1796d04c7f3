"""An SQLite database that nobody needs once this program has ended."""

import contextlib
import os
import sqlite3
from pathlib import Path

# Pages that SQLite keeps in memory; the others are in the system's file cache, if anywhere.
CACHE_BYTES = 1 << 20


def open_scratch(file: Path, schema: str) -> sqlite3.Connection:
    """Make an empty database in a file, which is gone at the latest when it is opened again.

    It takes memory for a bounded number of its pages, however much it holds. Nothing of it is
    made safe: after any error it must be closed and thrown away. Where the system lets an open
    file go (not on Windows), no program that is killed leaves it behind.

    Args:
        file: Where it lies; what an earlier program left there is removed.
        schema: Its tables.

    Raises:
        sqlite3.Error: It cannot be made.
        OSError: What lies there cannot be removed.
    """
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file, isolation_level=None)
    try:
        database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;"
            f"PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -{CACHE_BYTES >> 10};"
        )
        database.executescript(schema)
        if os.name == "posix":
            file.unlink()
    except (sqlite3.Error, OSError):
        discard_scratch(database, file)
        raise
    return database


def discard_scratch(database: sqlite3.Connection, file: Path) -> None:
    """Close it and remove its file."""
    database.close()
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
