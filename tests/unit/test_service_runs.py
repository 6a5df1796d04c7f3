"""Whole runs with a service that fails in every way: nothing lost, nothing doubled, no secret out.

The engine, its process, the store and the ledger are the real ones; only the service is ours.
"""

import math
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from fake_services import (
    KEY,
    FakeService,
    Reply,
    Request,
    always,
    error_body,
    in_turn,
    running,
    to_documents,
    vectors_in,
)
from service_stage import (
    FILES,
    Rows,
    halt,
    opened,
    read_rows,
    run,
    settings_for,
    summary,
    write_documents,
)

from vext_desktop.engine import Engine
from vext_desktop.events import (
    BatchFinished,
    ChunkSetAside,
    IndexEvent,
    RunEnd,
    RunFinished,
    RunHalted,
    SendingAsked,
    ServiceAwaited,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchAnswer, SearchMode, SearchRequest
from vext_desktop.outcomes import Outcome

STOP_LIMIT_S = 1.0


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_documents(tmp_path_factory.mktemp("services") / "documents")


@pytest.fixture(scope="module")
def undisturbed(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What a run makes of the documents when nothing fails."""
    data_dir = tmp_path_factory.mktemp("undisturbed")
    with running("openai") as service:
        settings = settings_for(service)
        with opened(settings, data_dir) as engine:
            events = run(engine, documents)
        assert summary(events)["files"] == {
            "indexed": FILES, "unchanged": 0, "removed": 0, "set_aside": 0,
        }  # fmt: skip
        return read_rows(settings, data_dir)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("COHERE_API_KEY", KEY)


@pytest.fixture(params=["openai", "cohere", "ollama"])
def service(request: pytest.FixtureRequest) -> Iterator[FakeService]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def openai() -> Iterator[FakeService]:
    with running("openai") as found:
        yield found


def assert_same_rows(found: Rows, expected: Rows) -> None:
    assert found.keys() == expected.keys()
    for key, vector in expected.items():
        np.testing.assert_allclose(found[key], vector, atol=1e-3)


def drop_one(answer: Any) -> Any:
    vectors_in(answer).pop()
    return answer


def test_a_run_survives_whatever_passes(
    service: FakeService, documents: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    passing = [
        Reply(429),
        Reply(429, {"Retry-After": "2"}),
        Reply(429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        Reply(500),
        Reply(503, body=b"<html>"),
        Reply(cuts=0),
        Reply(cuts=40),
        Reply(body=b"<html>Sign in</html>"),
        Reply(body=b"{}"),
        Reply(change=drop_one),
        Reply(stall_s=1),
    ]
    script: list[Reply | None] = [None, None]  # the dimension is learnt, the engine proves itself
    for place, reply in enumerate(passing):
        script += [reply, None] if place % 3 == 2 else [reply]
    service.script = in_turn(*script)
    settings = settings_for(service, service_timeout_s=0.3)
    seen: list[str] = []

    def look(event: object) -> None:
        if isinstance(event, BatchFinished) and not seen:
            children = psutil.Process(os.getpid()).children(recursive=True)
            seen.extend(f"{child.cmdline()} {child.environ()}" for child in children)

    # Ollama on this computer needs no leave.
    with opened(settings, tmp_path, agrees=service.provider != "ollama") as engine:
        events = run(engine, documents, on_event=look)
    assert not any(isinstance(event, RunHalted | ChunkSetAside) for event in events)
    assert len({event.message for event in events if isinstance(event, ServiceAwaited)}) >= 6
    assert_same_rows(read_rows(settings, tmp_path), undisturbed)
    assert summary(events)["engine_restarts"] == 0
    assert len(seen) >= 2  # the engine and the reader
    assert not [shown for shown in seen if KEY in shown]


def widened(answer: Any) -> Any:
    for entry in answer["data"]:
        entry["embedding"].append(0.5)
    return answer


def without_numbers(answer: Any) -> Any:
    for entry in answer["data"]:
        entry["embedding"][0] = math.nan
    return answer


STAYING = [
    (Reply(401, body=error_body("openai", f"Incorrect API key: {KEY}")), "accept the key"),
    (Reply(403), "no right to the model"),
    (Reply(404, body=error_body("openai", "The model does not exist")), "has no model"),
    (Reply(429, body=error_body("openai", "", "insufficient_quota")), "used up"),
    (Reply(429, {"Retry-After": "3600"}), "left alone for 60 minutes"),
    (Reply(302, {"Location": "http://127.0.0.2/"}), "another address"),
    (Reply(500, body=error_body("openai", f"Sorry, {KEY}")), "It was asked 2 times"),
    (Reply(cuts=0), "broke off"),
    (Reply(body=b"<html>"), "is no JSON"),
    (Reply(change=lambda answer: {**answer, "data": []}), "0 vectors for"),
    (Reply(change=widened), "7 numbers instead of 6"),
    (
        Reply(400, body=error_body("openai", "does not support dimensions")),
        "fares no better",
    ),
    (Reply(change=without_numbers), "fares no better"),
    (Reply(stall_s=1), "within 0.3 s"),
]


def test_a_failure_that_stays_halts_the_run_which_goes_on_later(
    openai: FakeService, documents: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    settings = settings_for(openai, service_tries=2, service_timeout_s=0.3, batch_retries=1)
    told = ""
    with opened(settings, tmp_path) as engine:
        openai.script = in_turn(*[None] * 3, *[Reply(500)] * 2)
        run(engine, documents)  # the first batch goes well, its file does not come to its end
        for reply, said in STAYING:
            openai.script = always(reply)
            events = run(engine)
            told += f"{events}"
            assert said in halt(events).message
            assert "is indexed is kept" in halt(events).message
            assert halt(events).hint
            last = events[-1]
            assert isinstance(last, RunFinished)
            assert last.end is RunEnd.HALTED
            assert not any(isinstance(event, ChunkSetAside) for event in events)
            states = {record.state for record in engine.files()}
            assert states <= {Outcome.INDEXED, Outcome.WAITING}
            assert Outcome.WAITING in states
        openai.script = in_turn()
        run(engine)
        assert {record.state for record in engine.files()} == {Outcome.INDEXED}
    assert_same_rows(read_rows(settings, tmp_path), undisturbed)
    assert_no_key_in(tmp_path, told)


def assert_no_key_in(data_dir: Path, said: str) -> None:
    parts = [KEY[start : start + 5] for start in range(len(KEY) - 4)]
    for file in data_dir.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [part for part in parts if part.encode() in content], file
    assert not [part for part in parts if part in said]


def test_only_passages_that_are_refused_or_get_no_numbers_are_set_aside(
    openai: FakeService, documents: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    def refuse(request: Request) -> Reply:
        if any("forest" in text and "file 2" in text for text in request.texts):
            return Reply(400, body=error_body("openai", "input is not allowed"))
        return Reply(change=lambda answer: spoil(answer, request.texts))

    def spoil(answer: Any, texts: list[str]) -> Any:
        for text, entry in zip(texts, answer["data"], strict=True):
            if "Paragraph 3 of file 1" in text:
                entry["embedding"][0] = math.nan
        return answer

    openai.script = refuse
    settings = settings_for(openai, batch_retries=1)
    with opened(settings, tmp_path) as engine:
        events = run(engine, documents)
        records = {Path(record.path).name: record for record in engine.files()}
    aside = [event for event in events if isinstance(event, ChunkSetAside)]
    assert {Path(event.path).name for event in aside} == {"file 1.txt", "file 2.txt"}
    reasons = " ".join(event.reason for event in aside)
    assert "input is not allowed" in reasons
    assert "no number" in reasons
    assert "could not be processed" in records["file 2.txt"].reason
    gone = {(Path(event.path).name, event.start, event.end) for event in aside}
    assert read_rows(settings, tmp_path).keys() == undisturbed.keys() - gone


# Stopping


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


# Leave


@pytest.mark.parametrize("provider", ["openai", "cohere"])
def test_nothing_is_sent_before_the_user_agrees(
    provider: str, documents: Path, tmp_path: Path
) -> None:
    with running(provider) as service:
        with opened(settings_for(service), tmp_path, agrees=False) as engine:
            events = run(engine, documents)
            answer = engine.search(SearchRequest("the harbour", mode=SearchMode.TEXT))
            assert answer.hits == ()
            assert engine.status().rows == 0
        assert service.requests == []
        host = service.describe().host
    (asked,) = [event for event in events if isinstance(event, SendingAsked)]
    assert asked.files == FILES
    assert 10 <= asked.passages <= 40
    assert str(documents) in asked.message
    assert host in asked.message
    assert "may pass it on" in asked.message
    assert asked.message in halt(events).message


def test_a_yes_is_for_the_service_that_was_asked_about(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        run(engine, documents)
        engine.sending.consents.take_back()
    local = settings_for(openai, provider="huggingface")
    with opened(local, tmp_path, agrees=False) as engine:  # the index of before is kept up to date
        events = list(engine.index(IndexRequest(rebuilds=False), threading.Event()))
        assert any(isinstance(event, SendingAsked) for event in events)
        engine.sending.agree()
        (given,) = engine.sending.consents.all()
        assert given.url == openai.url


def test_the_question_before_a_rebuild_is_about_all_that_is_sent_then(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        run(engine, documents)
    added = tmp_path / "added"
    added.mkdir()
    (added / "one.txt").write_text("A single file more.", encoding="utf-8")
    other = settings_for(openai, openai_model="large")
    with opened(other, tmp_path, agrees=False) as engine:
        asked = [event for event in run(engine, added) if isinstance(event, SendingAsked)]
        assert [event.files for event in asked] == [FILES + 1]
        engine.sending.agree()
        sent = summary(run(engine, added))["files"]["indexed"]  # type: ignore[index]
    assert sent == FILES + 1


def test_how_the_index_stands_is_told_without_asking_the_service(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    openai.script = always(Reply(503))
    with opened(settings_for(openai), tmp_path) as engine:
        assert engine.status().rows == 0
        assert engine.status().model == ""
    assert openai.requests == []


def test_another_limit_of_tokens_cuts_all_passages_anew(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        before = summary(run(engine, documents))["chunks"]
    with opened(settings_for(openai, service_max_tokens=100), tmp_path) as engine:
        assert engine.describe_rebuild(engine.settings) is not None
        after = summary(run(engine))["chunks"]
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after > before


def test_a_search_asks_the_service_and_is_answered_by_words_where_it_cannot(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    settings = settings_for(openai)
    with opened(settings, tmp_path) as engine:
        run(engine, documents)

        answer = engine.search(SearchRequest("the harbour"))
        assert answer.mode is SearchMode.HYBRID
        assert not answer.notice
        assert openai.texts[-1] == "the harbour"

        engine.unload_model()
        openai.script = always(Reply(503))
        assert_by_words(engine, openai, "has failed (503", requests=1)  # nobody waits for another

        openai.script = always(Reply(change=turned_round))
        assert_by_words(engine, openai, "another model under the name", requests=1)

    with opened(settings, tmp_path, agrees=False) as engine:  # what was agreed to is kept
        assert_by_words(engine, openai, "no longer where it was", requests=0)
        events = run(engine)
        assert summary(events)["files"]["indexed"] == FILES  # type: ignore[index]
        assert engine.search(SearchRequest("kitchen")).mode is SearchMode.HYBRID

        engine.sending.consents.take_back()  # counts at once, also for an engine that runs
        assert_by_words(engine, openai, "you have not agreed", requests=0)


def assert_by_words(engine: Engine, service: FakeService, why: str, requests: int) -> None:
    before = len(service.requests)
    answer = engine.search(SearchRequest("kitchen"))
    assert answer.mode is SearchMode.TEXT
    assert answer.hits
    assert why in answer.notice
    assert "found by their words alone" in answer.notice
    assert len(service.requests) == before + requests


def turned_round(answer: Any) -> Any:
    for entry in answer["data"]:
        entry["embedding"] = [-number for number in entry["embedding"]]
    return answer


# The key


def test_a_key_that_was_corrected_counts_for_the_next_run(
    openai: FakeService, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def want_key(request: Request) -> Reply | None:
        return None if request.headers["authorization"] == f"Bearer {KEY}" else Reply(401)

    openai.script = want_key
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-last-year")
    with opened(settings_for(openai, service_dimension=6), tmp_path) as engine:
        assert "does not accept the key" in halt(run(engine, documents)).message
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        assert summary(run(engine))["files"]["indexed"] == FILES  # type: ignore[index]


def test_a_key_that_is_none_is_not_sent(
    openai: FakeService, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "two words\nand a line")
    with opened(settings_for(openai, service_dimension=6), tmp_path) as engine:
        events = run(engine, documents)
    assert "cannot be a key" in halt(events).message
    assert "two words" not in f"{events}"
    assert openai.requests == []
