"""Memory on the engine thread: unloaded when nobody uses it, tested and traced between steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_thread_stage import REQUEST, Running, call
from memory_worker_stage import SHORT_MINUTES, Starter, started_threads, unloads
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine

from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.memory.library_pages import LibraryPages
from vext_desktop.readings import CleanupAction
from vext_desktop.window import memory_worker


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    with started_threads(qtbot) as begin:
        yield begin


def test_a_model_that_nobody_uses_is_unloaded_once_and_says_so(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(running.receipts))
    qtbot.wait(200)
    (receipt,) = running.receipts
    assert receipt.action is CleanupAction.UNLOAD_MODEL
    assert receipt.sentence == "Model unloaded after 60 ms without use: 172 MB given back."
    assert unloads(running) == ["unload_model idle"]
    assert running.engine.calls.count("warm_up") == 1


def test_zero_minutes_mean_never(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(), 0)
    qtbot.wait(150)
    assert unloads(running) == []


def test_a_search_after_an_unload_is_answered_by_words_and_again_by_meaning(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))
    running.engine.settings.idle_unload_minutes = 0
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]
    assert running.said.count("warm") == 2


def test_a_search_by_words_alone_does_not_load_the_model_again(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))
    call(running.worker.questions, "ask", SearchRequest("budget", mode=SearchMode.TEXT))
    qtbot.waitUntil(lambda: bool(running.answers))
    qtbot.wait(50)
    assert running.engine.calls.count("warm_up") == 1


def test_each_search_begins_the_idle_time_anew(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(), 0.005)  # 300 ms
    for _ in range(4):
        qtbot.wait(120)
        call(running.worker.questions, "ask", SearchRequest("budget"))
    assert unloads(running) == []
    qtbot.waitUntil(lambda: bool(unloads(running)))


def test_nothing_is_unloaded_during_a_run_or_its_pause(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=12, step_s=0.02), SHORT_MINUTES, wait=False)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 3)
    call(running.worker, "pause")
    qtbot.wait(250)
    assert unloads(running) == []
    call(running.worker, "resume")
    qtbot.waitUntil(lambda: bool(running.ended))
    qtbot.waitUntil(lambda: bool(unloads(running)))
    assert running.batches == 12


def test_a_run_after_an_unload_loads_the_model_by_itself(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=3), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))
    running.engine.settings.idle_unload_minutes = 0
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert running.worker.model.is_loaded
    assert running.engine.calls.count("warm_up") == 1


def test_between_runs_the_model_is_unloaded_if_that_is_wanted(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=2), between_runs=True)
    call(running.worker, "index", REQUEST)
    call(running.worker, "index", IndexRequest((Path("/documents/Mail"),)))
    qtbot.waitUntil(lambda: bool(running.receipts))
    assert len(running.ended) == 2
    assert unloads(running) == ["unload_model run_end"]
    assert running.receipts[0].sentence == "Model unloaded after the run: 172 MB given back."


def test_a_reload_after_an_unload_is_done_at_once(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))
    running.engine.settings.idle_unload_minutes = 0
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: len(running.receipts) == 2)
    assert running.receipts[1].action is CleanupAction.RELOAD_MODEL


def test_a_memory_test_runs_in_steps_and_searches_are_answered_meanwhile(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(step_s=0.02))
    call(running.worker.memory, "start_test", 10)
    qtbot.waitUntil(lambda: len(running.test_events) >= 3)
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: bool(running.answers))
    assert running.reports == []
    qtbot.waitUntil(lambda: bool(running.reports))
    assert running.reports[0]["batches"] == 10
    assert running.batches == 0, "its steps must not look like those of a run"


def test_a_memory_test_is_refused_while_a_run_is_on(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=20, step_s=0.02))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 1)
    call(running.worker.memory, "start_test", 10)
    qtbot.waitUntil(lambda: bool(running.refusals))
    assert "A run is on" in running.refusals[0]
    assert "memory_test" not in running.engine.calls


def test_a_memory_test_is_stopped_after_the_batch_in_hand(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(step_s=0.02))
    call(running.worker.memory, "start_test", 1000)
    qtbot.waitUntil(lambda: len(running.test_events) >= 3)
    running.worker.memory.test_stopped.set()
    qtbot.waitUntil(lambda: bool(running.reports))
    assert running.reports[0]["batches"] < 1000


def test_a_run_asked_for_during_a_test_comes_after_it(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=2, step_s=0.01))
    call(running.worker.memory, "start_test", 5)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: bool(running.ended))
    assert len(running.reports) == 1
    calls = running.engine.calls
    assert calls.index("memory_test") < calls.index("index")


def test_closing_during_a_test_takes_less_than_a_second(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(step_s=0.01))
    call(running.worker.memory, "start_test", 100_000)
    qtbot.waitUntil(lambda: len(running.test_events) >= 2)
    with qtbot.waitSignal(running.thread.finished, timeout=1000):
        running.thread.begin_shut_down()
    assert running.engine.calls[-1] == "close"


def test_a_model_whose_start_a_search_has_seen_first_counts_as_loaded(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine()
    engine.tells_of_start = False
    running = start(engine, SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done each time when the pages of libraries were let go of; always due here."""
    done: list[str] = []

    class CountedPages(LibraryPages):
        def release_if_due(self) -> None:
            done.append("released")

    monkeypatch.setattr(memory_worker, "LibraryPages", CountedPages)
    monkeypatch.setattr(memory_worker, "_REST_MS", 100)
    return done


def test_an_empty_index_lets_go_of_what_only_its_start_needed(
    qtbot: QtBot, released: list[str]
) -> None:
    engine = FakeEngine()
    engine.has_indexed_files = False
    running = Running(engine)
    running.thread.start()
    try:
        qtbot.waitUntil(lambda: "status" in engine.calls)
        qtbot.waitUntil(lambda: len(released) >= 1)
        assert "warm_up" not in engine.calls
    finally:
        running.thread.begin_shut_down()
        assert running.thread.join()


def test_after_a_rest_what_the_last_use_needed_is_let_go_of_too(
    qtbot: QtBot, start: Starter, released: list[str]
) -> None:
    running = start(FakeEngine(), 0)
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: bool(running.answers))
    before = len(released)
    qtbot.waitUntil(lambda: len(released) == before + 1)
    qtbot.wait(250)
    assert len(released) == before + 1, "once, and not again while nobody does anything"
