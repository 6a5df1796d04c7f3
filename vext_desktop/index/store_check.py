"""Whether the store holds what the ledger says: counted once, before the first run of a program.

A power cut, a disk that lied or a folder that was copied while it was written to can leave rows
missing that the ledger counts as done. Their files are read again; what nobody owns is removed.
"""

import logging
from dataclasses import dataclass

from vext_desktop.index import ledger_changes
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.store import Store

logger = logging.getLogger("vext.index")


@dataclass(frozen=True, slots=True)
class StoreFaults:
    """Where store and ledger disagree.

    Attributes:
        incomplete: Files of which passages are missing, or are there more than once.
        missing_rows: How many rows those lack together.
        unowned: Pairs (file_id, generation) with rows that belong to no file and are not known as
            leftovers.
    """

    incomplete: tuple[int, ...]
    missing_rows: int
    unowned: tuple[tuple[int, int], ...]


def find_faults(store: Store, ledger: Ledger) -> StoreFaults:
    """Count the rows of each file; for 20 000 that takes 0.07 s."""
    counts = count_by_pair(store)
    incomplete = []
    missing = 0
    for file_id, generation, chunks in ledger.passages_expected():
        found = counts.pop((file_id, generation), 0)
        if found != chunks:
            incomplete.append(file_id)
            missing += max(0, chunks - found)
    known = set(ledger.leftovers())
    unowned = tuple(sorted(counts.keys() - known))
    return StoreFaults(tuple(incomplete), missing, unowned)


def count_by_pair(store: Store) -> dict[tuple[int, int], int]:
    """How many rows each (file_id, generation) has in the store."""
    import numpy as np  # noqa: PLC0415 - there already, by the store

    counts: dict[tuple[int, int], int] = {}
    for file_ids, generations in store.pairs():
        # One number for both, which sorts thrice as fast: neither ever comes near 2**31.
        joined, found = np.unique((file_ids << 32) | generations, return_counts=True)
        for number, count in zip(joined.tolist(), found.tolist(), strict=True):
            pair = (number >> 32, number & 0xFFFFFFFF)
            counts[pair] = counts.get(pair, 0) + count
    return counts


def mend(faults: StoreFaults, ledger: Ledger) -> None:
    """Let incomplete files be read again, and what nobody owns be removed by the next run."""
    if faults.incomplete:
        logger.warning(
            "%d files are not whole in the store: %d rows are missing",
            len(faults.incomplete),
            faults.missing_rows,
        )
        with ledger.file.transaction() as connection:
            ledger_changes.redo(connection, faults.incomplete)
    if faults.unowned:
        logger.info("the store holds rows of %d pairs that no file owns", len(faults.unowned))
        with ledger.file.transaction() as connection:
            ledger_changes.disown(connection, faults.unowned)
