"""Children end when they should: with the program, with the parent, on request; without a trace."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from child_stage import (
    LIMIT_S,
    Closing,
    Start,
    count_fds,
    install_small_program,
    is_gone,
    small_children,
    wait_until,
)

from vext_desktop.errors import CancelledError
from vext_desktop.supervision.parent import ChildProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the small child is a Unix script")


@pytest.fixture
def small_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return install_small_program(tmp_path, monkeypatch)


@pytest.fixture
def start(small_program: Path, tmp_path: Path) -> Iterator[Start]:
    with small_children(tmp_path) as start_child:
        yield start_child


@pytest.mark.parametrize("begin", ["hang", "trickle"])
def test_closing_the_program_ends_the_wait_for_readiness(start: Start, begin: str) -> None:
    closing = Closing()
    child = start({"start": begin}, ready=False, cancelled=closing)
    pid = child.pid
    closing.begin()
    with pytest.raises(CancelledError):
        child.wait_ready(LIMIT_S, LIMIT_S)
    assert closing.was_heeded
    assert pid is not None
    assert is_gone(pid)


@pytest.mark.parametrize("size", [0, 8_000_000])
def test_closing_the_program_ends_the_wait_for_an_answer(start: Start, size: int) -> None:
    closing = Closing()
    child = start(cancelled=closing)
    pid = child.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    closing.begin()
    with pytest.raises(CancelledError):
        child.request({"do": "echo"}, bytes(size), timeout_s=LIMIT_S)
    assert closing.was_heeded
    assert is_gone(pid)


def test_memory_readings_come_also_while_the_child_is_busy(start: Start) -> None:
    child = start()
    assert child._channel is not None
    assert child.monitor is not None
    child._channel.send({"do": "work_natively", "holds_lock": False})
    time.sleep(0.1)  # it takes up its work
    drain(child)
    assert select.select([child.monitor], [], [], 2.0)[0]
    lines = child.monitor.recv(65536).splitlines()
    assert json.loads(lines[-1]) == {"pid": child.pid}


def drain(child: ChildProcess) -> None:
    assert child.monitor is not None
    with contextlib.suppress(BlockingIOError):
        while child.monitor.recv(65536):
            pass


@pytest.mark.parametrize("work", ["idle", "starting", "busy"])
def test_a_child_ends_soon_when_it_is_stopped(start: Start, work: str) -> None:
    child = start({"start": "hang"} if work == "starting" else None, ready=work != "starting")
    if work == "starting":
        assert not child.wait_ready(1.0, LIMIT_S)  # time enough to import and to begin its beat
    if work == "busy":
        assert child._channel is not None
        child._channel.send({"do": "work_natively", "holds_lock": False})
    pid = child.pid
    began = time.monotonic()
    child.stop()
    assert time.monotonic() - began < 1.5
    assert pid is not None
    assert is_gone(pid)


def test_a_child_that_does_not_heed_the_end_is_killed(start: Start) -> None:
    child = start()
    pid = child.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    child.stop(grace_s=0.2)
    assert is_gone(pid)


def test_stopping_twice_is_harmless(start: Start) -> None:
    child = start()
    child.stop()
    child.stop()
    child.kill()
    assert child.pid is None


def test_twenty_starts_and_stops_leave_no_file_and_no_zombie(start: Start) -> None:
    before = count_fds()
    child = start()
    for cycle in range(20):
        if cycle % 2:
            child.stop()
        else:
            child.kill()
        assert child.pid is None
        child.start()
    child.kill()
    assert count_fds() == before
    assert not [each for each in psutil.Process().children() if each.status() == "zombie"]


def test_ctrl_c_in_the_terminal_is_not_for_the_child(start: Start) -> None:
    child = start()
    assert child.pid
    assert os.getpgid(child.pid) != os.getpgid(0)


def test_an_interrupted_wait_leaves_no_answer_for_the_next_request(start: Start) -> None:
    child = start()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            child.request({"do": "work_natively", "holds_lock": False}, timeout_s=LIMIT_S)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert not child.is_running


PARENT = """
import sys, time
from pathlib import Path
from vext_desktop.supervision.parent import ChildProcess
sys.frozen, sys.executable = True, sys.argv[1]
work = sys.argv[3]
options = {"start": "hang"} if work == "starting" else {}
child = ChildProcess("engine", options, Path(sys.argv[2]))
child.start()
if work != "starting":
    assert child.wait_ready(30, 30)
if work.startswith("busy"):
    child._channel.send({"do": "work_natively", "holds_lock": work.endswith("locked")})
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("work", ["idle", "starting", "busy", "busy, locked"])
def test_no_orphan_is_left_when_the_parent_is_killed(
    small_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    if work == "busy, locked" and not sys.platform.startswith("linux"):
        pytest.skip("only Linux ends a child that holds the interpreter lock in native code")
    monkeypatch.undo()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(small_program), str(tmp_path / "child.log"), work],
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.3)  # the child takes up its work
        assert not is_gone(pid)
        parent.kill()
    assert wait_until(lambda: is_gone(pid), 2.0)


def test_a_child_without_its_kernel_bond_ends_with_the_parent_all_the_same(start: Start) -> None:
    """What macOS and Windows rely on: the sockets, not PR_SET_PDEATHSIG."""
    child = start()
    pid = child.pid
    assert pid is not None
    assert child._channel is not None
    assert child.monitor is not None
    child._channel.send({"do": "work_natively", "holds_lock": False})
    child.monitor.close()  # as the system closes it for a parent that is gone
    child._channel.close()
    assert wait_until(lambda: is_gone(pid), 2.0)
