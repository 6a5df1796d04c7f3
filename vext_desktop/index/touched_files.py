"""What a look at some places only changes in the ledger: all the rest stays as it was."""

import os
import sqlite3
from collections.abc import Sequence

from vext_desktop.documents.touched import Touched
from vext_desktop.index.ledger_changes import remove_files
from vext_desktop.index.ledger_paths import beneath, is_beneath, to_bytes, to_text, within
from vext_desktop.index.ledger_scan import differs
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.records import Found
from vext_desktop.outcomes import Outcome

_DEEP = "(path = ? OR (path >= ? AND path < ?))"
# Directly in a folder: no further separator follows.
_SHALLOW = "(path >= ? AND path < ? AND instr(substr(path, ?), ?) = 0)"
# A vanished file stays while a waiting one has its size and may turn out to be it.
_MAY_HAVE_MOVED = (
    "(generation > 0 AND size_bytes IN (SELECT size_bytes FROM files WHERE state = 'waiting'))"
)

Scope = tuple[str, tuple[object, ...]]


class TouchedFiles:
    """The lines of the files at some places; see `Ledger` for the states they are in.

    Args:
        file: The ledger.
        places: Folders, and roots that are files.
    """

    def __init__(self, file: LedgerFile, places: Sequence[Touched]) -> None:
        self._file = file
        self._places = [(to_bytes(place.path), place.is_deep) for place in places]

    def finish(self, spared: Sequence[str], run_id: int) -> None:
        """Mark as vanished what a complete look at these places did not meet.

        Where the root is out of reach, or something else is mounted there, nothing is marked: a
        scan of the whole root will tell what that means.
        """
        with self._file.transaction() as connection:
            roots = connection.execute("SELECT path, device FROM roots").fetchall()
            for place, is_deep in self._places:
                if _is_reachable(place, roots):
                    apart = self._apart(connection, place, spared, run_id)
                    connection.executemany(
                        f"UPDATE files SET seen_run = ? WHERE seen_run <> ? AND {_DEEP}",  # noqa: S608 - words of ours
                        [(-run_id, run_id, *within(path)) for path in apart],
                    )
                    condition, parameters = _scope(place, is_deep=is_deep)
                    connection.execute(
                        "UPDATE files SET state = 'vanished', reason = ?"  # noqa: S608 - words of ours
                        f" WHERE seen_run NOT IN (?, ?) AND {condition}",
                        (Outcome.VANISHED.sentence, run_id, -run_id, *parameters),
                    )
            connection.execute(
                "UPDATE files SET turn = 0 WHERE state = 'waiting' AND size_bytes IN"
                " (SELECT size_bytes FROM files WHERE state = 'vanished' AND generation > 0)"
            )

    def prune(self) -> int:
        """Remove the vanished files of these places; see `Ledger.prune_vanished`."""
        with self._file.transaction() as connection:
            file_ids: set[int] = set()
            for place, is_deep in self._places:
                condition, parameters = _scope(place, is_deep=is_deep)
                rows = connection.execute(
                    "SELECT file_id FROM files WHERE state = 'vanished'"  # noqa: S608 - words of ours
                    f" AND NOT {_MAY_HAVE_MOVED} AND {condition}",
                    parameters,
                )
                file_ids.update(row[0] for row in rows)
            remove_files(connection, list(file_ids))
        return len(file_ids)

    def differ(self, found: Sequence[Found], index_key: str) -> bool:
        """Whether any of these files is not as the ledger knows it."""
        with self._file.transaction() as connection:
            return differs(connection, found, index_key)

    def count(self, spared: Sequence[str]) -> int:
        """How many files a look at these places is expected to meet."""
        apart = _outermost(list(map(to_bytes, spared)))
        sql = "SELECT count(*) FROM files WHERE state <> 'vanished' AND "
        total = 0
        for place, is_deep in self._places:
            condition, parameters = _scope(place, is_deep=is_deep)
            total += self._file.rows(sql + condition, parameters)[0][0]
            for path in apart:
                if is_beneath(path, place):
                    both = f"{sql}{condition} AND {_DEEP}"
                    total -= self._file.rows(both, (*parameters, *within(path)))[0][0]
        return total

    def _apart(
        self, connection: sqlite3.Connection, place: bytes, spared: Sequence[str], run_id: int
    ) -> list[bytes]:
        """What of a place the look could not have met."""
        roots = [row[0] for row in connection.execute("SELECT path FROM roots")]
        closed = connection.execute(
            f"SELECT path FROM files WHERE state = 'unreadable' AND seen_run = ? AND {_DEEP}",  # noqa: S608 - words of ours
            (run_id, *within(place)),
        ).fetchall()
        apart = [*map(to_bytes, spared), *(row[0] for row in closed)]
        apart += [root for root in roots if root != place]
        return [path for path in apart if is_beneath(path, place)]


def _scope(place: bytes, *, is_deep: bool) -> Scope:
    if is_deep:
        return _DEEP, within(place)
    first, last = beneath(place)
    return _SHALLOW, (first, last, len(first) + 1, os.sep.encode())


def _is_reachable(place: bytes, roots: Sequence[tuple[bytes, str]]) -> bool:
    """Whether a root that holds this place is there, on the device where it was."""
    for root, device in roots:
        if is_beneath(place, root):
            try:
                present = str(os.stat(to_text(root)).st_dev)  # noqa: PTH116 - may hold lone surrogates
            except OSError:
                continue
            if device in {"", present}:
                return True
    return False


def _outermost(paths: Sequence[bytes]) -> list[bytes]:
    kept: list[bytes] = []
    for path in sorted(paths):
        if not kept or not is_beneath(path, kept[-1]):
            kept.append(path)
    return kept
