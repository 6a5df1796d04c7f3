"""What happens to single files in the ledger: done, set aside, moved, removed.

All functions work inside a transaction of their caller.
"""

import os
import sqlite3
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from vext_desktop.index.ledger_paths import is_beneath, to_text, within
from vext_desktop.index.records import (
    MAX_FAILURES,
    PASSING_OUTCOMES,
    QUARANTINE_SENTENCE,
    SECOND_CHANCE_OUTCOMES,
    DoneFile,
)
from vext_desktop.outcomes import Outcome


def clean(text: str) -> str:
    """A sentence as SQLite takes it: a lone surrogate of a path in it becomes "?"."""
    return text.encode("utf-8", "replace").decode()


def prune(connection: sqlite3.Connection, roots: Sequence[bytes]) -> int:
    """Remove vanished files, but for those that a waiting file may turn out to be.

    Args:
        connection: Inside a transaction.
        roots: Only files of these; of all, if empty.

    Returns:
        How many files were removed.
    """
    file_ids: set[int] = set()
    for place in [within(root) for root in roots] or [within(None)]:
        rows = connection.execute(
            "SELECT file_id FROM files WHERE state = 'vanished' AND NOT (generation > 0 AND"
            " size_bytes IN (SELECT size_bytes FROM files WHERE state = 'waiting'))"
            " AND (path = ? OR (path >= ? AND path < ?))",
            place,
        )
        file_ids.update(row[0] for row in rows)
    remove_files(connection, list(file_ids))
    return len(file_ids)


def remove_root(connection: sqlite3.Connection, root: bytes) -> int:
    """Forget a root, and the files that no other root holds; inside a transaction.

    Returns:
        How many files were forgotten.
    """
    connection.execute("DELETE FROM roots WHERE path = ?", (root,))
    others = [row[0] for row in connection.execute("SELECT path FROM roots")]
    near = [other for other in others if is_beneath(root, other) or is_beneath(other, root)]
    rows = connection.execute(
        "SELECT file_id, path FROM files WHERE (path = ? OR (path >= ? AND path < ?))",
        within(root),
    )
    file_ids = [
        file_id for file_id, path in rows if not any(is_beneath(path, other) for other in near)
    ]
    remove_files(connection, file_ids)
    return len(file_ids)


def finish(connection: sqlite3.Connection, file: DoneFile) -> None:
    """Make passages that are in the store the file's own; inside a transaction."""
    row = connection.execute(
        "SELECT generation FROM files WHERE file_id = ? AND state <> 'ignored'", (file.file_id,)
    ).fetchone()
    pair = (file.file_id, file.generation)
    if row is None:
        connection.execute("INSERT OR IGNORE INTO leftovers VALUES (?, ?)", pair)
        return
    if row[0] not in {0, file.generation}:
        connection.execute("INSERT OR IGNORE INTO leftovers VALUES (?, ?)", (file.file_id, row[0]))
    connection.execute("DELETE FROM leftovers WHERE file_id = ? AND generation = ?", pair)
    connection.execute(
        "UPDATE files SET state = 'indexed', reason = ?, generation = ?, chunks = ?,"
        " content_hash = read_hash, size_bytes = ?, mtime_ns = ?, index_key = ?, indexed_at = ?,"
        " needs_reading = 0, failures = 0, is_admitted = 0 WHERE file_id = ?",
        (
            clean(file.reason),
            file.generation,
            file.chunks,
            file.size_bytes,
            file.mtime_ns,
            file.index_key,
            time.time(),
            file.file_id,
        ),
    )


def set_aside(
    connection: sqlite3.Connection,
    file_id: int,
    outcome: Outcome,
    reason: str,
    *,
    keeps_passages: bool,
    is_failure: bool = True,
) -> str:
    """Note why a file is not indexed, unless it was ignored meanwhile; inside a transaction.

    Returns:
        The reason as noted: it says so when the file is in quarantine from now on.
    """
    row = connection.execute(
        "SELECT path, failures FROM files WHERE file_id = ? AND state <> 'ignored'", (file_id,)
    ).fetchone()
    if row is None:
        return reason
    if outcome is Outcome.VANISHED and not _is_root_there(connection, row[0]):
        outcome, reason = Outcome.OFFLINE, ""
    elif not reason:
        reason = outcome.sentence
    failures = row[1] + (is_failure and outcome in SECOND_CHANCE_OUTCOMES)
    if outcome in SECOND_CHANCE_OUTCOMES and failures >= MAX_FAILURES:
        reason = f"{reason} {QUARANTINE_SENTENCE}"
    if not keeps_passages:
        drop_passages(connection, [file_id])
    connection.execute(
        "UPDATE files SET state = ?, reason = ?, needs_reading = ?, failures = ?,"
        " is_admitted = 0, content_hash = iif(generation > 0, content_hash, read_hash)"
        " WHERE file_id = ?",
        (outcome, clean(reason), outcome in PASSING_OUTCOMES, failures, file_id),
    )
    return reason


def _is_root_there(connection: sqlite3.Connection, path: bytes) -> bool:
    """Whether a root that holds this path can be reached, or none holds it."""
    roots = [row[0] for row in connection.execute("SELECT path FROM roots")]
    holders = [root for root in roots if is_beneath(path, root)]
    # A root that is the file itself says nothing: its folder does.
    places = [Path(to_text(root)) for root in holders]
    places = [
        place.parent if root == path else place for root, place in zip(holders, places, strict=True)
    ]
    return not places or any(place.exists() for place in places)


def read_again(connection: sqlite3.Connection, states: Collection[Outcome]) -> int:
    """Forget that files in these states were tried, so that the next scan lets them wait.

    Returns:
        How many files that are.
    """
    changed = 0
    for state in states:
        changed += connection.execute(
            "UPDATE files SET needs_reading = 1, failures = 0 WHERE state = ? AND generation = 0",
            (state,),
        ).rowcount
    return changed


def adopt(
    connection: sqlite3.Connection, file_id: int, content_hash: str, index_key: str
) -> int | None:
    """Give a waiting file's path to the vanished file with its content; inside a transaction.

    Returns:
        The id of the file that was found again; None when there is none.
    """
    new = connection.execute(
        "SELECT path, suffix, size_bytes, mtime_ns, seen_run FROM files WHERE file_id = ?",
        (file_id,),
    ).fetchone()
    candidates = connection.execute(
        "SELECT file_id, path FROM files WHERE state = 'vanished' AND content_hash = ?"
        " AND index_key = ? AND generation > 0 LIMIT 1000",
        (content_hash, index_key),
    ).fetchall()
    if new is None or not candidates:
        return None
    name = os.path.basename(to_text(new[0]))  # noqa: PTH119 - a Path for each is slow
    found, _ = min(
        candidates,
        key=lambda row: (os.path.basename(to_text(row[1])) != name, row[0]),  # noqa: PTH119
    )
    remove_files(connection, [file_id])
    connection.execute(
        "UPDATE files SET path = ?, suffix = ?, size_bytes = ?, mtime_ns = ?, seen_run = ?,"
        " state = 'indexed', reason = '', needs_reading = 0, turn = 1 WHERE file_id = ?",
        (*new, found),
    )
    return int(found)


def drop_passages(connection: sqlite3.Connection, file_ids: Sequence[int]) -> None:
    """The passages of these files are leftovers from now on; inside a transaction."""
    ids = [(file_id,) for file_id in file_ids]
    connection.executemany(
        "INSERT OR IGNORE INTO leftovers SELECT file_id, generation FROM files"
        " WHERE file_id = ? AND generation > 0",
        ids,
    )
    connection.executemany(
        "UPDATE files SET generation = 0, chunks = 0, indexed_at = NULL WHERE file_id = ?", ids
    )


def drop_kept_passages(connection: sqlite3.Connection, file_ids: Sequence[int]) -> None:
    """The passages of these files in other editions are leftovers too; inside a transaction."""
    ids = [(file_id,) for file_id in file_ids]
    connection.executemany(
        "INSERT OR IGNORE INTO kept_leftovers SELECT edition_id, file_id, generation"
        " FROM kept_passages WHERE file_id = ?",
        ids,
    )
    connection.executemany("DELETE FROM kept_passages WHERE file_id = ?", ids)


def redo(connection: sqlite3.Connection, file_ids: Sequence[int]) -> None:
    """Let files be read again whose passages are not whole; what there is of them is a leftover.

    What is offline, or may not be opened, is read when it can be; inside a transaction.
    """
    drop_passages(connection, file_ids)
    connection.executemany(
        "UPDATE files SET state = iif(state = 'indexed', 'waiting', state), needs_reading = 1,"
        " turn = 1 WHERE file_id = ?",
        [(file_id,) for file_id in file_ids],
    )


def disown(connection: sqlite3.Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Rows of these (file_id, generation) belong to nobody; inside a transaction."""
    connection.executemany("INSERT OR IGNORE INTO leftovers VALUES (?, ?)", pairs)
    # A generation that the ledger does not know of must not be given out once more.
    connection.executemany(
        "UPDATE files SET last_generation = max(last_generation, ?) WHERE file_id = ?",
        [(generation, file_id) for file_id, generation in pairs],
    )


def remove_files(connection: sqlite3.Connection, file_ids: Sequence[int]) -> None:
    """Forget these files; their passages are leftovers; inside a transaction."""
    drop_passages(connection, file_ids)
    drop_kept_passages(connection, file_ids)
    connection.executemany(
        "DELETE FROM files WHERE file_id = ?", [(file_id,) for file_id in file_ids]
    )
