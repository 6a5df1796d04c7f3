"""The program starts itself as its own child; a child works, refuses, or ends quietly."""

import gc
import socket
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from vext_desktop import __main__, children
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.errors import ChildReplyError
from vext_desktop.memory.allocation_trace import AllocationTrace
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.parent import ChildProcess

LIMIT_S = 60.0


def test_the_child_flag_leads_to_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def run(arguments: list[str]) -> int:
        seen.append(arguments)
        return 7

    monkeypatch.setattr(children, "run_child", run)
    assert __main__.main(["--child", "engine", "5", "6"]) == 7
    assert seen == [["engine", "5", "6"]]


def test_any_other_arguments_lead_to_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from vext_desktop.cli import main as cli_main

    seen: list[list[str] | None] = []

    def run(arguments: list[str] | None = None) -> int:
        seen.append(arguments)
        return 3

    monkeypatch.setattr(cli_main, "main", run)
    assert __main__.main(["status", "--child"]) == 3
    monkeypatch.setattr(sys, "argv", ["vext-desktop", "doctor"])
    assert __main__.main() == 3
    assert seen == [["status", "--child"], ["doctor"]]


def test_an_engine_without_a_model_refuses_with_a_reason(tmp_path: Path) -> None:
    options = EmbedderChoice("torch", str(tmp_path / "none"), "", "").to_json()
    child = ChildProcess("engine", options, tmp_path / "engine.log")
    child.start()
    try:
        with pytest.raises(ChildReplyError, match="There is no model folder") as caught:
            child.wait_ready(LIMIT_S, LIMIT_S)
    finally:
        child.kill()
    assert caught.value.kind == "ModelError"
    assert caught.value.hint
    assert "cannot work" in child.log_tail()


def test_the_reader_answers_about_its_memory(tmp_path: Path) -> None:
    child = ChildProcess("reader", {"memory_bytes": 1_500_000_000}, tmp_path / "reader.log")
    child.start()
    try:
        assert child.wait_ready(LIMIT_S, LIMIT_S)
        assert child.ready_header is not None
        assert child.ready_header["reading"]["role"] == "reader"
        assert child.ready_header["reading"]["pid"] == child.pid
        assert child.request({"do": "free_memory"}, timeout_s=LIMIT_S)[1] == b""
        exact = child.request({"do": "read_memory"}, timeout_s=LIMIT_S)[0]["reading"]
        assert exact["pid"] == child.pid
        assert exact["rss_bytes"] > 0
        assert child.log_tail() == ""
    finally:
        child.stop()


def test_a_child_records_its_allocations_on_request(tmp_path: Path) -> None:
    child = ChildProcess("reader", {"memory_bytes": 1_500_000_000}, tmp_path / "reader.log")
    child.start()
    try:
        assert child.wait_ready(LIMIT_S, LIMIT_S)
        with pytest.raises(ChildReplyError, match="no recording to end"):
            child.request({"do": "trace_stop"}, timeout_s=LIMIT_S)
        start = {"do": "trace_start", "frames": 1, "native": False}
        child.request(start, timeout_s=LIMIT_S)
        with pytest.raises(ChildReplyError, match="recorded already"):
            child.request(start, timeout_s=LIMIT_S)
        child.request({"do": "read_memory"}, timeout_s=LIMIT_S)
        answer, _ = child.request({"do": "trace_stop"}, timeout_s=LIMIT_S)
        trace = AllocationTrace.from_json(answer)
        assert trace.tool == "tracemalloc"
        assert trace.seconds > 0
        # Paths name code from its package on, and nobody's folders.
        assert not any(line.where.startswith("/") for line in trace.lines)
    finally:
        child.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="sockets have numbers on Unix only")
def test_a_child_whose_parent_is_gone_ends_quietly() -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    numbers = [theirs.fileno() for _, theirs in pairs]
    child = subprocess.Popen(
        [sys.executable, "-m", "vext_desktop", "--child", "reader", *map(str, numbers)],
        pass_fds=numbers,
        stderr=subprocess.PIPE,
    )
    for ours, theirs in pairs:
        ours.close()
        theirs.close()
    _, printed = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 0
    assert printed == b""


def test_a_busy_child_gives_back_what_it_holds_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trims: list[int] = []
    answered = 0
    monkeypatch.setattr(children, "trim", lambda: trims.append(answered))
    handle = children.trimming(lambda header, payload: (header, payload))
    for answered in range(children.REQUESTS_PER_TRIM * 2 + 5):
        assert handle({"number": answered}, b"x") == ({"number": answered}, b"x")
    assert trims == [children.REQUESTS_PER_TRIM - 1, 2 * children.REQUESTS_PER_TRIM - 1]


class Circle:
    """What only the collector can free."""

    itself: "Circle"


def test_a_busy_child_rids_itself_of_circles_that_parsers_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    circles: list[weakref.ref[Circle]] = []
    monkeypatch.setattr(children, "trim", lambda: None)

    def leave_a_circle(header: Header, payload: bytes) -> tuple[Header, bytes]:
        circle = Circle()
        circle.itself = circle
        circles.append(weakref.ref(circle))
        return header, payload

    gc.disable()
    try:
        handle = children.trimming(leave_a_circle)
        for _ in range(children.REQUESTS_PER_TRIM):
            handle({}, b"")
        assert [each() for each in circles[:-1]] == [None] * (len(circles) - 1)
    finally:
        gc.enable()
