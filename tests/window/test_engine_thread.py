"""The engine thread: one step at a time, and everything else between two steps."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.errors import DataFolderBusyError, StoreError, VextError
from vext_desktop.events import BatchFinished, RunEnd, RunFinished
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.readings import CleanupAction
from vext_desktop.window.engine_thread import EngineThread

REQUEST = IndexRequest((Path("/documents/Reports"),))
Starter = Callable[[FakeEngine], "Running"]


class Running(QObject):
    """A started engine thread and everything it has said, received on the main thread."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__()
        self.engine = engine
        self.builder = FakeEngineBuilder(engine)
        self.thread = EngineThread(self.builder)
        self.worker = self.thread.worker
        self.events: list[object] = []
        self.said: list[str] = []
        self.answers: list[object] = []
        self.receipts: list[object] = []
        self.errors: list[VextError] = []
        self.ended: list[IndexRequest] = []
        self.main_thread_only = True
        worker = self.worker
        worker.event_raised.connect(self._on_event)
        worker.search_answered.connect(self._on_answer)
        worker.memory.receipt_written.connect(self._on_receipt)
        worker.failed.connect(self._on_failed)
        worker.run_ended.connect(self._on_run_ended)
        worker.model.settled.connect(self._on_warm)

    @property
    def batches(self) -> int:
        return sum(isinstance(event, BatchFinished) for event in self.events)

    @property
    def run_ends(self) -> list[RunEnd]:
        return [event.end for event in self.events if isinstance(event, RunFinished)]

    @Slot(object)
    def _on_event(self, event: object) -> None:
        self.main_thread_only &= QThread.currentThread() is self.thread.thread()
        self.events.append(event)

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        self.said.append("answer")
        self.answers.append(answer)

    @Slot(object)
    def _on_receipt(self, receipt: object) -> None:
        self.receipts.append(receipt)

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        self.errors.append(error)

    @Slot(object)
    def _on_run_ended(self, request: IndexRequest) -> None:
        self.said.append("run ended")
        self.ended.append(request)

    @Slot()
    def _on_warm(self) -> None:
        self.said.append("warm")


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    """Start an engine thread; it is shut down and joined after the test."""
    started: list[Running] = []

    def begin(engine: FakeEngine, *, wait: bool = True) -> Running:
        running = Running(engine)
        started.append(running)
        running.thread.start()
        if wait:
            qtbot.waitUntil(lambda: "warm" in running.said or bool(running.errors))
        return running

    yield begin
    for running in started:
        running.thread.begin_shut_down()
        assert running.thread.join()


def call(worker: QObject, slot: str, *arguments: object) -> None:
    """Call a slot as a queued signal does: on the worker's own thread."""
    from PySide6.QtCore import QTimer

    QTimer.singleShot(0, worker, lambda: getattr(worker, slot)(*arguments))


def test_the_engine_lives_on_the_engine_thread_alone(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine())
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert len(running.engine.threads) == 1
    assert running.engine.threads != {threading.get_ident()}
    assert running.main_thread_only


def test_each_event_of_a_run_reaches_the_window_in_order(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=3))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    numbers = [event.number for event in running.events if isinstance(event, BatchFinished)]
    assert numbers == [1, 2, 3]
    assert running.run_ends == [RunEnd.FINISHED]


def test_requests_run_one_after_another(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=2))
    second = IndexRequest((Path("/documents/Mail"),))
    call(running.worker, "index", REQUEST)
    call(running.worker, "index", second)
    qtbot.waitUntil(lambda: len(running.ended) == 2)
    assert running.ended == [REQUEST, second]
    assert [type(event).__name__ for event in running.events].count("RunStarted") == 2


def test_the_pause_that_a_batch_asks_for_is_kept(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=3, pause_s=0.1))
    began = time.monotonic()
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert time.monotonic() - began >= 0.3


def test_a_search_is_answered_between_two_batches(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=40, step_s=0.02))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 2)
    call(running.worker, "search", SearchRequest("budget"))
    qtbot.waitUntil(lambda: "answer" in running.said)
    assert "run ended" not in running.said
    assert running.batches < 40


def test_of_several_waiting_searches_only_the_last_is_answered(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(batches=10, step_s=0.05))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 1)
    for query in ("b", "bud", "budget"):
        call(running.worker, "search", SearchRequest(query))
    qtbot.waitUntil(lambda: bool(running.answers))
    qtbot.wait(100)
    assert [answer.query for answer in running.answers] == ["budget"]


def test_a_search_before_the_model_is_ready_is_answered_twice(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(step_s=0.05)
    engine.warm_up_steps = 6
    running = start(engine, wait=False)
    call(running.worker, "search", SearchRequest("budget"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]


def test_pause_holds_the_run_and_resume_lets_it_go_on(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=10, step_s=0.01))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 2)
    call(running.worker, "pause")
    qtbot.wait(60)
    held_at = running.batches
    qtbot.wait(150)
    assert running.batches == held_at < 10
    call(running.worker, "resume")
    qtbot.waitUntil(lambda: bool(running.ended))
    assert running.batches == 10


def test_search_and_cleanup_are_served_during_a_pause(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=10, step_s=0.01))
    call(running.worker, "pause")
    call(running.worker, "index", REQUEST)
    call(running.worker, "search", SearchRequest("budget"))
    call(running.worker.memory, "free_memory")
    qtbot.waitUntil(lambda: bool(running.answers) and bool(running.receipts))
    assert running.batches == 0


def test_stop_ends_the_run_after_the_batch_in_hand(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=100, step_s=0.01))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 2)
    running.thread.stop_run()
    qtbot.waitUntil(lambda: bool(running.ended), timeout=1000)
    assert running.run_ends == [RunEnd.STOPPED]


def test_stop_ends_a_paused_run_and_drops_what_waits_behind_it(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(batches=100, step_s=0.01))
    call(running.worker, "index", REQUEST)
    call(running.worker, "index", IndexRequest())
    qtbot.waitUntil(lambda: running.batches >= 1)
    call(running.worker, "pause")
    running.thread.stop_run()
    qtbot.waitUntil(lambda: bool(running.ended), timeout=1000)
    qtbot.wait(50)
    assert running.engine.requests == [REQUEST]


def test_a_stop_does_not_end_the_next_run(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=5))
    running.thread.stop_run()
    qtbot.wait(30)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert running.run_ends == [RunEnd.FINISHED]


def test_both_ways_to_get_memory_back_write_a_receipt(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine())
    call(running.worker.memory, "free_memory")
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: len(running.receipts) == 2)
    actions = [receipt.action for receipt in running.receipts]
    assert actions == [CleanupAction.FREE_MEMORY, CleanupAction.RELOAD_MODEL]


def test_a_reload_asked_for_while_the_model_loads_comes_after_it(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine(step_s=0.03)
    engine.warm_up_steps = 4
    running = start(engine, wait=False)
    qtbot.waitUntil(lambda: bool(running.events))
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: bool(running.receipts))
    assert "warm" in running.said


def test_a_data_folder_in_use_is_a_failure_and_nothing_runs(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine()
    engine.open_error = DataFolderBusyError("In use.", "Close the other window.")
    running = start(engine)
    assert running.errors[0].message == "In use."
    call(running.worker, "index", REQUEST)
    call(running.worker, "search", SearchRequest("budget"))
    qtbot.waitUntil(lambda: len(running.errors) == 2)
    assert engine.requests == []
    assert "not open" in running.errors[1].message


def test_an_error_for_people_ends_the_run_and_the_next_one_works(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine(batches=3)
    engine.step_error = StoreError("The disk is full.", "Free some space.")
    running = start(engine)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: len(running.ended) == 1)
    assert [error.message for error in running.errors] == ["The disk is full."]
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: len(running.ended) == 2)
    assert running.run_ends == [RunEnd.FINISHED]


def test_a_failed_run_does_not_take_the_next_one_with_it(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(batches=3)
    engine.step_error = StoreError("The disk is full.", "Free some space.")
    running = start(engine)
    second = IndexRequest((Path("/documents/Mail"),))
    call(running.worker, "index", REQUEST)
    call(running.worker, "index", second)
    qtbot.waitUntil(lambda: len(running.ended) == 2)
    assert running.run_ends == [RunEnd.FINISHED]
    assert running.batches == 3


def test_a_run_does_not_wait_for_the_model(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(batches=0, step_s=0.05)
    engine.warm_up_steps = 1000
    running = start(engine, wait=False)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert running.run_ends == [RunEnd.FINISHED]
    # The run has read nothing and so loaded no model: that is taken up again.
    qtbot.waitUntil(lambda: engine.calls.count("warm_up") == 2)


def test_a_bug_goes_the_road_of_bugs_and_the_thread_lives_on(
    qtbot: QtBot, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine(batches=3)
    engine.step_error = ZeroDivisionError("a bug")
    running = start(engine)
    with qtbot.captureExceptions() as bugs:
        call(running.worker, "index", REQUEST)
        qtbot.waitUntil(lambda: bool(running.ended))
    assert [kind for kind, _error, _trace in bugs] == [ZeroDivisionError]
    assert running.errors == []
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: len(running.ended) == 2)


def test_closing_in_the_middle_of_a_run_takes_less_than_a_second(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(batches=1000))
    running.engine.step_s = 5.0
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: "index" in running.engine.calls)
    qtbot.wait(50)
    began = time.monotonic()
    with qtbot.waitSignal(running.thread.finished, timeout=2000):
        running.thread.begin_shut_down()
    assert running.thread.join()
    assert time.monotonic() - began < 1.0
    assert running.engine.calls[-1] == "close"


def test_closing_between_two_steps_closes_the_run_before_the_engine(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(batches=1000))
    call(running.worker, "pause")
    call(running.worker, "index", REQUEST)
    qtbot.wait(50)
    call(running.worker, "resume")
    qtbot.waitUntil(lambda: running.batches >= 1)
    call(running.worker, "pause")
    qtbot.wait(50)
    with qtbot.waitSignal(running.thread.finished, timeout=2000):
        running.thread.begin_shut_down()
    assert running.engine.left_run_open
    assert running.engine.calls[-1] == "close"


def test_a_flood_of_events_does_not_freeze_the_window(qtbot: QtBot, start: Starter) -> None:
    from vext_desktop.window.freeze_meter import FreezeMeter

    running = start(FakeEngine(batches=1500))
    meter = FreezeMeter()
    meter.start()
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended), timeout=20_000)
    meter.stop()
    assert running.batches == 1500
    # Generous, for a busy machine; without turns between steps it would be the whole run.
    assert meter.longest_stall_s < 1.0


def test_a_search_loads_the_model_of_the_index_where_a_run_has_left_another_one(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine()
    running = start(engine)
    engine.has_query_model = engine.is_model_ready = False
    call(running.worker, "search", SearchRequest("lease"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]  # type: ignore[attr-defined]
    assert engine.calls.count("warm_up") == 2
