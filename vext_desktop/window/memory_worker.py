"""The engine thread's care for memory: cleanups, unloading, the memory test, recordings.

It lives beside the engine's worker, on the same thread, and touches the engine only there.
"""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vext_desktop.errors import UsageError, VextError
from vext_desktop.events import BatchFinished, IndexEvent, RunFinished
from vext_desktop.memory.library_pages import LibraryPages
from vext_desktop.readings import ProcessRole
from vext_desktop.window.model_worker import Model

if TYPE_CHECKING:
    from vext_desktop.window.engine_worker import EngineWorker

# The longest that a Qt timer can wait, 24 days: whoever asks for more means never.
_LONGEST_MS = 2**31 - 1
# After so long a rest, what the start or the last use has touched is needed no more; longer than
# the pause that `LibraryPages` keeps.
_REST_MS = 35_000


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """What is to be recorded.

    Attributes:
        role: Which process.
        frames: Frames kept of each allocation.
        native: With memray.
        batches: For so many batches: of the run that is on, else of practice text.
        seconds: Or for so long, whatever goes on meanwhile.
    """

    role: ProcessRole
    frames: int = 1
    native: bool = False
    batches: int = 0
    seconds: float = 0.0


class MemoryWorker(QObject):
    """Gives memory back and looks where it is, between two steps of the engine's worker.

    Args:
        worker: Owns the engine; also our parent, so we live on its thread.
    """

    receipt_written = Signal(object)  # CleanupReceipt
    test_begun = Signal()
    test_event_raised = Signal(object)  # IndexEvent
    test_ended = Signal(object)  # its report, a dict; None when it could not come to its end
    test_refused = Signal(str)
    trace_begun = Signal(object)  # TraceRequest
    trace_ended = Signal(object)  # AllocationTrace
    trace_failed = Signal(object)  # VextError

    def __init__(self, worker: "EngineWorker") -> None:
        super().__init__(worker)
        self.test_stopped = threading.Event()
        self._worker = worker
        self._report: dict[str, object] | None = None
        self._trace: TraceRequest | None = None
        self._batches_left = 0
        self._is_reload_due = False
        self._is_test_for_trace = False
        self._idle: QTimer | None = None
        self._rest: QTimer | None = None
        self._library_pages = LibraryPages()
        self._trace_end: QTimer | None = None

    def prepare(self) -> None:
        """Make the timers; they belong to the thread that makes them."""
        self._idle, self._rest, self._trace_end = QTimer(self), QTimer(self), QTimer(self)
        self._idle.timeout.connect(self._on_idle)
        self._rest.timeout.connect(self._library_pages.release_if_due)
        self._trace_end.timeout.connect(self.stop_trace)
        for timer in (self._idle, self._rest, self._trace_end):
            timer.setSingleShot(True)

    def shut_down(self) -> None:
        """Stop the timers on their own thread."""
        for timer in filter(None, (self._idle, self._rest, self._trace_end)):
            timer.stop()
            timer.deleteLater()
        self._idle = self._rest = self._trace_end = None

    @Slot()
    def free_memory(self) -> None:
        """Give back what nobody uses."""
        with self._worker.failures_told():
            self.receipt_written.emit(self._worker.opened().free_memory())
            self.note_use()

    @Slot()
    def reload_model(self) -> None:
        """End the model's process and start it anew, in steps; not while it is loading."""
        with self._worker.failures_told():
            if self._worker.model.is_loading:
                self._is_reload_due = True
            else:
                self._worker.model.begin_reload()

    def serve_waiting(self) -> None:
        """The model is loaded, or cannot be: do what waited for that."""
        if self._is_reload_due and not self._worker.model.is_loading:
            self._is_reload_due = False
            self.reload_model()

    def note_use(self) -> None:
        """The start, a search, a run or a cleanup has just ended: idle time counts from now."""
        engine = self._worker.engine
        if self._idle is None or self._rest is None or engine is None:
            return
        self._library_pages.release_if_due()
        self._rest.start(_REST_MS)
        wait_ms = round(engine.settings.idle_unload_minutes * 60_000)
        if 0 < wait_ms <= _LONGEST_MS:
            self._idle.start(wait_ms)
        else:
            self._idle.stop()

    def note_run_end(self) -> None:
        """A run is over, and no other waits."""
        engine = self._worker.engine
        if engine is not None and engine.settings.unload_between_runs:
            self._unload("run_end")

    @Slot(int)
    def start_test(self, batches: int) -> None:
        """Run the memory test, step by step like a run; refused while one is on."""
        with self._worker.failures_told():
            engine = self._worker.opened()
            if self._worker.has_run:
                self.test_refused.emit(
                    "A run is on, and both would measure each other. "
                    "Wait for its end or stop it, then start the test."
                )
                return
            self.test_stopped.clear()
            self._report = None
            self.test_begun.emit()
            self._worker.begin_test(engine.memory_test(batches, self.test_stopped))

    def note_test_event(self, event: IndexEvent) -> None:
        """A step of the test has been taken."""
        if isinstance(event, RunFinished):
            self._report = event.summary
        self.test_event_raised.emit(event)
        self.note_event(event)

    def end_test(self) -> None:
        """The test is over, well or not."""
        report, self._report = self._report, None
        self._is_test_for_trace = False
        self.test_ended.emit(report)
        self.stop_batch_trace()

    @Slot(object)
    def start_trace(self, request: TraceRequest) -> None:
        """Begin to record the allocations of a process."""
        try:
            if self._trace is not None:
                raise UsageError("Allocations are being recorded already.", "Stop that first.")
            engine = self._worker.opened()
            engine.start_trace(request.role, request.frames, native=request.native)
        except VextError as error:
            self.trace_failed.emit(error)
            return
        if request.role is ProcessRole.ENGINE:
            self._worker.note_settled(Model.LOADED)  # the recording has waited for it
        self._trace, self._batches_left = request, request.batches
        self.trace_begun.emit(request)
        if self._trace_end is not None and not request.batches:
            self._trace_end.start(round(request.seconds * 1000))
        elif not self._worker.has_run:
            self._is_test_for_trace = True
            self.start_test(request.batches)

    def note_event(self, event: IndexEvent) -> None:
        """An event of a run or a test: a recording may end with it."""
        if isinstance(event, BatchFinished) and self._batches_left > 0:
            self._batches_left -= 1
            if self._batches_left == 0:
                self.stop_trace()

    def stop_batch_trace(self) -> None:
        """What would have brought more batches is over."""
        if self._batches_left > 0:
            self.stop_trace()

    @Slot()
    def stop_trace(self) -> None:
        """End the recording, and tell what it found."""
        request, self._trace = self._trace, None
        batches_left, self._batches_left = self._batches_left, 0
        if request is None:
            return
        if self._is_test_for_trace and batches_left:
            self.test_stopped.set()  # nobody waits for the rest of its practice text
        if self._trace_end is not None:
            self._trace_end.stop()
        try:
            self.trace_ended.emit(self._worker.opened().stop_trace(request.role))
        except VextError as error:
            self.trace_failed.emit(error)
        self.note_use()

    @Slot()
    def _on_idle(self) -> None:
        engine = self._worker.engine
        if engine is not None and self._worker.model.is_loaded:
            self._unload("idle", engine.settings.idle_unload_minutes * 60.0)

    def _unload(self, trigger: str, unused_s: float | None = None) -> None:
        """End the model's process, unless somebody is at it or is about to be."""
        if not self._worker.is_at_rest or self._trace is not None:
            return
        with self._worker.failures_told():
            receipt = self._worker.opened().unload_model(trigger, unused_s)
            self._worker.model.note_unloaded()
            self.receipt_written.emit(receipt)
