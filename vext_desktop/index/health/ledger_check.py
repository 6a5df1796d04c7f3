"""Is the ledger whole, and one that this program understands."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from vext_desktop.index.health.finding import Finding, FindingKind, Repair
from vext_desktop.index.ledger_schema import UPGRADES
from vext_desktop.index.table_names import table_names
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths

_UNTOUCHED = "Your documents are untouched."
_FROM_COPY = (
    "A repair brings the list back from what is readable and from the copy of the last run; "
    "files that are as they were then need not be processed again."
)
_WITHOUT_COPY = (
    "A repair keeps what is still readable; what is not, is indexed again from your documents."
)
_STATES = json.dumps(list(Outcome))
# What SQLite's own check does not look at: whether values are of the kind that we write.
_STRANGE = (
    "SELECT count(*) FROM files WHERE state NOT IN (SELECT value FROM json_each(?))"
    " OR typeof(path) <> 'blob' OR typeof(generation) <> 'integer' OR typeof(chunks) <> 'integer'"
    " OR typeof(size_bytes) <> 'integer' OR typeof(mtime_ns) <> 'integer' OR generation < 0"
)


def check_ledger(paths: Paths, *, thorough: bool) -> list[Finding]:
    """What is wrong with the ledger; at most one finding.

    Args:
        paths: The data folder.
        thorough: Whether its indices are compared with its tables, which takes longer.
    """
    if not has_ledger(paths):
        return [_missing(paths)] if has_index(paths) else []
    try:
        detail = _damage(paths, thorough=thorough)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return []  # another program writes just now, so it can
        detail = str(error)
    except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError) as error:
        detail = str(error)
    if isinstance(detail, Finding):
        return [detail]
    return [_damaged(paths, detail)] if detail else []


def has_ledger(paths: Paths) -> bool:
    """Whether there is a ledger with anything in it."""
    beside = paths.ledger.with_name(f"{paths.ledger.name}-wal")
    return any(file.is_file() and file.stat().st_size for file in (paths.ledger, beside)) and (
        paths.ledger.exists()
    )


def has_index(paths: Paths) -> bool:
    """Whether anything says that a ledger was here: a copy of it, or a table."""
    return copy_of_ledger(paths).exists() or bool(table_names(paths.store))


def copy_of_ledger(paths: Paths) -> Path:
    """Where `Safekeeping` keeps its copy."""
    return paths.safe / paths.ledger.name


def _damage(paths: Paths, *, thorough: bool) -> str | Finding:
    """What is damaged, in SQLite's words; "" if nothing is."""
    with closing(open_to_read(paths.ledger)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(UPGRADES):
            return _too_new(paths)
        check = "integrity_check" if thorough else "quick_check"
        found = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
        if found != "ok":
            return str(found)
        if version == 0:
            return "it is empty" if has_index(paths) else ""
        strange = connection.execute(_STRANGE, (_STATES,)).fetchone()[0]
        return f"{strange} of its lines make no sense" if strange else ""


def open_to_read(file: Path) -> sqlite3.Connection:
    """Open an SQLite file that may be damaged, without changing it."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=5.0)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
        # Its helper file cannot be made where nothing may be written.
        return sqlite3.connect(f"{address}&immutable=1", uri=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _missing(paths: Paths) -> Finding:
    return Finding(
        FindingKind.LEDGER_MISSING,
        paths.ledger.name,
        "The list of your files and folders (ledger.sqlite) is missing or empty, so it is not "
        f"known what the index holds. {_UNTOUCHED}",
        _FROM_COPY if copy_of_ledger(paths).exists() else _LOST,
        Repair.LEDGER,
    )


_LOST = "There is no copy of it. A repair moves the index aside, and you add your folders again."


def _damaged(paths: Paths, detail: str) -> Finding:
    # SQLite begins with which of its databases it means, on a line of its own.
    detail = " ".join(detail.replace("*** in database main ***", "").split())
    return Finding(
        FindingKind.LEDGER_DAMAGED,
        paths.ledger.name,
        f"The list of your files and folders (ledger.sqlite) is damaged ({detail}), so searches "
        f"and runs cannot be relied on. {_UNTOUCHED}",
        _FROM_COPY if copy_of_ledger(paths).exists() else _WITHOUT_COPY,
        Repair.LEDGER,
    )


def _too_new(paths: Paths) -> Finding:
    return Finding(
        FindingKind.LEDGER_TOO_NEW,
        paths.ledger.name,
        "The index was written by a newer Vext Desktop, which this one does not understand. "
        f"{_UNTOUCHED}",
        "Update Vext Desktop, or choose another data folder with --data-dir.",
        Repair.NONE,
    )
