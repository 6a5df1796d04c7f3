"""What SQLite says of the ledger, in sentences for people."""

import sqlite3
from pathlib import Path

from vext_desktop.errors import REPAIR_HINT, DiskFullError, StoreError
from vext_desktop.index.room import is_full, say_room_needed


def damaged(path: Path, detail: str) -> StoreError:
    """What to say of a ledger that cannot be believed."""
    return StoreError(
        f"The ledger {path} is damaged ({detail}), so it is not known what is indexed.",
        f"Your documents are untouched. {REPAIR_HINT}",
    )


def as_sentence(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """What an error of SQLite's means for the ledger, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full(path.parent)):
        return DiskFullError(
            f"The disk is full: what was done could not be noted in the ledger {path}. Your "
            "documents are untouched, and what is indexed so far is safe.",
            say_room_needed(path.parent),
        )
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(
            f"The ledger {path} could not be read or written ({error}); what was safe before is "
            "safe.",
            "See that the disk is connected and well, and start again: the run goes on where it "
            "was.",
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreError(
            f"The ledger {path} is in use by another program.",
            "Close the other program and try again.",
        )
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StoreError(
            f"The ledger {path} could not be opened ({error}).",
            "Check that the data folder exists and may be written, or choose another one "
            "with --data-dir.",
        )
    return StoreError(
        f"The ledger {path} could not be used ({error}).",
        f"Try again. If it stays so: {REPAIR_HINT}",
    )
