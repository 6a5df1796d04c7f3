"""The ledger brought in step with what a table really holds: what is lost is to be read again."""

import sqlite3
from collections.abc import Sequence

from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.rows_check import Pair, RowsCompared
from vext_desktop.index.ledger_schema import LedgerFile


def settle_passages(file: LedgerFile, edition: Edition, compared: RowsCompared) -> int:
    """Let files wait whose passages are not whole, and let the next run remove the rest.

    Rows that belong to nothing become leftovers, which a run removes when it starts; and no
    number that is in the store is ever given out again.

    Returns:
        How many files are to be read again.
    """
    with file.transaction() as connection:
        _keep_numbers(connection, [*compared.lost, *compared.foreign])
        if edition.is_worked_on:
            _settle_worked_on(connection, compared)
        else:
            _settle_kept(connection, edition.edition_id, compared)
    return len(compared.lost)


def lose_all(file: LedgerFile, edition: Edition) -> int:
    """All passages of an edition are gone with its table: its files are to be read again.

    Returns:
        How many files that are.
    """
    with file.transaction() as connection:
        if not edition.is_worked_on:
            number = edition.edition_id
            gone = connection.execute("DELETE FROM kept_passages WHERE edition_id = ?", (number,))
            connection.execute("DELETE FROM kept_leftovers WHERE edition_id = ?", (number,))
            return gone.rowcount
        connection.execute("DELETE FROM leftovers")
        lost = connection.execute(f"{_WAITS} WHERE generation > 0")
        return lost.rowcount


_WAITS = (
    "UPDATE files SET state = iif(state = 'indexed', 'waiting', state),"
    " reason = iif(state = 'indexed', '', reason), needs_reading = 1, generation = 0, chunks = 0,"
    " indexed_at = NULL"
)


def _settle_worked_on(connection: sqlite3.Connection, compared: RowsCompared) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO leftovers VALUES (?, ?)", [*compared.lost, *compared.foreign]
    )
    connection.executemany(f"{_WAITS} WHERE file_id = ? AND generation = ?", compared.lost)


def _settle_kept(connection: sqlite3.Connection, edition_id: int, compared: RowsCompared) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO kept_leftovers VALUES (?, ?, ?)",
        [(edition_id, *pair) for pair in (*compared.lost, *compared.foreign)],
    )
    connection.executemany(
        "DELETE FROM kept_passages WHERE edition_id = ? AND file_id = ? AND generation = ?",
        [(edition_id, *pair) for pair in compared.lost],
    )


def _keep_numbers(connection: sqlite3.Connection, pairs: Sequence[Pair]) -> None:
    """A ledger that is older than the store must not give out its numbers a second time."""
    connection.executemany(
        "UPDATE files SET last_generation = max(last_generation, ?) WHERE file_id = ?",
        [(generation, file_id) for file_id, generation in pairs],
    )
    highest = max((file_id for file_id, _ in pairs), default=0)
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'files'").fetchone()
    if row is None:
        connection.execute("INSERT INTO sqlite_sequence VALUES ('files', ?)", (highest,))
    elif row[0] < highest:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'files'", (highest,))
