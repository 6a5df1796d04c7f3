"""The question for a newer version: what is sent, what is understood, and how often it is asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vext_desktop.about.releases import ask_for_release, is_due, note_asked

DAY_S = 86_400.0


@contextmanager
def server(status: int, body: bytes) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that gives one answer to all; yields its address and the headers it was sent."""
    seen: list[dict[str, str]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}/pypi/vext-desktop/json", seen
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def named(version: object) -> bytes:
    return json.dumps({"info": {"version": version}, "releases": {}}).encode()


@pytest.mark.parametrize(
    ("present", "latest", "newer"),
    [
        ("0.1.0", "0.2.0", "0.2.0"),
        ("0.9", "0.10", "0.10"),
        ("1.0.0", "1.0", ""),
        ("0.2.0", "0.1.9", ""),
        ("0.1.0", "0.2.0rc1", ""),
        ("0.1.0", None, ""),
    ],
)
def test_a_version_is_newer_by_its_numbers(present: str, latest: object, newer: str) -> None:
    with server(200, named(latest)) as (url, _):
        answer = ask_for_release(present, url)
    assert answer.newer == newer
    assert present in answer.sentence


def test_nothing_is_sent_but_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "")
    with server(200, named("0.1.0")) as (url, seen):
        ask_for_release("0.1.0", url)
    (request,) = seen
    assert request.pop("path") == "/pypi/vext-desktop/json"
    assert request.pop("user-agent") == "vext-desktop"
    assert set(request) <= {"host", "accept", "accept-encoding", "connection"}


def test_a_program_that_was_never_published_is_told_as_it_is() -> None:
    with server(404, b"{}") as (url, _):
        answer = ask_for_release("0.1.0", url)
    assert "No release of Vext Desktop has been published" in answer.sentence


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (503, b"", "status 503"),
        (302, b"", "status 302"),
        (200, b"<html>sign in</html>", "not one that it gives"),
        (200, b'{"info": []}', "not one that it gives"),
        (200, b" " * 4_100_000, "did not come to its end"),
    ],
)
def test_what_is_no_answer_is_a_sentence_and_no_failure(status: int, body: bytes, why: str) -> None:
    with server(status, body) as (url, _):
        answer = ask_for_release("0.1.0", url)
    assert answer.sentence.startswith("Whether there is a newer version could not be learnt")
    assert why in answer.sentence
    assert not answer.newer


def test_nobody_there_is_a_sentence_too() -> None:
    with server(200, b"") as (url, _):
        pass
    assert "could not be learnt" in ask_for_release("0.1.0", url).sentence


def test_it_is_asked_once_a_day(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    assert is_due(record, 0.0)
    note_asked(record, 1000.0)
    assert not is_due(record, 1000.0 + DAY_S - 1)
    assert is_due(record, 1000.0 + DAY_S)
    assert is_due(record, 500.0)  # the clock was set back


def test_a_damaged_record_is_as_good_as_none(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    for text in ("", "[]", '{"asked_s": "soon"}'):
        record.write_text(text, encoding="utf-8")
        assert is_due(record)
