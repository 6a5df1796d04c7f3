"""Memory on the engine thread: unloaded when nobody uses it, tested and traced between steps."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import pytest
from pytestqt.qtbot import QtBot
from test_engine_thread import REQUEST, Running, call
from window_engine import FakeEngine

from vext_desktop.errors import UsageError
from vext_desktop.events import BatchFinished
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.readings import CleanupAction, ProcessRole
from vext_desktop.window.memory_worker import TraceRequest

# 60 ms: long for a fake, short for a test.
SHORT_MINUTES = 0.001


class Watched(Running):
    """What the memory worker says, beside the rest."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        memory = self.worker.memory
        self.test_events: list[object] = []
        self.reports: list[dict[str, object] | None] = []
        self.refusals: list[str] = []
        self.traces: list[object] = []
        self.trace_failures: list[UsageError] = []
        memory.test_event_raised.connect(self.test_events.append)
        memory.test_ended.connect(self.reports.append)
        memory.test_refused.connect(self.refusals.append)
        memory.trace_ended.connect(self.traces.append)
        memory.trace_failed.connect(self.trace_failures.append)


class Starter(Protocol):
    """Starts an engine thread; it is shut down and joined after the test."""

    def __call__(
        self,
        engine: FakeEngine,
        minutes: float = 0,
        *,
        between_runs: bool = False,
        wait: bool = True,
    ) -> Watched: ...


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    started: list[Watched] = []

    def begin(
        engine: FakeEngine, minutes: float = 0, *, between_runs: bool = False, wait: bool = True
    ) -> Watched:
        engine.settings = SimpleNamespace(
            idle_unload_minutes=minutes, unload_between_runs=between_runs, watch_folders=False
        )
        running = Watched(engine)
        started.append(running)
        running.thread.start()
        if wait:
            qtbot.waitUntil(lambda: "warm" in running.said)
        return running

    yield begin
    for running in started:
        running.thread.begin_shut_down()
        assert running.thread.join()


def unloads(running: Watched) -> list[str]:
    return [name for name in running.engine.calls if name.startswith("unload_model")]


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
    call(running.worker, "search", SearchRequest("budget"))
    qtbot.waitUntil(lambda: len(running.answers) == 2)
    assert [answer.mode for answer in running.answers] == [SearchMode.TEXT, SearchMode.HYBRID]
    assert running.said.count("warm") == 2


def test_a_search_by_words_alone_does_not_load_the_model_again(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))
    call(running.worker, "search", SearchRequest("budget", mode=SearchMode.TEXT))
    qtbot.waitUntil(lambda: bool(running.answers))
    qtbot.wait(50)
    assert running.engine.calls.count("warm_up") == 1


def test_each_search_begins_the_idle_time_anew(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(), 0.005)  # 300 ms
    for _ in range(4):
        qtbot.wait(120)
        call(running.worker, "search", SearchRequest("budget"))
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
    call(running.worker, "search", SearchRequest("budget"))
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
    qtbot.waitUntil(lambda: bool(running.reports), timeout=1000)
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


def test_a_recording_ends_after_its_batches_of_practice_text(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(step_s=0.01))
    request = TraceRequest(ProcessRole.ENGINE, frames=5, batches=3)
    call(running.worker.memory, "start_trace", request)
    qtbot.waitUntil(lambda: bool(running.traces) and bool(running.reports))
    calls = running.engine.calls
    assert "start_trace engine 5 False" in calls
    assert calls.index("memory_test") < calls.index("stop_trace engine")
    assert sum(isinstance(event, BatchFinished) for event in running.test_events) == 3


def test_a_recording_counts_the_batches_of_the_run_that_is_on(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=10, step_s=0.02))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 1)
    call(running.worker.memory, "start_trace", TraceRequest(ProcessRole.ENGINE, batches=2))
    qtbot.waitUntil(lambda: bool(running.traces))
    assert not running.ended
    assert "memory_test" not in running.engine.calls


def test_a_recording_that_outlives_its_run_ends_with_it(qtbot: QtBot, start: Starter) -> None:
    running = start(FakeEngine(batches=3, step_s=0.03))
    call(running.worker, "index", REQUEST)
    qtbot.waitUntil(lambda: running.batches >= 1)
    call(running.worker.memory, "start_trace", TraceRequest(ProcessRole.WINDOW, batches=500))
    qtbot.waitUntil(lambda: bool(running.traces))
    assert len(running.ended) == 1


def test_a_recording_by_time_ends_by_itself_and_holds_off_the_unload(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    request = TraceRequest(ProcessRole.ENGINE, seconds=0.3)
    call(running.worker.memory, "start_trace", request)
    qtbot.waitUntil(lambda: bool(running.traces))
    calls = running.engine.calls
    assert not unloads(running) or calls.index("stop_trace engine") < calls.index(
        "unload_model idle"
    )
    qtbot.waitUntil(lambda: bool(unloads(running)))


def test_a_recording_that_is_stopped_stops_its_practice_text_too(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(step_s=0.01))
    call(running.worker.memory, "start_trace", TraceRequest(ProcessRole.ENGINE, batches=10_000))
    qtbot.waitUntil(lambda: len(running.test_events) >= 3)
    call(running.worker.memory, "stop_trace")
    qtbot.waitUntil(lambda: bool(running.traces) and bool(running.reports), timeout=2000)
    assert running.reports[0]["batches"] < 10_000
    assert not running.worker.has_run


def test_a_recording_that_is_stopped_leaves_a_test_that_was_on_before_it(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(step_s=0.01))
    call(running.worker.memory, "start_test", 20)
    qtbot.waitUntil(lambda: len(running.test_events) >= 2)
    call(running.worker.memory, "start_trace", TraceRequest(ProcessRole.ENGINE, batches=500))
    call(running.worker.memory, "stop_trace")
    qtbot.waitUntil(lambda: bool(running.reports))
    assert running.reports[0]["batches"] == 20


def test_a_model_that_a_recording_has_loaded_is_unloaded_again_when_idle(
    qtbot: QtBot, start: Starter
) -> None:
    running = start(FakeEngine(), SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)))
    call(running.worker.memory, "start_trace", TraceRequest(ProcessRole.ENGINE, seconds=0.05))
    qtbot.waitUntil(lambda: bool(running.traces))
    qtbot.waitUntil(lambda: len(unloads(running)) == 2, timeout=2000)


def test_a_model_whose_start_a_search_has_seen_first_counts_as_loaded(
    qtbot: QtBot, start: Starter
) -> None:
    engine = FakeEngine()
    engine.tells_of_start = False
    running = start(engine, SHORT_MINUTES)
    qtbot.waitUntil(lambda: bool(unloads(running)), timeout=2000)


def test_a_recording_that_cannot_be_made_says_why(qtbot: QtBot, start: Starter) -> None:
    engine = FakeEngine()
    engine.trace_error = UsageError("The reader process is not running.", "Index something.")
    running = start(engine)
    call(running.worker.memory, "start_trace", TraceRequest(ProcessRole.READER, seconds=1))
    qtbot.waitUntil(lambda: bool(running.trace_failures))
    assert running.trace_failures[0].hint == "Index something."
    call(running.worker.memory, "stop_trace")
    qtbot.wait(30)
    assert running.traces == []
