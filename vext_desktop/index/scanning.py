"""First act of a run: look at the folders and note in the ledger what is to do."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from vext_desktop.documents.scanner import FoundFile, ScanRules, scan
from vext_desktop.events import IndexEvent, ScanProgressed
from vext_desktop.index.ledger import Ledger

# One step of scanning: a group of entries goes into the ledger in one transaction.
ENTRIES_PER_STEP = 500
STEP_S = 0.1


class ScanTally:
    """What a scan has found so far."""

    def __init__(self) -> None:
        self.files_found = 0
        self.bytes_found = 0
        self.files_unchanged = 0
        self.files_set_aside = 0


def scan_into_ledger(
    roots: Sequence[Path],
    rules: ScanRules,
    ledger: Ledger,
    run_id: int,
    index_key: str,
    tally: ScanTally,
    stopped: Callable[[], bool],
) -> Iterator[IndexEvent]:
    """Walk the roots in short steps and note every file; `tally` grows with them.

    Args:
        roots: Folders and single files.
        rules: What to leave out.
        ledger: Where each file gets its line.
        run_id: The run in which the files were seen.
        index_key: Names the model and chunking in force; files done with another wait again.
        tally: Counts what was found.
        stopped: Asked between steps.
    """
    entries = scan(roots, rules)
    while not stopped():
        group, is_over = _take_group(entries)
        if group:
            noted = ledger.note_found(group, run_id, index_key)
            tally.files_found += len(group)
            tally.bytes_found += sum(found.size_bytes for found in group)
            tally.files_unchanged += noted.unchanged
            tally.files_set_aside += noted.set_aside
        yield ScanProgressed(tally.files_found, tally.bytes_found)
        if is_over:
            return


def _take_group(entries: Iterator[FoundFile | None]) -> tuple[list[FoundFile], bool]:
    """The next entries, as many as fit into one short step; and whether they were the last."""
    group: list[FoundFile] = []
    deadline = time.monotonic() + STEP_S
    for entry in islice(entries, ENTRIES_PER_STEP):
        if entry is not None:
            group.append(entry)
        if time.monotonic() > deadline:
            return group, False
    # Fewer than asked for means that the walk is over, unless it said "still looking".
    following = next(entries, _END)
    if following is _END:
        return group, True
    if isinstance(following, FoundFile):
        group.append(following)
    return group, False


_END = object()
