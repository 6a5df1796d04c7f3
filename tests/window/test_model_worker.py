"""The model on the engine thread: traded in steps, and other settings at the right moment."""

from collections.abc import Iterator

import pytest
from engine_thread_stage import REQUEST, Running, Starter, call, started_threads
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine

from vext_desktop.errors import ModelError
from vext_desktop.events import IndexEvent
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.settings import Settings


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    with started_threads(qtbot) as begin:
        yield begin


def test_searching_by_words_goes_on_while_the_model_is_traded(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(step_s=0.02)
    engine.reload_steps = 40
    running = start(engine)
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: "reload_model" in engine.calls)
    call(running.worker.questions, "ask", SearchRequest("budget"))
    qtbot.waitUntil(lambda: bool(running.answers))
    assert running.answers[0].mode is SearchMode.TEXT
    assert not running.receipts, "the answer must not have waited for the model"
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert running.answers[1].mode is SearchMode.HYBRID
    assert len(running.receipts) == 1


def test_a_run_goes_on_after_the_model_was_traded_in_its_middle(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine(batches=6, step_s=0.02)
    engine.reload_steps = 4
    running = start(engine)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: "index" in engine.calls)
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: bool(running.ended))
    assert len(running.receipts) == 1
    assert engine.calls.count("warm_up") == 1


def test_the_program_can_be_closed_while_the_model_is_traded(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine(step_s=0.02)
    engine.reload_steps = 10_000
    running = start(engine)
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: "reload_model" in engine.calls)
    running.thread.begin_shut_down()
    assert running.thread.join(3.0)
    assert engine.calls[-1] == "close"


def test_a_model_that_does_not_come_back_is_told(
    qtbot: QtBot, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine()

    def fail(trigger: str = "you") -> Iterator[IndexEvent]:
        raise ModelError("The model cannot be loaded.", "Choose another one.")
        yield

    monkeypatch.setattr(engine, "reload_model", fail)
    running = start(engine)
    call(running.worker.memory, "reload_model")
    qtbot.waitUntil(lambda: bool(running.errors))
    assert running.errors[0].message == "The model cannot be loaded."
    assert not running.worker.model.is_loaded


def test_settings_that_come_while_nothing_runs_count_at_once(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine())
    other = Settings(batch_size=4)
    call(running.worker.model, "apply_settings", other)
    qtbot.waitUntil(lambda: running.engine.settings == other)
    assert "apply_settings False" in running.engine.calls
    assert running.engine.calls.count("warm_up") == 1


def test_settings_that_come_within_a_run_are_completed_at_its_end(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine(batches=5, step_s=0.02)
    running = start(engine)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: "index" in engine.calls)
    call(running.worker.model, "apply_settings", Settings(batch_size=4))
    qtbot.waitUntil(lambda: "apply_settings False" in engine.calls)
    assert engine.calls.index("apply_settings True") < engine.calls.index("apply_settings False")
    qtbot.waitUntil(lambda: bool(running.ended))


def test_the_model_is_loaded_again_when_settings_have_ended_it(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine()
    engine.ends_model_for_settings = True
    running = start(engine)
    call(running.worker.model, "apply_settings", Settings(engine="torch"))
    qtbot.waitUntil(lambda: engine.calls.count("warm_up") == 2)
    qtbot.waitUntil(lambda: running.said.count("warm") == 2)


def test_an_empty_index_loads_no_model_until_something_is_read(qtbot: QtBot) -> None:
    engine = FakeEngine()
    engine.has_indexed_files = False
    running = Running(engine)
    running.thread.start()
    try:
        qtbot.waitUntil(lambda: "status" in engine.calls)
        qtbot.wait(50)
        assert "warm_up" not in engine.calls
        call(running.worker.questions, "ask", SearchRequest("budget"))
        qtbot.waitUntil(lambda: "warm_up" in engine.calls)
    finally:
        running.thread.begin_shut_down()
        assert running.thread.join()


def test_a_run_that_finds_nothing_to_read_loads_no_model_that_was_unloaded(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine(batches=0)
    running = start(engine)
    engine.settings = engine.settings.model_copy(update={"unload_between_runs": True})
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: "unload_model run_end" in engine.calls)
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: len(running.ended) == 2)
    qtbot.wait(50)
    assert engine.calls.count("warm_up") == 1
