"""What a finished scan did not meet: gone, or offline with the drive that it lies on."""

import os
import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

from vext_desktop.index.ledger_paths import beneath, is_beneath, to_text, within
from vext_desktop.outcomes import Outcome


def finish(
    connection: sqlite3.Connection,
    roots: Sequence[bytes],
    run_id: int,
    silent: Collection[bytes] = (),
) -> int:
    """Mark what the finished scan of these roots did not meet; inside a transaction.

    Of `silent` roots even asking whether they are there would wait for ever.

    Returns:
        How many files are gone for certain; what may have moved is not counted.
    """
    all_roots = [row[0] for row in connection.execute("SELECT path FROM roots")]
    for root in roots:
        if root in silent:
            connection.execute("UPDATE roots SET is_offline = 1 WHERE path = ?", (root,))
            _mark_offline(connection, root, run_id)
        elif _look_at_root(connection, root, run_id):
            _mark_offline(connection, root, run_id)
        else:
            unmet = [other for other in all_roots if other not in roots and is_beneath(other, root)]
            _mark_vanished(connection, root, run_id, unmet)
    connection.execute(
        "UPDATE files SET turn = 0 WHERE state = 'waiting' AND size_bytes IN"
        " (SELECT size_bytes FROM files WHERE state = 'vanished' AND generation > 0)"
    )
    rows = connection.execute(
        "SELECT count(*) FROM files WHERE state = 'vanished' AND NOT (generation > 0 AND"
        " size_bytes IN (SELECT size_bytes FROM files WHERE state = 'waiting'))"
    )
    return int(rows.fetchone()[0])


def _mark_offline(connection: sqlite3.Connection, root: bytes, run_id: int) -> None:
    connection.execute(
        "UPDATE files SET state = 'offline'"
        " WHERE (path = ? OR (path >= ? AND path < ?)) AND seen_run <> ?"
        " AND state IN ('indexed', 'waiting', 'changed_while_reading')",
        (*within(root), run_id),
    )


def _mark_vanished(
    connection: sqlite3.Connection, root: bytes, run_id: int, unmet: Sequence[bytes]
) -> None:
    """Mark what was not met, but for what the scan could not have met.

    That is what lies in other roots inside this one, which may be hidden folders, and in
    folders that could not be opened.
    """
    closed = connection.execute(
        "SELECT path FROM files WHERE state = 'unreadable' AND seen_run = ?"
        " AND (path = ? OR (path >= ? AND path < ?))",
        (run_id, *within(root)),
    ).fetchall()
    connection.executemany(
        "UPDATE files SET seen_run = ? WHERE seen_run <> ?"
        " AND (path = ? OR (path >= ? AND path < ?))",
        [(-run_id, run_id, *within(path)) for path in (*unmet, *(row[0] for row in closed))],
    )
    connection.execute(
        "UPDATE files SET state = 'vanished', reason = ?"
        " WHERE seen_run NOT IN (?, ?) AND (path = ? OR (path >= ? AND path < ?))",
        (Outcome.VANISHED.sentence, run_id, -run_id, *within(root)),
    )


def _look_at_root(connection: sqlite3.Connection, root: bytes, run_id: int) -> bool:
    """Whether a root cannot be reached, so that its files are not gone; noted in `roots`.

    An unmounted drive may leave its mount point behind, an empty folder on another device.
    """
    path = to_text(root)
    row = connection.execute("SELECT device FROM roots WHERE path = ?", (root,)).fetchone()
    known_device = row[0] if row else ""
    try:
        device = str(os.stat(path).st_dev)  # noqa: PTH116 - may hold lone surrogates
    except OSError:
        device = known_device
        is_offline = not _was_lone_file(connection, root)
    else:
        is_empty = not connection.execute(
            "SELECT 1 FROM files WHERE (path = ? OR (path >= ? AND path < ?)) AND seen_run = ?"
            " LIMIT 1",
            (*within(root), run_id),
        ).fetchone()
        is_offline = is_empty and known_device not in {"", device}
        device = known_device if is_offline else device
    connection.execute(
        "UPDATE roots SET is_offline = ?, device = ? WHERE path = ?", (is_offline, device, root)
    )
    return is_offline


def _was_lone_file(connection: sqlite3.Connection, root: bytes) -> bool:
    """Whether a missing root was a single file, whose folder is still there."""
    has_files = connection.execute(
        "SELECT 1 FROM files WHERE path >= ? AND path < ? LIMIT 1", beneath(root)
    ).fetchone()
    is_known = connection.execute("SELECT 1 FROM files WHERE path = ?", (root,)).fetchone()
    return bool(is_known and not has_files and Path(to_text(root)).parent.is_dir())
