"""A hand-made engine: the real one's methods, scripted events, and a record of every call."""

import dataclasses
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from disk_fake import FakeDisk
from engine_parts_fake import FakeMonitor, FakeRebuilding, memory_test_events
from made_answers import CHUNKS_PER_BATCH, make_reading, make_receipt, make_summary
from watch_fake import FakeWatch

from vext_desktop.documents.touched import Touched
from vext_desktop.errors import CancelledError, VextError
from vext_desktop.events import (
    BatchFinished,
    ChildStarted,
    ChildStarting,
    CleanupFinished,
    FileFinished,
    FileStarted,
    IndexEvent,
    Progress,
    RunEnd,
    RunFinished,
    RunStarted,
    ScanFinished,
    ScanProgressed,
)
from vext_desktop.index.answers import IndexStatus, RebuildStatus
from vext_desktop.index.rebuild_cost import RebuildCost
from vext_desktop.index.records import RootRecord
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import NO_MODEL_NOTICE, SearchAnswer, SearchMode, SearchRequest
from vext_desktop.index.touch_list import Touches
from vext_desktop.memory.allocation_trace import AllocationTrace, TracedLine
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import CleanupAction, CleanupReceipt, ProcessRole
from vext_desktop.settings import Settings


class FakeEngine:
    """Indexes nothing, but says so as the real one would.

    Args:
        cancelled: Ends a running step, as in the real engine.
        batches: How many batches each run has.
        step_s: How long each step takes.
        pause_s: What each batch asks for.
    """

    def __init__(
        self,
        cancelled: threading.Event | None = None,
        *,
        batches: int = 3,
        step_s: float = 0.0,
        pause_s: float = 0.0,
    ) -> None:
        self.cancelled = cancelled or threading.Event()
        self.monitor = FakeMonitor()
        self.batches = batches
        self.step_s = step_s
        self.pause_s = pause_s
        self.warm_up_steps = 1
        self.reload_steps = 1
        self.start_note = ""
        self.has_indexed_files = True
        self.may_write = True
        self.ends_model_for_settings = False
        self.calls: list[str] = []
        self.threads: set[int] = set()
        self.requests: list[IndexRequest] = []
        self.counts: dict[Outcome, int] = {}
        self.roots: list[RootRecord] = []
        self.hits: tuple[Any, ...] = ()
        self.open_error: VextError | None = None
        self.step_error: Exception | None = None
        self.is_model_ready = False
        self.settings: Settings = Settings()
        self.watch: FakeWatch | None = None
        self.changes: tuple[tuple[Touched, ...], ...] = ()
        self.trace_error: VextError | None = None
        self.left_run_open = False
        self.rebuild = RebuildStatus()
        self.disk = FakeDisk()
        self.cost: RebuildCost | None = None
        self.cost_error: VextError | None = None
        self.rebuilding = FakeRebuilding(self._note)
        self.has_query_model = True
        self.run_title = ""
        self.last_events: tuple[IndexEvent, ...] = ()
        # The real one does so once: not again after a search that has needed it meanwhile.
        self.tells_of_start = True
        self.batches_begun = 0
        self._run_id = 0

    def open(self, *, read_only: bool = False) -> None:
        self._note("open")
        if self.open_error is not None:
            raise self.open_error

    def warm_up(self) -> Iterator[IndexEvent]:
        self._note("warm_up")
        for step in range(self.warm_up_steps):
            self._work()
            yield ChildStarting(ProcessRole.ENGINE, step * 0.2)
        self.is_model_ready = True
        if self.tells_of_start:
            seconds = self.warm_up_steps * 0.2
            yield ChildStarted(ProcessRole.ENGINE, 101, seconds, self.start_note)

    def index(self, request: IndexRequest, stopped: threading.Event) -> Iterator[IndexEvent]:
        self._note("index")
        self.requests.append(request)
        self._run_id += 1
        try:
            yield from self._run(request, stopped)
        except GeneratorExit:
            self.left_run_open = True
            raise

    def root_paths(self) -> tuple[str, ...]:
        return tuple(root.path for root in self.roots)

    def scan_rules(self) -> tuple[object, ...]:
        return (self.settings.include_hidden,)

    def create_watch(self, on_begun: Callable[[], None]) -> "FakeWatch":
        self._note("create_watch")
        self.watch = FakeWatch(on_begun, self.scan_rules())
        return self.watch

    def find_changes(
        self, touches: Touches, stopped: threading.Event
    ) -> Generator[None, None, tuple[tuple[Touched, ...], ...]]:
        self._note("find_changes")
        yield
        return self.changes

    def search(
        self, request: SearchRequest, *, may_wait: bool = True, may_switch: bool = True
    ) -> SearchAnswer:
        self._note(f"search {request.query}")
        mode = request.mode if self.is_model_ready else SearchMode.TEXT
        notice = "" if self.is_model_ready else NO_MODEL_NOTICE
        return SearchAnswer(request.query, mode, 0.012, self.hits, notice)

    def free_memory(self, trigger: str = "you") -> CleanupReceipt:
        self._note("free_memory")
        self._work()
        return make_receipt(CleanupAction.FREE_MEMORY, 460.0)

    def reload_model(self, trigger: str = "you") -> Iterator[IndexEvent]:
        self._note("reload_model")
        self.is_model_ready = False
        for step in range(self.reload_steps):
            self._work()
            yield ChildStarting(ProcessRole.ENGINE, step * 0.2)
        self.is_model_ready = True
        yield CleanupFinished(make_receipt(CleanupAction.RELOAD_MODEL, 420.0))

    def apply_settings(self, settings: Settings, *, within_run: bool) -> bool:
        self._note(f"apply_settings {within_run}")
        ends_model = self.ends_model_for_settings
        self.settings = settings
        self.is_model_ready = self.is_model_ready and not ends_model
        return ends_model

    def unload_model(self, trigger: str = "you", unused_s: float | None = None) -> CleanupReceipt:
        self._note(f"unload_model {trigger}")
        self.is_model_ready = False
        receipt = make_receipt(CleanupAction.UNLOAD_MODEL, 468.0)
        return dataclasses.replace(receipt, trigger=trigger, unused_s=unused_s)

    def memory_test(self, batches: int, stopped: threading.Event) -> Iterator[IndexEvent]:
        self._note("memory_test")
        self.is_model_ready = True
        yield from memory_test_events(batches, stopped, self._work)

    def start_trace(self, role: ProcessRole, frames: int = 1, *, native: bool = False) -> None:
        self._note(f"start_trace {role} {frames} {native}")
        if self.trace_error is not None:
            raise self.trace_error

    def stop_trace(self, role: ProcessRole) -> AllocationTrace:
        self._note(f"stop_trace {role}")
        lines = (TracedLine("torch/nn/linear.py:116", 3_000_000, 12, ("vext_desktop/a.py:1",)),)
        return AllocationTrace("tracemalloc", 1.5, 3_500_000, 40, lines)

    def describe_rebuild(self, settings: Settings) -> RebuildCost | None:
        self._note("describe_rebuild")
        if self.cost_error is not None:
            raise self.cost_error
        return self.cost

    def status(self) -> IndexStatus:
        self._note("status")
        return IndexStatus(
            counts=dict(self.counts),
            rows=12 * self.counts.get(Outcome.INDEXED, 0),
            bytes_on_disk=5_000_000,
            fragments=3,
            reclaimable_bytes=0,
            model="all-MiniLM-L6-v2",
            roots=tuple(self.roots),
            rebuild=self.rebuild,
            disk=self.disk.use(),
        )

    def tidy_up(self) -> Iterator[object]:
        self._note("tidy_up")
        return self.disk.tidy()

    def remove_root(self, path: Path) -> None:
        self._note(f"remove_root {path}")
        self.roots = [root for root in self.roots if root.path != str(path)]

    def retry(self, file_ids: Sequence[int]) -> None:
        self._note(f"retry {list(file_ids)}")

    def read_anyway(self, file_ids: Sequence[int]) -> None:
        self._note(f"read_anyway {list(file_ids)}")

    def ignore(self, file_ids: Sequence[int]) -> None:
        self._note(f"ignore {list(file_ids)}")

    def close(self) -> None:
        self._note("close")

    def _run(self, request: IndexRequest, stopped: threading.Event) -> Iterator[IndexEvent]:
        names = tuple(str(path) for path in request.paths)
        total = self.batches * CHUNKS_PER_BATCH
        yield RunStarted(self._run_id, names, self.run_title)
        yield ScanProgressed(self.batches, self.batches * 1000)
        yield ScanFinished(self.batches, self.batches, self.batches * 1000, 0, 0, 0, total)
        end = RunEnd.FINISHED
        started = time.monotonic()
        done = 0
        for number in range(1, self.batches + 1):
            if stopped.is_set():
                end = RunEnd.STOPPED
                break
            self.batches_begun += 1
            path = f"{names[0] if names else 'everything'}/file {number}.txt"
            yield FileStarted(path, 1000)
            if not self.is_model_ready:
                self.is_model_ready = True
                yield ChildStarted(ProcessRole.ENGINE, 101, 0.2)
            self._work()
            if self.step_error is not None:
                error, self.step_error = self.step_error, None
                raise error
            done = number
            progress = Progress(
                number,
                self.batches,
                number * 1000,
                self.batches * 1000,
                number * CHUNKS_PER_BATCH,
                time.monotonic() - started,
            )
            yield BatchFinished(
                number, CHUNKS_PER_BATCH, (path,), 0.1, self.pause_s, make_reading(), 0, progress
            )
            yield FileFinished(path, Outcome.INDEXED, "", CHUNKS_PER_BATCH)
        self.counts[Outcome.INDEXED] = self.counts.get(Outcome.INDEXED, 0) + done
        self.roots += [
            RootRecord(name, done, done, 0, is_offline=False)
            for name in names
            if name not in {root.path for root in self.roots}
        ]
        yield from self.last_events
        yield RunFinished(self._run_id, end, make_summary(done))

    def _work(self) -> None:
        """Take time, like a batch, unless the program is closing."""
        if self.cancelled.wait(self.step_s) and self.step_s:
            raise CancelledError("The program is closing.")

    def _note(self, call: str) -> None:
        self.calls.append(call)
        # Not `current_thread`: Python would make an object for Qt's thread and keep it.
        self.threads.add(threading.get_ident())


class FakeEngineBuilder:
    """Gives the engine thread a prepared fake, as `run_window` gives it the real one."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine

    def __call__(self, cancelled: threading.Event) -> FakeEngine:
        self.engine.cancelled = cancelled
        return self.engine
