"""Children are started and talked to; whatever they do, the parent goes on."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from child_stage import LIMIT_S, Start, count_fds, install_small_program, is_gone, small_children

from vext_desktop.errors import ChildDiedError, ChildError, ChildHungError, ChildReplyError
from vext_desktop.supervision.parent import ChildProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the small child is a Unix script")


@pytest.fixture
def small_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return install_small_program(tmp_path, monkeypatch)


@pytest.fixture
def start(small_program: Path, tmp_path: Path) -> Iterator[Start]:
    with small_children(tmp_path) as start_child:
        yield start_child


def test_start_returns_at_once_and_readiness_is_told_later(start: Start) -> None:
    began = time.monotonic()
    child = start({"start": "hang"}, ready=False)
    assert time.monotonic() - began < 1
    assert child.is_running
    assert child.ready_header is None
    assert child.wait_ready(0.2, LIMIT_S) is False


def test_a_ready_child_says_what_it_is_and_sends_its_memory(start: Start) -> None:
    child = start(environment={"CHILD_VARIABLE": "given"})
    assert child.ready_header == {
        "arguments": ["--child", "engine"],
        "variable": "given",
        "reading": {"pid": child.pid},
    }


def test_an_answer_carries_json_and_raw_bytes(start: Start) -> None:
    child = start()
    request = {"do": "echo", "text": "Grüße \ud800 €"}
    answer, content = child.request(request, bytes(range(256)), timeout_s=LIMIT_S)
    assert answer["echo"] == request
    assert content == bytes(range(256))


def test_large_frames_pass_both_ways(start: Start) -> None:
    child = start()
    payload = os.urandom(8_000_000)
    answer, content = child.request({"do": "echo", "n": 1}, payload, timeout_s=LIMIT_S)
    assert content == payload
    assert answer["echo"]["n"] == 1


def test_an_error_in_the_child_is_an_answer_and_the_child_lives_on(start: Start) -> None:
    child = start()
    with pytest.raises(ChildReplyError) as caught:
        child.request({"do": "fail"}, timeout_s=LIMIT_S)
    assert caught.value.kind == "ModelError"
    assert caught.value.message == "It did not work."
    assert caught.value.hint == "Try something else."
    assert child.request({"do": "echo"}, timeout_s=LIMIT_S)[0]["echo"] == {"do": "echo"}


def test_an_unknown_request_is_an_error_and_the_child_lives_on(start: Start) -> None:
    child = start()
    with pytest.raises(ChildReplyError):
        child.request({"do": "something else"}, timeout_s=LIMIT_S)
    assert child.is_running


def test_a_child_out_of_memory_is_not_trusted_any_more(start: Start) -> None:
    with pytest.raises(ChildDiedError) as caught:
        start().request({"do": "run_out_of_memory"}, timeout_s=LIMIT_S)
    assert "MemoryError" in caught.value.log_tail


def test_a_crash_is_told_with_its_signal_and_the_last_words(start: Start) -> None:
    child = start()
    with pytest.raises(ChildDiedError) as caught:
        child.request({"do": "crash"}, timeout_s=LIMIT_S)
    assert "SIGKILL" in caught.value.message
    assert caught.value.hint.startswith("Your files and what is indexed are as before.")
    assert "last words" in caught.value.log_tail
    assert not child.is_running
    assert child.pid is None


def test_an_exit_is_told_with_its_code(start: Start) -> None:
    with pytest.raises(ChildDiedError, match="exit code 7"):
        start().request({"do": "leave", "code": 7}, timeout_s=LIMIT_S)


def test_a_child_killed_between_two_requests_is_found_dead_by_the_next(start: Start) -> None:
    child = start()
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildDiedError, match="SIGKILL"):
        child.request({"do": "echo"}, timeout_s=LIMIT_S)


def test_a_crash_before_it_is_ready_is_told(start: Start) -> None:
    child = start({"start": "crash"}, ready=False)
    with pytest.raises(ChildDiedError, match="SIGKILL"):
        child.wait_ready(LIMIT_S, LIMIT_S)


def test_a_child_that_cannot_work_says_why(start: Start) -> None:
    child = start({"start": "refuse"}, ready=False)
    with pytest.raises(ChildReplyError, match="There is no model") as caught:
        child.wait_ready(LIMIT_S, LIMIT_S)
    assert caught.value.hint == "Install it."
    assert not child.is_running


def test_a_child_that_is_never_ready_counts_as_hung(start: Start) -> None:
    child = start({"start": "hang"}, ready=False)
    pid = child.pid
    assert not child.wait_ready(0.1, 0.3)
    with pytest.raises(ChildHungError):
        child.wait_ready(0.3, 0.3)
    assert pid is not None
    assert is_gone(pid)


def test_a_stopped_child_counts_as_hung_and_is_ended(start: Start) -> None:
    child = start()
    pid = child.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(ChildHungError):
        child.request({"do": "echo"}, timeout_s=0.3)
    assert time.monotonic() - began < 1.5
    assert is_gone(pid)


def test_a_stopped_child_does_not_block_a_large_request(start: Start) -> None:
    child = start()
    assert child.pid
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(ChildHungError):
        child.request({"do": "echo"}, bytes(8_000_000), timeout_s=0.3)


def test_a_child_that_sends_a_byte_now_and_then_still_counts_as_hung(start: Start) -> None:
    child = start()
    began = time.monotonic()
    with pytest.raises(ChildHungError):
        child.request({"do": "trickle"}, timeout_s=0.5)
    assert time.monotonic() - began < 2


def test_a_child_can_be_started_again_after_each_kind_of_end(start: Start) -> None:
    child = start()
    pids = {child.pid}
    with pytest.raises(ChildDiedError):
        child.request({"do": "crash"}, timeout_s=LIMIT_S)
    child.start()
    assert child.wait_ready(LIMIT_S, LIMIT_S)
    pids.add(child.pid)
    child.stop()
    child.start()
    assert child.wait_ready(LIMIT_S, LIMIT_S)
    pids.add(child.pid)
    assert len(pids) == 3
    assert child.request({"do": "echo"}, timeout_s=LIMIT_S)[0]["echo"]


def test_a_request_to_a_child_that_is_not_there_says_so(start: Start) -> None:
    child = start()
    child.stop()
    with pytest.raises(ChildDiedError, match="reason unknown"):
        child.request({"do": "echo"}, timeout_s=LIMIT_S)


def test_a_child_that_cannot_be_started_is_told_in_a_sentence(
    small_program: Path, tmp_path: Path
) -> None:
    small_program.unlink()
    child = ChildProcess("engine", {}, tmp_path / "child.log")
    before = count_fds()
    with pytest.raises(ChildError, match="could not be started"):
        child.start()
    assert count_fds() == before
    assert child.pid is None


@pytest.mark.parametrize("kind", ["noise", "no JSON", "no object", "deep", "too large"])
def test_what_is_no_frame_ends_the_child(
    start: Start, kind: str, expected_warnings: list[object]
) -> None:
    child = start({"start": kind}, ready=False)
    with pytest.raises(ChildDiedError):
        child.wait_ready(LIMIT_S, LIMIT_S)
    assert not child.is_running
    assert expected_warnings
