"""Readings, receipts, reports, summaries and hits with round numbers, for tests of the window."""

import time

from vext_desktop.events import (
    IndexSwapped,
)
from vext_desktop.index.search import SearchHit
from vext_desktop.readings import (
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    ProcessRole,
    ProgramReading,
)

CHUNKS_PER_BATCH = 8


def make_reading(rss_mb: float = 640.0) -> ProgramReading:
    """All three processes; their RSS sums to `rss_mb`."""
    shares = {ProcessRole.WINDOW: 0.3, ProcessRole.ENGINE: 0.6, ProcessRole.READER: 0.1}
    return ProgramReading(
        time.monotonic(),
        tuple(
            MemoryReading(
                role,
                pid=100 + number,
                rss_bytes=round(rss_mb * share * 1e6),
                heap_bytes=round(rss_mb * share * 0.2e6),
                native_bytes=round(rss_mb * share * 0.5e6),
                held_bytes=round(rss_mb * share * 0.1e6),
            )
            for number, (role, share) in enumerate(shares.items())
        ),
    )


def make_swapped() -> IndexSwapped:
    """Another index is complete; the old one takes 120 MB."""
    return IndexSwapped("new-model", "old-model", 1840, 23_500, 120_000_000, 14, 0.002)


def make_receipt(action: CleanupAction, after_mb: float) -> CleanupReceipt:
    """A receipt of 640 MB before."""
    return CleanupReceipt(action, "you", make_reading(), make_reading(after_mb), 0.021)


def make_report(batches: int) -> dict[str, object]:
    """What a memory test reports, with round numbers."""
    levels = {"rss": 600_000_000, "heap": 60_000_000, "native": 200_000_000, "held": 90_000_000}
    grown = {**levels, "rss": 650_000_000}
    processes = {"engine": {"rss": 480_000_000}}
    bands = {"native_in_use": 200_000_000, "native_held": 90_000_000, "explained_share": 0.991}
    return {
        "before": {**levels, "processes": processes},
        "after": {**grown, "processes": processes},
        "after_cleanup": {**levels, "held": 0, "processes": processes},
        "change": {"rss": 50_000_000, "heap": 0, "native": 0},
        "explained_share": 0.991,
        "bands": {"before": bands, "after": bands, "after_cleanup": bands},
        "slope_mb_per_100_batches": {"engine.native": 0.02, "engine.heap": None},
        "verdict": {"overall": "steady", "bands": {}, "message": "Memory is steady."},
        "receipts": [{"sentence": "Free memory gave back 180 MB in 21 ms."}],
        "milliseconds_per_batch": 140.2,
        "batches": batches,
        "engine": "torch",
        "isolation": "process",
    }


def make_summary(indexed: int) -> dict[str, object]:
    """The promised JSON object, with some numbers in it."""
    return {
        "files": {"indexed": indexed, "unchanged": 0, "removed": 0, "set_aside": 0},
        "set_aside": [],
        "chunks": indexed * CHUNKS_PER_BATCH,
        "truncated_tokens": 0,
        "seconds": 1.5,
        "chunks_per_second": 50.0,
        "batches": indexed,
        "engine_restarts": 0,
        "peak_rss_bytes": {"window": 1, "engine": 1, "reader": 1, "total": 3},
        "verdict": {"overall": "steady", "bands": {}, "message": ""},
    }


def make_hit(number: int, text: str = "The budget grew in the third quarter.") -> SearchHit:
    """A hit in a file of its own."""
    return SearchHit(
        file_id=number,
        path=f"/documents/Reports/report {number}.pdf",
        page=number,
        heading="Results",
        start=0,
        end=len(text),
        score=1.0 / number,
        snippet=text,
        marks=((4, 10),),
        text=text,
    )
