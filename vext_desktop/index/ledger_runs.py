"""The runs in the ledger: when each began, and how it ended."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from vext_desktop.errors import DiskFullError
from vext_desktop.index import ledger_suspects
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.room import Reserve


def begin(file: LedgerFile, roots: Sequence[Path | str]) -> int:
    """Note that a run begins, and blame what an earlier one without an end had in hand.

    Returns:
        The run's number.
    """
    paths = json.dumps([str(root) for root in roots])
    with file.transaction() as connection:
        ledger_suspects.blame_files_in_hand(connection)
        added = connection.execute(
            "INSERT INTO runs (started_at, roots) VALUES (?, ?)", (time.time(), paths)
        )
    return int(added.lastrowid or 0)


def end(
    file: LedgerFile, reserve: Reserve | None, run_id: int, how: str, summary: dict[str, object]
) -> None:
    """Note how a run ended; on a full disk in the room that is kept back for it."""
    try:
        _note_end(file, run_id, how, summary)
    except DiskFullError:
        if reserve is None:
            raise
        reserve.release()
        _note_end(file, run_id, how, summary)


def _note_end(file: LedgerFile, run_id: int, how: str, summary: dict[str, object]) -> None:
    with file.transaction() as connection:
        connection.execute(
            "UPDATE runs SET ended_at = ?, end = ?, summary = ? WHERE run_id = ?",
            (time.time(), how, json.dumps(summary), run_id),
        )
