"""Whole runs with a service that fails in every way: nothing lost, nothing doubled, no secret out.

The engine, its process, the store and the ledger are the real ones; only the service is ours.
"""

import math
import os
from pathlib import Path
from typing import Any

import psutil
from fake_services import KEY, FakeService, Reply, Request, always, error_body, in_turn, vectors_in
from run_stage import Rows, assert_same_rows, run, summary
from service_stage import halt, opened, read_rows, settings_for

from vext_desktop.events import (
    BatchFinished,
    ChunkSetAside,
    RunEnd,
    RunFinished,
    RunHalted,
    ServiceAwaited,
)
from vext_desktop.outcomes import Outcome


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
