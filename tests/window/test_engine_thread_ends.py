"""Runs on the engine thread that are held, stopped or broken, and a thread that is shut down."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_thread_stage import REQUEST, Starter, call, started_threads
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine

from vext_desktop.errors import DataFolderBusyError, StoreError
from vext_desktop.events import RunEnd
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchRequest


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    with started_threads(qtbot) as begin:
        yield begin


def test_pause_holds_the_run_and_resume_lets_it_go_on(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=10, step_s=0.01))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 2)
    call(running.worker, "pause")
    qtbot.waitUntil(lambda: running.worker._is_paused)
    qtbot.wait(20)  # what was on its way from the other thread
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
    call(running.worker.questions, "ask", SearchRequest("budget"))
    call(running.worker.memory, "free_memory")
    qtbot.waitUntil(lambda: bool(running.answers) and bool(running.receipts))
    assert running.batches == 0


def test_stop_ends_the_run_after_the_batch_in_hand(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=100, step_s=0.01))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 2)
    running.thread.stop_run()
    in_hand = running.engine.batches_begun
    qtbot.waitUntil(lambda: bool(running.ended), timeout=1000)
    assert running.run_ends == [RunEnd.STOPPED]
    assert running.engine.batches_begun <= in_hand + 1, "which may have been at its beginning"


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


def test_a_data_folder_in_use_is_a_failure_and_nothing_runs(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine()
    engine.open_error = DataFolderBusyError("In use.", "Close the other window.")
    running = start(engine)
    assert running.errors[0].message == "In use."
    call(running.worker, "index", REQUEST)
    call(running.worker.questions, "ask", SearchRequest("budget"))
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


def test_a_bug_goes_the_road_of_bugs_and_the_thread_lives_on(
    qtbot: QtBot, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine(batches=3)
    engine.step_error = ZeroDivisionError("a bug")
    running = start(engine)
    with qtbot.captureExceptions() as bugs:
        call(running.worker, "index", REQUEST)
        # The run is told to be over before its bug has gone the road.
        qtbot.waitUntil(lambda: bool(running.ended) and bool(bugs))
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
