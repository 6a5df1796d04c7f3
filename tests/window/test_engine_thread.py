"""The engine thread: one step at a time, and everything else between two steps."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_thread_stage import REQUEST, Starter, call, started_threads
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine

from vext_desktop.events import BatchFinished, RunEnd
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import NO_MODEL_NOTICE, SearchAnswer, SearchMode, SearchRequest
from vext_desktop.readings import CleanupAction


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    with started_threads(qtbot) as begin:
        yield begin


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
    call(running.worker.questions, "ask", SearchRequest("budget"))
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
        call(running.worker.questions, "ask", SearchRequest(query))
    qtbot.waitUntil(lambda: bool(running.answers))
    qtbot.wait(100)
    assert [answer.query for answer in running.answers] == ["budget"]


def test_a_search_before_the_model_is_ready_is_answered_twice(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(step_s=0.05)
    engine.warm_up_steps = 6
    running = start(engine, wait=False)
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]


def test_a_search_sends_for_a_model_that_has_died_unseen_and_is_answered_again(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine()
    running = start(engine)
    engine.is_model_ready = False
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]


class WordsOnlyEngine(FakeEngine):
    """Loads a model, and answers by words all the same."""

    def search(self, request: SearchRequest, **_how: bool) -> SearchAnswer:
        return SearchAnswer(request.query, SearchMode.TEXT, 0.01, (), NO_MODEL_NOTICE)


def test_a_search_sends_for_a_model_once_only(qtbot: QtBot, start: Starter) -> None:
    engine = WordsOnlyEngine()
    running = start(engine)
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: engine.calls.count("warm_up") == 2 and running.worker.is_at_rest)
    answers = len(running.answers)
    qtbot.wait(50)
    assert engine.calls.count("warm_up") == 2
    assert len(running.answers) == answers


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


def test_a_run_does_not_wait_for_the_model(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(batches=0, step_s=0.05)
    engine.warm_up_steps = 1000
    running = start(engine, wait=False)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert running.run_ends == [RunEnd.FINISHED]
    # The run has read nothing and so loaded no model: that is taken up again.
    qtbot.waitUntil(lambda: engine.calls.count("warm_up") == 2)


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
    call(running.worker.questions, "ask", SearchRequest("lease"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]  # type: ignore[attr-defined]
    assert engine.calls.count("warm_up") == 2
