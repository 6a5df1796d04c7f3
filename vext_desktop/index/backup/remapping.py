"""Other places for the folders of an index, and so for every path beneath them in a ledger."""

import json
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from vext_desktop.errors import UsageError
from vext_desktop.index.ledger_paths import suffix_of, to_bytes, to_text
from vext_desktop.index.ledger_schema import LedgerFile

# No device has this name: an empty folder where a restored one should be is taken for a drive
# that is not connected, and not for one whose files were all deleted.
_OTHER_DEVICE = "restored"


class PathMap:
    """Says where a path lies now.

    Args:
        places: Old folder or file to new one.
        separator: What parts the folders in old paths.
    """

    def __init__(self, places: Mapping[str, str], separator: str) -> None:
        self._separator = separator
        self._places = sorted(
            (
                (_without_end(old, separator), str(Path(new).expanduser().absolute()))
                for old, new in places.items()
            ),
            key=lambda pair: -len(pair[0]),  # the nearest folder says where a path lies
        )

    def __call__(self, path: str) -> str:
        """The path at its new place; as it is if no folder of it was mapped."""
        for old, new in self._places:
            if path == old:
                return new
            if path.startswith(old + self._separator):
                rest = path[len(old) + 1 :].replace(self._separator, os.sep)
                return f"{new.rstrip(os.sep)}{os.sep}{rest}"
        return path


def require_known(places: Mapping[str, str], roots: tuple[str, ...], separator: str) -> None:
    """See that each mapped place is one of the roots, or holds or lies in one.

    Raises:
        UsageError: One has nothing to do with them.
    """
    for old in places:
        place = _without_end(old, separator)
        near = [
            root
            for root in roots
            if f"{root}{separator}".startswith(place + separator)
            or place.startswith(_without_end(root, separator) + separator)
        ]
        if not near:
            raise UsageError(
                f"{old} is none of the folders in this backup, nor holds one.",
                f"They are: {', '.join(roots) or 'none'}.",
            )


def remap_ledger(file: LedgerFile, path_map: PathMap) -> None:
    """Give all files and roots of a ledger their new paths; all of it or nothing.

    Raises:
        UsageError: Two of them would be at the same place.
    """
    try:
        with file.transaction() as connection:
            _remap_files(connection, path_map)
            roots = connection.execute("SELECT path FROM roots").fetchall()
            connection.execute("DELETE FROM roots")
            connection.executemany(
                "INSERT OR IGNORE INTO roots (path, device) VALUES (?, ?)",
                [(to_bytes(path_map(to_text(path))), _OTHER_DEVICE) for (path,) in roots],
            )
            _remap_patterns(connection, path_map)
    except sqlite3.IntegrityError as error:
        raise UsageError(
            "With these new places two different files would lie at the same one. Nothing was "
            "changed.",
            "Give each folder a place of its own.",
        ) from error


def _remap_files(connection: sqlite3.Connection, path_map: PathMap) -> None:
    changed = []
    for file_id, stored in connection.execute("SELECT file_id, path FROM files"):
        path = to_text(stored)
        mapped = path_map(path)
        if mapped != path:
            changed.append((to_bytes(mapped), suffix_of(mapped), file_id))
    # In two steps, since folders may change places with each other.
    connection.executemany(
        "UPDATE files SET path = ? WHERE file_id = ?",
        [(b"\0%d" % file_id, file_id) for _, _, file_id in changed],
    )
    connection.executemany("UPDATE files SET path = ?, suffix = ? WHERE file_id = ?", changed)


def _remap_patterns(connection: sqlite3.Connection, path_map: PathMap) -> None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'folder_patterns'").fetchone()
    if row is None:
        return
    moved = {path_map(path): lines for path, lines in json.loads(row[0]).items()}
    connection.execute(
        "UPDATE meta SET value = ? WHERE key = 'folder_patterns'", (json.dumps(moved),)
    )


def _without_end(path: str, separator: str) -> str:
    return path.rstrip(separator) or path
