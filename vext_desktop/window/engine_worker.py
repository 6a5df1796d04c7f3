"""The engine's worker: takes one step of a run at a time, so that everything else gets its turn.

Model, store and ledger are touched by no other thread than its own, so there are no locks: what
the window asks for is a queued slot that runs between two steps. Only `stopped` and `cancelled`
are set from outside: a busy worker would see a queued call too late.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QThread, QTimer, Signal, Slot

from vext_desktop.errors import VextError
from vext_desktop.events import BatchFinished, ChildStarted, IndexEvent, ServiceAwaited
from vext_desktop.readings import ProcessRole
from vext_desktop.window.engine_holder import EngineHolder
from vext_desktop.window.memory_worker import MemoryWorker
from vext_desktop.window.model_worker import Model, ModelWorker
from vext_desktop.window.question_worker import QuestionWorker
from vext_desktop.window.watch_worker import WatchWorker

if TYPE_CHECKING:
    from vext_desktop.engine import Engine
    from vext_desktop.index.request import IndexRequest

EngineBuilder = Callable[[threading.Event], "Engine"]


class EngineWorker(EngineHolder):
    """Drives an engine on the thread it has been moved to.

    Args:
        build: Makes the engine; called on the engine thread, with the event that cancels it.
    """

    engine_built = Signal(object)  # the engine's MemoryMonitor, safe to read from any thread
    engine_opened = Signal()
    run_begun = Signal(object)  # the IndexRequest that was taken up
    run_ended = Signal(object)  # the same IndexRequest

    def __init__(self, build: EngineBuilder) -> None:
        super().__init__()
        self.cancelled = threading.Event()
        self.stopped = threading.Event()
        self.memory = MemoryWorker(self)  # our children, so they move to our thread with us
        self.model = ModelWorker(self)
        self.questions = QuestionWorker(self)
        self.watch = WatchWorker(self)
        self._build = build
        self._events: Iterator[IndexEvent] | None = None
        self._request: IndexRequest | None = None
        self._queue: deque[IndexRequest] = deque()
        self._is_paused = False
        self._is_status_due = True
        self._is_testing = False
        self._timer: QTimer | None = None

    @property
    def has_run(self) -> bool:
        """Whether a run, or a memory test, is on, paused or waiting."""
        return self._request is not None or bool(self._queue) or self._is_testing

    @property
    def is_busy(self) -> bool:
        """Whether a run or a memory test has been begun, paused or not."""
        return self._request is not None or self._is_testing

    @property
    def is_at_rest(self) -> bool:
        """Whether no step is to be taken and nobody waits for an answer."""
        is_still = self._events is None and not self.model.is_reloading
        return is_still and not self.questions.is_waiting and not self._queue

    @property
    def is_run_held(self) -> bool:
        """Whether a run has been begun and is paused."""
        return self._is_paused and self._request is not None

    @property
    def is_loading_or_running(self) -> bool:
        """Whether steps are taken, at the end of which there is a model, or known to be none."""
        return self._events is not None or self.model.is_reloading

    @Slot()
    def open_engine(self) -> None:
        """Make and open the engine, and load its model in steps while the user types."""
        # Here, not in the constructor: a timer belongs to the thread that makes it.
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_step_due)
        self.memory.prepare()
        self.questions.prepare()
        with self.failures_told():
            engine = self._build(self.cancelled)
            self.engine_built.emit(engine.monitor)
            self.open_folder(engine)
            self.engine = engine
            self.engine_opened.emit()
            if not engine.has_indexed_files:
                self.model.note_unloaded()  # a run that reads something loads it, or a search
                self._is_status_due = False
                self.refresh_status()
            self.memory.note_use()
            self._begin_next()
            self.watch.begin()

    @Slot(object)
    def index(self, request: "IndexRequest") -> None:
        """Take up a request when the ones before it have come to their end."""
        self._queue.append(request)
        self._begin_next()

    @Slot()
    def pause(self) -> None:
        """Take no further step of a run until `resume`."""
        self._is_paused = True
        self.questions.serve_soon()  # a search may have had to do without its model

    @Slot()
    def resume(self) -> None:
        """Go on with the run."""
        self._is_paused = False
        self.take_next_step()

    @Slot()
    def stop(self) -> None:
        """Drop what is queued and let the run end itself, also out of a pause.

        The caller has set `stopped` already, so the step in hand is the last one.
        """
        self._queue.clear()
        self._is_paused = False
        if self._request is None:
            self.stopped.clear()
        self.take_next_step()

    def begin_test(self, events: Iterator[IndexEvent]) -> None:
        """Take the steps of a memory test; runs that are asked for meanwhile wait for its end."""
        if isinstance(self._events, Generator):
            self._events.close()  # the test loads the model by itself
        self._is_testing = True
        self.model.expect()
        self._begin(events)

    def note_settled(self, model: Model) -> None:
        """The model is loaded, or cannot be: what waited for it waits no longer."""
        self.model.settle(model)
        self.questions.serve_soon()

    def begin_loading(self) -> None:
        """Load the model of now, whatever was being loaded."""
        if isinstance(self._events, Generator):
            self._events.close()
        self._events = None
        self._begin_next()

    def expect_model_of_index(self) -> None:
        """A question needs the model that the index was made with: load it, unless a run does."""
        if self._request is None and not self.opened().has_query_model:
            self.model.note_unloaded()  # another one was loaded for a run
        self.model.expect()
        self._begin_next()

    def take_next_step(self, delay_s: float = 0.0) -> None:
        """Come back for the next step."""
        if self._timer is not None and self.is_loading_or_running:
            self._timer.start(round(delay_s * 1000))

    @Slot()
    def shut_down(self) -> None:
        """End the run where it is, close the engine, and let the thread end."""
        try:
            self._queue.clear()
            if self._timer is not None:
                self._timer.stop()
                self._timer.deleteLater()
            self._timer = None
            for part in (self.questions, self.memory, self.model, self.watch):
                part.shut_down()
            if isinstance(self._events, Generator):
                self._events.close()
            self._events = None
            if self.engine is not None:
                self.engine.close()
            self.engine = None
        finally:
            QThread.currentThread().quit()

    @Slot()
    def _on_step_due(self) -> None:
        """Take one event; the timer brings us back after the pause that it asks for."""
        if self.model.is_reloading:
            self.model.take_reload_step()
            return
        # Loading the model goes on during a pause: search needs it.
        is_held = self.is_run_held and not self.stopped.is_set()
        if self._events is None or is_held:
            return
        try:
            event = next(self._events, None)
        except VextError as error:
            self.tell(error)
            self._end_stream()
            return
        except Exception:
            self._end_stream()
            raise
        if event is None:
            self._end_stream(is_complete=True)
            return
        if self._is_testing:
            self.memory.note_test_event(event)
        else:
            self.event_raised.emit(event)
            self.memory.note_event(event)
        self._note(event)
        self.take_next_step(
            event.pause_s if isinstance(event, BatchFinished | ServiceAwaited) else 0.0
        )

    def _note(self, event: IndexEvent) -> None:
        if self._is_status_due:
            # After the first step: opening the store takes seconds; the model starts meanwhile.
            self._is_status_due = False
            self.refresh_status()
            self._begin_next()
        if isinstance(event, ChildStarted) and event.role is ProcessRole.ENGINE:
            self.note_settled(Model.LOADED)

    def _begin(self, events: Iterator[IndexEvent]) -> None:
        self._events = events
        self.take_next_step()

    def _begin_next(self) -> None:
        if self.engine is None or self._request is not None or self._is_testing:
            return
        if self._queue and not self._is_status_due:
            if isinstance(self._events, Generator):
                self._events.close()  # a run loads the model by itself, while it scans
            self._request = self._queue.popleft()
            self.run_begun.emit(self._request)
            self._begin(self.engine.index(self._request, self.stopped))
        elif self._events is None and self.model.is_loading and not self.model.is_reloading:
            self._begin(self.engine.warm_up())

    def _end_stream(self, *, is_complete: bool = False) -> None:
        """A run, a test or the warm-up is over, complete or not: begin what is next."""
        request, self._request, self._events = self._request, None, None
        was_testing, self._is_testing = self._is_testing, False
        if was_testing:
            self.memory.end_test()
        elif request is None:
            self.note_settled(Model.LOADED if is_complete else Model.FAILED)
        else:
            self.stopped.clear()
            self.run_ended.emit(request)
            self.memory.stop_batch_trace()
            self.questions.serve_soon()
        if request is not None or self._is_status_due:
            self._is_status_due = False
            self.refresh_status()
        if request is not None and not self._queue:
            self.memory.note_run_end()
            self.watch.note_run_end()
        self.memory.note_use()
        self.model.apply_due_settings()
        self._begin_next()
