"""An engine for the tests of the command line: says what it is told to, remembers what it was
asked."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from vext_desktop.errors import UsageError, VextError
from vext_desktop.events import (
    BatchFinished,
    FileFinished,
    FileStarted,
    IndexEvent,
    Progress,
    RunEnd,
    RunFinished,
    RunStarted,
    ScanFinished,
)
from vext_desktop.memory.allocation_trace import AllocationTrace, TracedLine
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading
from vext_desktop.settings import Settings

MB = 1_000_000
READING = ProgramReading(
    1.0,
    (
        MemoryReading(ProcessRole.WINDOW, 10, 120 * MB, 30 * MB, 20 * MB),
        MemoryReading(ProcessRole.ENGINE, 11, 520 * MB, 40 * MB, 90 * MB),
    ),
)
SUMMARY: dict[str, Any] = {
    "files": {"indexed": 1, "unchanged": 2, "removed": 0, "set_aside": 1},
    "set_aside": [{"path": "/d/scan.pdf", "kind": "no_text_layer", "reason": "Only pictures."}],
    "chunks": 8,
    "truncated_tokens": 0,
    "seconds": 2.5,
    "chunks_per_second": 3.2,
    "batches": 1,
    "engine_restarts": 0,
    "peak_rss_bytes": {"window": 120 * MB, "engine": 520 * MB, "reader": 0, "total": 640 * MB},
    "verdict": {"overall": "steady", "bands": {}, "message": "Memory is steady."},
}
MEMORY_REPORT: dict[str, Any] = {
    "before": {"rss": 600 * MB, "heap": 40 * MB, "native": 80 * MB},
    "after": {"rss": 650 * MB, "heap": 41 * MB, "native": 81 * MB},
    "after_cleanup": {"rss": 610 * MB, "heap": 40 * MB, "native": 80 * MB},
    "change": {"rss": 50 * MB, "heap": MB, "native": MB},
    "slope_mb_per_100_batches": {"engine.rss": None, "engine.heap": 0.01},
    "explained_share": 0.98,
    "bands": {
        "before": None,
        "after": {"native_held": 90 * MB, "explained_share": 0.98},
        "after_cleanup": {"native_held": 2 * MB, "explained_share": 0.98},
    },
    "verdict": {"overall": "unknown", "bands": {}, "message": "Not yet known."},
    "receipts": [{"sentence": "Free memory gave back 40 MB in 21 ms."}],
    "milliseconds_per_batch": 140.0,
}


def batch(number: int = 1, pause_s: float = 0.0) -> BatchFinished:
    """A batch that went well."""
    progress = Progress(1, 4, 500, 2000, 8 * number, 2.5)
    return BatchFinished(number, 8, ("/d/a.txt",), 0.2, pause_s, READING, 0, progress)


def usual_run(end: RunEnd = RunEnd.FINISHED) -> list[IndexEvent]:
    """A short run in which one file is indexed and one set aside."""
    return [
        RunStarted(7, ("/d",)),
        ScanFinished(4, 2, 2000, 2, 0, 0, 9),
        FileStarted("/d/a.txt", 500),
        batch(),
        FileFinished("/d/a.txt", Outcome.INDEXED, "", 8),
        FileFinished("/d/scan.pdf", Outcome.NO_TEXT_LAYER, "Only pictures.", 0),
        RunFinished(7, end, SUMMARY),
    ]


class FakeEngine:
    """Stands in for `vext_desktop.engine.Engine`.

    Args:
        events: What a run or a memory test yields; a callable in it is called at its turn with
            the `stopped` event, and yields nothing.
        answers: What each search returns, by query.
        documents: What `extract` yields.
        state: What `status` returns.
        records: What `files` yields.
        refusal: Raised by `open`.
    """

    def __init__(
        self,
        events: Sequence[IndexEvent | Callable[[threading.Event], None]] = (),
        answers: dict[str, Any] | None = None,
        documents: Sequence[Any] = (),
        state: Any = None,
        records: Sequence[Any] = (),
        refusal: VextError | None = None,
    ) -> None:
        self.calls: list[Any] = []
        self.is_trace_lost = False
        self.was_broken_off = False
        self.has_indexed_files = True
        self.settings: Settings | None = None
        self.paths: Paths | None = None
        self._events = events
        self._answers = answers or {}
        self._documents = documents
        self._state = state
        self._records = records
        self._refusal = refusal

    def create(self, settings: Settings, paths: Paths, cancelled: threading.Event) -> "FakeEngine":
        """What the command line calls to build its engine."""
        self.settings, self.paths = settings, paths
        return self

    def open(self, *, read_only: bool = False) -> None:
        self.calls.append("look" if read_only else "open")
        if self._refusal is not None:
            raise self._refusal
        if self.paths is not None:
            self.paths.create()

    def warm_up(self) -> Iterator[IndexEvent]:
        self.calls.append("warm_up")
        yield from ()

    def index(self, request: Any, stopped: threading.Event) -> Iterator[IndexEvent]:
        self.calls.append(request)
        yield from self._play(stopped)

    def describe_rebuild(self, settings: Settings) -> None:
        """Nothing is to be built anew; `test_cli_rebuild` has a real engine for that."""

    def memory_test(self, batches: int, stopped: threading.Event) -> Iterator[IndexEvent]:
        self.calls.append(batches)
        yield from self._play(stopped)

    def start_trace(self, role: str, frames: int, *, native: bool) -> None:
        self.calls.append(("trace", str(role), frames, native))

    def stop_trace(self, role: str) -> AllocationTrace:
        if self.is_trace_lost:
            raise UsageError("There is no recording to end.", "Record again.")
        lines = (TracedLine("torch/nn/linear.py:116", 3 * MB, 12),)
        return AllocationTrace("tracemalloc", 1.5, 4 * MB, 40, lines)

    def search(self, request: Any) -> Any:
        self.calls.append(request)
        return self._answers[request.query]

    def extract(self, paths: Sequence[Path]) -> Iterator[Any]:
        self.calls.append(list(paths))
        yield from self._documents

    def status(self) -> Any:
        return self._state

    def files(self) -> Iterator[Any]:
        yield from self._records

    def close(self) -> None:
        self.calls.append("close")

    def _play(self, stopped: threading.Event) -> Iterator[IndexEvent]:
        for event in self._events:
            if callable(event):
                event(stopped)
            else:
                yield event
