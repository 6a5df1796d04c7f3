"""What patterns would leave out, found by the paths that the ledger knows; no disk is touched."""

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from vext_desktop.documents.ignoring import IgnoreLayers
from vext_desktop.index.ledger_paths import beneath, to_bytes, to_text
from vext_desktop.index.ledger_reader import LedgerReader

_PATHS_PER_STEP = 250
EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class IgnorePreview:
    """What is known so far.

    Attributes:
        files: Files that were compared with the patterns.
        left_out: How many of them would be left out.
        examples: The first of those, as (root, path beneath it).
        is_complete: Whether all files have been compared.
    """

    files: int
    left_out: int
    examples: tuple[tuple[str, str], ...]
    is_complete: bool


def preview_ignoring(
    ledger: LedgerReader, tried: Sequence[tuple[str, tuple[str, ...]]]
) -> Generator[IgnorePreview, None, None]:
    """Compare the files of some roots with patterns, in steps of some milliseconds.

    Files of patterns in the folders themselves are not asked: what they leave out is not in the
    ledger any more.

    Args:
        ledger: Knows the files.
        tried: Roots, each with the patterns that are tried on it.

    Yields:
        What is known so far; the last one is complete. Whoever has seen enough just stops.
    """
    files = left_out = 0
    examples: list[tuple[str, str]] = []
    for root, lines in tried:
        trial = _Trial(root, IgnoreLayers().with_lines(root, lines))
        after, end = beneath(to_bytes(root))
        while True:
            rows = ledger.file.rows(
                "SELECT path FROM files WHERE path > ? AND path < ? AND state <> 'vanished'"
                " ORDER BY path LIMIT ?",
                [after, end, _PATHS_PER_STEP],
            )
            for row in rows:
                files += 1
                path = to_text(row[0])
                if trial.leaves_out(path):
                    left_out += 1
                    if len(examples) < EXAMPLES:
                        examples.append((root, path[len(root) :].lstrip(os.sep)))
            if len(rows) < _PATHS_PER_STEP:
                break
            after = rows[-1][0]
            yield IgnorePreview(files, left_out, tuple(examples), is_complete=False)
    yield IgnorePreview(files, left_out, tuple(examples), is_complete=True)


class _Trial:
    """Compares one path after the other; folders that follow each other are compared once."""

    def __init__(self, root: str, layers: IgnoreLayers) -> None:
        self._layers = layers
        # The folders of the last path, the root first, and whether each is left out.
        self._folders: list[tuple[str, bool]] = [(root.rstrip(os.sep), False)]

    def leaves_out(self, path: str) -> bool:
        while not path.startswith(self._folders[-1][0] + os.sep):
            self._folders.pop()
        while True:
            folder, is_left_out = self._folders[-1]
            end = path.find(os.sep, len(folder) + 1)
            if end < 0:
                return is_left_out or self._layers.leave_out(path, is_folder=False)
            inner = path[:end]
            is_out = is_left_out or self._layers.leave_out(inner, is_folder=True)
            self._folders.append((inner, is_out))
