"""First act of a run: look at the folders and note in the ledger what is to do."""

from collections.abc import Callable, Iterator

from vext_desktop.documents.scanner import FoundFile
from vext_desktop.events import IndexEvent, ScanProgressed
from vext_desktop.index.aside_walk import AsideWalk
from vext_desktop.index.ledger import Ledger


class ScanTally:
    """What a scan has found so far."""

    def __init__(self) -> None:
        self.files_found = 0
        self.bytes_found = 0
        self.files_unchanged = 0
        self.files_set_aside = 0


def scan_into_ledger(
    entries: Iterator[FoundFile | None],
    ledger: Ledger,
    run_id: int,
    index_key: str,
    tally: ScanTally,
    stopped: Callable[[], bool],
) -> Iterator[IndexEvent]:
    """Walk in short steps and note every file; `tally` grows with them.

    The walk itself is taken in a thread of its own, so that no step waits for a drive.

    Args:
        entries: The walk.
        ledger: Where each file gets its line.
        run_id: The run in which the files were seen.
        index_key: Names the model and chunking in force; files done with another wait again.
        tally: Counts what was found.
        stopped: Asked between steps.

    Raises:
        VextError: A drive does not answer any more.
    """
    walk = AsideWalk(entries)
    try:
        while not stopped() and (group := walk.take()) is not None:
            if group:
                noted = ledger.note_found(group, run_id, index_key)
                tally.files_found += len(group)
                tally.bytes_found += sum(found.size_bytes for found in group)
                tally.files_unchanged += noted.unchanged
                tally.files_set_aside += noted.set_aside
            yield ScanProgressed(tally.files_found, tally.bytes_found)
    finally:
        walk.close()
