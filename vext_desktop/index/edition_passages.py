"""Which passages files have in an edition that is put down, and when it is taken up again.

All of it inside a transaction.
"""

import sqlite3

from vext_desktop.index.ledger_changes import drop_passages


def stash(connection: sqlite3.Connection, edition_id: int) -> None:
    """Keep what files have in the edition worked on; they have nothing and wait after that."""
    connection.execute(
        "INSERT OR REPLACE INTO kept_passages"
        " SELECT ?, file_id, generation, chunks, content_hash,"
        " iif(needs_reading, -1, size_bytes), mtime_ns, indexed_at, reason"
        " FROM files WHERE generation > 0",
        (edition_id,),
    )
    connection.execute(
        "INSERT OR IGNORE INTO kept_leftovers SELECT ?, file_id, generation FROM leftovers",
        (edition_id,),
    )
    connection.execute("DELETE FROM leftovers")
    # What has no passages keeps its state: a locked file is locked for any model.
    connection.execute(
        "UPDATE files SET state = iif(state = 'indexed', 'waiting', state),"
        " reason = iif(state = 'indexed', '', reason), needs_reading = 1, generation = 0,"
        " chunks = 0, indexed_at = NULL WHERE generation > 0"
    )


def restore(connection: sqlite3.Connection, edition_id: int, index_key: str) -> None:
    """Give files what they have in a kept edition; what has changed since must be read."""
    connection.execute(
        "UPDATE files SET generation = k.generation, chunks = k.chunks,"
        " content_hash = k.content_hash, indexed_at = k.indexed_at, index_key = ?,"
        " needs_reading = files.size_bytes <> k.size_bytes OR files.mtime_ns <> k.mtime_ns,"
        " reason = iif(state IN ('vanished', 'unreadable', 'ignored'), files.reason, k.reason),"
        " state = CASE WHEN state IN ('vanished', 'offline', 'unreadable', 'ignored') THEN state"
        " WHEN files.size_bytes = k.size_bytes AND files.mtime_ns = k.mtime_ns THEN 'indexed'"
        " ELSE 'waiting' END"
        " FROM kept_passages k WHERE k.edition_id = ? AND k.file_id = files.file_id",
        (index_key, edition_id),
    )
    connection.execute("DELETE FROM kept_passages WHERE edition_id = ?", (edition_id,))
    connection.execute(
        "INSERT OR IGNORE INTO leftovers SELECT file_id, generation FROM kept_leftovers"
        " WHERE edition_id = ?",
        (edition_id,),
    )
    connection.execute("DELETE FROM kept_leftovers WHERE edition_id = ?", (edition_id,))


def forget(connection: sqlite3.Connection, edition_id: int) -> None:
    """Forget what a kept edition holds; its whole table goes."""
    connection.execute("DELETE FROM kept_passages WHERE edition_id = ?", (edition_id,))
    connection.execute("DELETE FROM kept_leftovers WHERE edition_id = ?", (edition_id,))


def drop_foreign(connection: sqlite3.Connection, index_key: str) -> None:
    """Let files wait that an older program has indexed with another model or chunking."""
    rows = connection.execute(
        "SELECT file_id FROM files WHERE generation > 0 AND index_key <> ?", (index_key,)
    ).fetchall()
    file_ids = [row[0] for row in rows]
    drop_passages(connection, file_ids)
    connection.executemany(
        "UPDATE files SET state = iif(state = 'indexed', 'waiting', state), needs_reading = 1"
        " WHERE file_id = ?",
        [(file_id,) for file_id in file_ids],
    )
