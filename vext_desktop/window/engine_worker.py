"""The engine's worker: takes one step of a run at a time, so that everything else gets its turn.

It lives on the engine thread. Model, store and ledger are touched by no other thread, so there
are no locks: whatever the window asks for is a queued slot that runs between two steps. Only
`stopped` and `cancelled` are set from outside, directly, because a busy worker would see a queued
call too late.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from vext_desktop.errors import CancelledError, VextError
from vext_desktop.events import BatchFinished, ChildStarted, IndexEvent
from vext_desktop.readings import ProcessRole

if TYPE_CHECKING:
    from vext_desktop.engine import Engine
    from vext_desktop.index.indexer import IndexRequest
    from vext_desktop.index.search import SearchRequest

EngineBuilder = Callable[[threading.Event], "Engine"]

log = logging.getLogger("vext.window")


class EngineWorker(QObject):
    """Drives an engine on the thread it has been moved to.

    Args:
        build: Makes the engine; called on the engine thread, with the event that cancels it.
    """

    engine_built = Signal(object)  # the engine's MemoryMonitor, safe to read from any thread
    engine_opened = Signal()
    warm_up_ended = Signal()  # the model is loaded for the first time, or `failed` said why not
    event_raised = Signal(object)  # IndexEvent
    run_begun = Signal(object)  # the IndexRequest that was taken up
    run_ended = Signal(object)  # the same IndexRequest
    search_answered = Signal(object)  # SearchAnswer
    receipt_written = Signal(object)  # CleanupReceipt
    status_refreshed = Signal(object)  # IndexStatus
    failed = Signal(object)  # VextError

    def __init__(self, build: EngineBuilder) -> None:
        super().__init__()
        self.cancelled = threading.Event()
        self.stopped = threading.Event()
        self._build = build
        self._engine: Engine | None = None
        self._events: Iterator[IndexEvent] | None = None
        self._request: IndexRequest | None = None
        self._queue: deque[IndexRequest] = deque()
        self._search: SearchRequest | None = None
        self._is_paused = False
        self._is_status_due = True
        self._is_reload_due = False
        self._is_model_settled = False
        self._timer: QTimer | None = None
        self._soon: QTimer | None = None

    @Slot()
    def open_engine(self) -> None:
        """Make and open the engine, then load its model in steps."""
        # Here, not in the constructor: a timer belongs to the thread that makes it.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_step_due)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._on_waiting_due)
        with self._failures_told():
            engine = self._build(self.cancelled)
            self.engine_built.emit(engine.monitor)
            engine.open()
            self._engine = engine
            self.engine_opened.emit()
            self._begin_next()

    @Slot(object)
    def index(self, request: "IndexRequest") -> None:
        """Take up a request when the ones before it have come to their end."""
        self._queue.append(request)
        self._begin_next()

    @Slot()
    def pause(self) -> None:
        """Take no further step of a run until `resume`."""
        self._is_paused = True

    @Slot()
    def resume(self) -> None:
        """Go on with the run."""
        self._is_paused = False
        self._take_next_step()

    @Slot()
    def stop(self) -> None:
        """Drop what is queued and let the run end itself, also out of a pause.

        The caller has set `stopped` already, so the step in hand is the last one.
        """
        self._queue.clear()
        self._is_paused = False
        if self._request is None:
            self.stopped.clear()
        self._take_next_step()

    @Slot(object)
    def search(self, request: "SearchRequest") -> None:
        """Answer between two steps; of several waiting requests only the last.

        While the model is loading, the answer is found by words alone, and a second answer
        follows as soon as the model is ready.
        """
        self._search = request
        # Not at once: slots that are queued already run first, so the newest search wins.
        self._serve_soon()

    @Slot()
    def free_memory(self) -> None:
        """Give back what nobody uses."""
        with self._failures_told():
            self.receipt_written.emit(self._opened().free_memory())

    @Slot()
    def reload_model(self) -> None:
        """End the model's process and start it anew; not while it is loading for the first time."""
        with self._failures_told():
            if self._engine is not None and not self._is_model_settled:
                self._is_reload_due = True
            else:
                self.receipt_written.emit(self._opened().reload_model())

    @Slot(object)  # not Slot(str): Qt would drop undecodable bytes out of a path
    def remove_root(self, path: str) -> None:
        """Take a folder and its passages out of the index."""
        with self._failures_told():
            self._opened().remove_root(Path(path))
        self.refresh_status()

    @Slot(object)
    def retry(self, file_ids: Sequence[int]) -> None:
        """Let these files wait for the next run."""
        with self._failures_told():
            self._opened().retry(list(file_ids))
        self.refresh_status()

    @Slot(object)
    def ignore(self, file_ids: Sequence[int]) -> None:
        """Leave these files out of the index."""
        with self._failures_told():
            self._opened().ignore(list(file_ids))
        self.refresh_status()

    @Slot()
    def refresh_status(self) -> None:
        """Tell how the index stands."""
        with self._failures_told():
            self.status_refreshed.emit(self._opened().status())

    @Slot()
    def shut_down(self) -> None:
        """End the run where it is, close the engine, and let the thread end."""
        try:
            self._queue.clear()
            self._search = None
            for timer in filter(None, (self._timer, self._soon)):
                timer.stop()
                timer.deleteLater()
            self._timer = self._soon = None
            if isinstance(self._events, Generator):
                self._events.close()
            self._events = None
            if self._engine is not None:
                self._engine.close()
            self._engine = None
        finally:
            QThread.currentThread().quit()

    @Slot()
    def _on_step_due(self) -> None:
        """Take one event; the timer brings us back after the pause that it asks for."""
        # Loading the model goes on during a pause: search needs it.
        is_held = self._is_paused and self._request is not None and not self.stopped.is_set()
        if self._events is None or is_held:
            return
        try:
            event = next(self._events, None)
        except VextError as error:
            self._tell(error)
            self._end_stream()
            return
        except Exception:
            self._end_stream()
            raise
        if event is None:
            self._end_stream()
            return
        self.event_raised.emit(event)
        self._note(event)
        self._take_next_step(event.pause_s if isinstance(event, BatchFinished) else 0.0)

    def _note(self, event: IndexEvent) -> None:
        if self._is_status_due:
            # After the first step: opening the store takes seconds, and the model's process
            # starts meanwhile.
            self._is_status_due = False
            self.refresh_status()
            self._begin_next()
        if isinstance(event, ChildStarted) and event.role is ProcessRole.ENGINE:
            self._on_model_settled()

    def _take_next_step(self, delay_s: float = 0.0) -> None:
        if self._timer is not None and self._events is not None:
            self._timer.start(round(delay_s * 1000))

    def _begin(self, events: Iterator[IndexEvent]) -> None:
        self._events = events
        self._take_next_step()

    def _begin_next(self) -> None:
        if self._engine is None or self._request is not None:
            return
        if self._queue and not self._is_status_due:
            if isinstance(self._events, Generator):
                self._events.close()  # a run loads the model by itself, while it scans
            self._request = self._queue.popleft()
            self.run_begun.emit(self._request)
            self._begin(self._engine.index(self._request, self.stopped))
        elif self._events is None and not self._is_model_settled:
            self._begin(self._engine.warm_up())  # first of all, and after a run without reading

    def _end_stream(self) -> None:
        """A run or the warm-up is over, well or not: answer what waited, begin what is next."""
        request, self._request, self._events = self._request, None, None
        if request is None:
            self._on_model_settled()
        else:
            self.stopped.clear()
            self.run_ended.emit(request)
        if request is not None or self._is_status_due:
            self._is_status_due = False
            self.refresh_status()
        self._begin_next()

    def _on_model_settled(self) -> None:
        """The model is loaded, or cannot be: what waited for it waits no longer."""
        if not self._is_model_settled:
            self._is_model_settled = True
            self.warm_up_ended.emit()
        self._serve_soon()

    def _serve_soon(self) -> None:
        if self._soon is not None:
            self._soon.start(0)

    @Slot()
    def _on_waiting_due(self) -> None:
        """Serve what waited for its turn or for the model."""
        if self._is_reload_due and self._is_model_settled:
            self._is_reload_due = False
            self.reload_model()
        request, self._search = self._search, None
        if request is None:
            return
        with self._failures_told():
            answer = self._opened().search(request, may_wait=False)
            self.search_answered.emit(answer)
            if answer.mode is not request.mode and self._events is not None:
                self._search = request  # by words alone; again when the model is ready

    def _opened(self) -> "Engine":
        if self._engine is None:
            raise VextError(
                "The index is not open, so this cannot be done.",
                "Close the window and open it again; what was wrong is said there once more.",
            )
        return self._engine

    @contextmanager
    def _failures_told(self) -> Iterator[None]:
        """Errors made for people become `failed`; any other goes the road of bugs."""
        try:
            yield
        except VextError as error:
            self._tell(error)

    def _tell(self, error: VextError) -> None:
        if isinstance(error, CancelledError):
            log.info("The program is closing; what was in hand is given up.")
        else:
            self.failed.emit(error)
