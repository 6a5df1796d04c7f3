"""Allocations recorded on the engine thread: for some batches or seconds, and never for longer."""

from collections.abc import Iterator

import pytest
from engine_thread_stage import REQUEST, call
from memory_worker_stage import SHORT_MINUTES, Starter, started_threads, unloads
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine

from vext_desktop.errors import UsageError
from vext_desktop.events import BatchFinished
from vext_desktop.readings import ProcessRole
from vext_desktop.window.memory_worker import TraceRequest


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Starter]:
    with started_threads(qtbot) as begin:
        yield begin


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
    qtbot.waitUntil(lambda: bool(running.traces) and bool(running.ended))
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
    qtbot.waitUntil(lambda: bool(running.traces) and bool(running.reports))
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
    qtbot.waitUntil(lambda: len(unloads(running)) == 2)


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
