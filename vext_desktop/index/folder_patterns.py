"""Patterns of what is left out of single folders; kept in the ledger, beside the roots."""

import json
from collections.abc import Sequence

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.ledger_reader import LedgerReader

_KEY = "folder_patterns"


def read_folder_patterns(ledger: LedgerReader) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The patterns of each root that has some, by its path."""
    kept = json.loads(ledger.get_meta(_KEY) or "{}")
    return tuple((path, tuple(lines)) for path, lines in kept.items())


def keep_folder_patterns(ledger: Ledger, path: str, lines: Sequence[str]) -> None:
    """Let these patterns, and no others, hold for one root; they count from the next run on."""
    kept = dict(read_folder_patterns(ledger))
    kept.pop(path, None)
    if any(line.strip() for line in lines):
        kept[path] = tuple(lines)
    ledger.set_meta(_KEY, json.dumps(kept))  # in ASCII, so that undecodable names stay as they are
