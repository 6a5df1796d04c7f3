"""Runs that wait for a service end at once when they are stopped."""

import threading
import time
from pathlib import Path

from fake_services import FakeService, Reply, Request, always, in_turn, to_documents
from run_stage import Rows, assert_same_rows, run
from service_stage import opened, read_rows, settings_for, write_documents

from vext_desktop.events import BatchFinished, IndexEvent, RunEnd, RunFinished, ServiceAwaited
from vext_desktop.index.search import SearchAnswer, SearchMode, SearchRequest

STOP_LIMIT_S = 1.0


def test_stop_is_answered_at_once_while_a_service_says_nothing(
    openai: FakeService, documents: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    stopped, asked = threading.Event(), threading.Event()
    stopped_at = 0.0

    def stall(request: Request) -> Reply | None:
        if request.number < 4:
            return None
        asked.set()
        return Reply(stall_s=20)

    def stop_when_asked() -> None:
        nonlocal stopped_at
        asked.wait(20)
        stopped_at = time.monotonic()
        stopped.set()

    openai.script = stall
    settings = settings_for(openai, service_timeout_s=30.0)
    watcher = threading.Thread(target=stop_when_asked)
    watcher.start()
    with opened(settings, tmp_path) as engine:
        events = run(engine, documents, stopped=stopped)
        ended = time.monotonic()
        watcher.join()
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.end is RunEnd.STOPPED
        assert ended - stopped_at < STOP_LIMIT_S
        openai.script = in_turn()
        run(engine)
    assert_same_rows(read_rows(settings, tmp_path), undisturbed)


def test_a_search_while_a_run_is_stopped_is_answered_by_words(
    openai: FakeService, tmp_path: Path
) -> None:
    documents = write_documents(tmp_path / "documents")  # its own: a file is added
    stopped = threading.Event()
    answers: list[SearchAnswer] = []
    with opened(settings_for(openai), tmp_path) as engine:
        run(engine, documents)
        (documents / "late.txt").write_text("A harbour at night. " * 100, encoding="utf-8")

        def stop_and_search(event: IndexEvent) -> None:
            if isinstance(event, BatchFinished) and not stopped.is_set():
                openai.script = always(Reply(stall_s=20))
                stopped.set()
                answers.append(engine.search(SearchRequest("the harbour")))

        events = run(engine, documents, stopped=stopped, on_event=stop_and_search)
    (answer,) = answers
    assert answer.mode is SearchMode.TEXT
    assert answer.hits
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.end is RunEnd.STOPPED


def test_stop_is_answered_between_two_tries(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    stopped = threading.Event()
    openai.script = to_documents(Reply(429, {"Retry-After": "120"}))
    with opened(settings_for(openai), tmp_path) as engine:
        events = run(
            engine,
            documents,
            stopped=stopped,
            on_event=lambda event: stopped.set() if isinstance(event, ServiceAwaited) else None,
        )
    waits = [event for event in events if isinstance(event, ServiceAwaited)]
    assert len(waits) == 1
    assert waits[0].pause_s <= STOP_LIMIT_S
    assert waits[0].seconds_left >= 120
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.end is RunEnd.STOPPED


def test_a_memory_test_with_a_service_that_fails_can_be_stopped(
    openai: FakeService, tmp_path: Path
) -> None:
    stopped = threading.Event()
    openai.script = to_documents(Reply(429, {"Retry-After": "120"}))
    waits = 0
    with opened(settings_for(openai), tmp_path) as engine:
        for event in engine.memory_test(3, stopped):
            if isinstance(event, ServiceAwaited):
                waits += 1
                stopped.set()
    assert waits == 1
    assert isinstance(event, RunFinished)
    assert event.end is RunEnd.STOPPED
    assert event.summary["batches"] == 0
