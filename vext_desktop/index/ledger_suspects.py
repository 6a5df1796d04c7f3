"""Who is to blame when the whole program ended in the middle of a run: the files in hand.

`begin_file` has noted each of them before its first passage, so a run without an end tells which
they were: their newest generation is still a leftover. After the first time they are read last
and one by one, so that the second time only one is in hand; that one goes into quarantine.
"""

import sqlite3

from vext_desktop.index.ledger_changes import set_aside
from vext_desktop.index.records import MAX_FAILURES
from vext_desktop.outcomes import Outcome

_REASON = "The whole program ended while it was in hand."


def blame_files_in_hand(connection: sqlite3.Connection) -> None:
    """Look at the latest run; inside a transaction, before the next one is noted."""
    last = connection.execute(
        "SELECT run_id, ended_at FROM runs ORDER BY run_id DESC LIMIT 1"
    ).fetchone()
    if last is None or last[1] is not None:
        return
    suspects = connection.execute(
        "SELECT file_id, failures FROM files WHERE state = 'waiting' AND seen_run = ?"
        " AND (file_id, last_generation) IN (SELECT file_id, generation FROM leftovers)",
        (last[0],),
    ).fetchall()
    for file_id, failures in suspects:
        if failures + 1 >= MAX_FAILURES:
            set_aside(connection, file_id, Outcome.PROGRAM_CRASHED, _REASON, keeps_passages=False)
        else:
            connection.execute(
                "UPDATE files SET failures = failures + 1 WHERE file_id = ?", (file_id,)
            )
