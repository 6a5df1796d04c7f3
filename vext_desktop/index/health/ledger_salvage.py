"""A ledger put together from what can still be read: the copy of the last run, and the damaged one.

Lines of the damaged ledger win over those of the copy, since they are newer; whether they are true
is not taken on trust: `passages_repair` compares every one with the store afterwards.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vext_desktop.index.health.ledger_check import open_to_read
from vext_desktop.index.ledger_schema import UPGRADES, LedgerFile
from vext_desktop.outcomes import Outcome

# Lines of these tables that break a rule of the schema are left out one by one.
_TABLES = (
    "meta", "roots", "editions", "files", "kept_passages", "leftovers", "kept_leftovers", "runs",
)  # fmt: skip
_AT_ONCE = 200
# Lines after a damaged place are looked for so far beyond the last readable one.
_MOST_ROWID = 1 << 40
_WHOLE_NUMBERS = frozenset(
    {
        "file_id", "size_bytes", "mtime_ns", "generation", "last_generation", "chunks",
        "needs_reading", "failures", "turn", "seen_run", "edition_id", "dimension", "run_id",
        "is_offline", "is_worked_on", "is_serving", "is_dropped", "is_admitted",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a salvage brought back.

    Attributes:
        files: How many files the ledger knows now.
        from_damaged: How many lines came from the damaged ledger.
        has_editions: Whether it says which table of the store holds what.
    """

    files: int
    from_damaged: int
    has_editions: bool


def salvage_ledger(damaged: Path | None, copy: Path | None, target: Path) -> Salvaged:
    """Make a ledger from what is readable.

    Args:
        damaged: The damaged ledger, moved aside with the files beside it; None if it is gone.
        copy: A copy that may be older; None without one.
        target: Where the new ledger is made; nothing lies there.
    """
    from_damaged = 0
    with closing(LedgerFile(target)) as ledger:
        for source in (copy, damaged):
            if source is None or not source.exists():
                continue
            taken = _take(source, ledger)
            if source is damaged:
                from_damaged = taken
        files = ledger.rows("SELECT count(*) FROM files")[0][0]
        has_editions = bool(ledger.rows("SELECT 1 FROM editions WHERE is_serving"))
    return Salvaged(files, from_damaged, has_editions)


def _take(source: Path, ledger: LedgerFile) -> int:
    """Take over every line that can be read and makes sense; returns how many."""
    taken = 0
    try:
        with closing(open_to_read(source)) as connection:
            connection.text_factory = _text
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if not 0 < version <= len(UPGRADES):
                return 0
            for table in _TABLES:
                taken += _take_table(connection, table, ledger)
    except sqlite3.Error:
        return taken  # not even its first page can be read
    return taken


def _take_table(connection: sqlite3.Connection, table: str, ledger: LedgerFile) -> int:
    try:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    except sqlite3.Error:
        return 0
    known = [row[1] for row in ledger.rows(f"PRAGMA table_info({table})")]
    wanted = [name for name in columns if name in known]
    if not wanted:
        return 0
    taken = 0
    sql = (
        f"INSERT OR REPLACE INTO {table} ({', '.join(wanted)})"  # noqa: S608 - words of ours
        f" VALUES ({', '.join('?' * len(wanted))})"
    )
    for group in _groups(connection, table, wanted):
        with ledger.transaction() as target:
            for row in group:
                if _makes_sense(table, dict(zip(wanted, row, strict=True))):
                    try:
                        target.execute(sql, row)
                    except (sqlite3.IntegrityError, OverflowError):
                        continue
                    taken += 1
    return taken


def _groups(
    connection: sqlite3.Connection, table: str, columns: list[str]
) -> Iterator[list[tuple[Any, ...]]]:
    """The lines that can be read, some hundred at a time; damaged places are stepped over."""
    names = ", ".join(columns)
    try:
        connection.execute(f"SELECT rowid FROM {table} LIMIT 0")  # noqa: S608 - words of ours
    except sqlite3.Error:
        yield from _plainly(connection, f"SELECT {names} FROM {table}")  # noqa: S608 - the same
        return
    after = -1
    while True:
        sql = f"SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
        rows: list[tuple[Any, ...]] = []
        try:
            for row in connection.execute(sql, (after, _AT_ONCE)):
                rows.append(row)  # noqa: PERF402 - what came before an error is kept
        except sqlite3.Error:
            yield [row[1:] for row in rows]
            after = _beyond_damage(connection, table, rows[-1][0] if rows else after)
            if after < 0:
                return
            continue
        if not rows:
            return
        yield [row[1:] for row in rows]
        after = rows[-1][0]


def _beyond_damage(connection: sqlite3.Connection, table: str, last: int) -> int:
    """From where on lines can be read again; -1 if from nowhere."""
    step = 1
    while last + step < _MOST_ROWID:
        try:
            sql = f"SELECT rowid FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT 1"  # noqa: S608
            if connection.execute(sql, (last + step,)).fetchone() is None:
                return -1
        except sqlite3.Error:
            step *= 2
            continue
        return last + step
    return -1


def _plainly(connection: sqlite3.Connection, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """The lines of a table without row numbers, up to the first damaged place."""
    rows: list[tuple[Any, ...]] = []
    try:
        for row in connection.execute(sql):
            rows.append(row)  # noqa: PERF402 - as above
    except sqlite3.Error:
        pass
    yield rows


def _makes_sense(table: str, row: dict[str, Any]) -> bool:
    """Whether a line holds values of the kinds that we write."""
    for name, value in row.items():
        if name in _WHOLE_NUMBERS and (not isinstance(value, int) or value < -(1 << 62)):
            return False
        if name == "path" and not _is_path(value):
            return False
    if table == "files":
        return row["state"] in set(Outcome) and row["generation"] >= 0 and row["chunks"] >= 0
    if table == "editions":
        return _is_json(row["maker"]) and row["dimension"] > 0
    if table == "runs":
        return _is_json(row["summary"]) and _is_json(row["roots"])
    return True


def _is_path(value: object) -> bool:
    try:
        text = value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else ""
    except UnicodeDecodeError:
        return False
    return bool(text) and "\0" not in text and Path(text).is_absolute()


def _is_json(value: object) -> bool:
    try:
        json.loads(value if isinstance(value, str) else "")
    except (ValueError, RecursionError):
        return False
    return True


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
