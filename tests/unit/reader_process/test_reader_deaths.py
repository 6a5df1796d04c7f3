"""Files on which a reader hangs, dies or takes all memory: each costs only itself."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from made_documents import endless_pdf
from reader_stage import RULES, MakeHost, Watcher, failure, long_text, read, written

from vext_desktop.documents.memory_limit import end_when_over
from vext_desktop.documents.patience import Patience
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.errors import CancelledError, ChildDiedError, ChildHungError
from vext_desktop.outcomes import Outcome


def test_a_file_that_never_ends_costs_only_itself(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    path = written(tmp_path / "endless.pdf", endless_pdf())
    host = make_host(ReadLimits(10**8, 100, 10**6, 4_000_000_000), step_timeout_s=2.0)
    assert failure(host, path).outcome is Outcome.TIME_LIMIT
    assert isinstance(host.take_last_death(), ChildHungError)
    assert host.take_last_death() is None
    assert read(host, written(tmp_path / "b.txt")) == "a good file\n"
    assert (len(watcher.started), watcher.ended) == (2, 1)
    assert not psutil.pid_exists(watcher.started[0])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems grow slower")
def test_a_file_that_takes_all_memory_costs_only_itself(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    path = written(tmp_path / "endless.pdf", endless_pdf())
    host = make_host(ReadLimits(10**8, 100, 10**6, 200_000_000))
    found = failure(host, path)
    assert found.outcome is Outcome.MEMORY_LIMIT
    assert "200 MB" in found.reason
    assert read(host, written(tmp_path / "b.txt")) == "a good file\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there is memory refused")
def test_memory_that_the_kernel_refuses_is_a_memory_limit_too(
    tmp_path: Path, make_host: MakeHost
) -> None:
    # One step of Python's own code, during which the watch does not get its turn.
    path = written(tmp_path / "wide.html", "<p>" + "<b>x</b>" * 4_000_000)
    host = make_host(ReadLimits(10**8, 9, 10**8, 60_000_000))
    assert failure(host, path).outcome is Outcome.MEMORY_LIMIT


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
def test_a_parser_that_crashes_is_replaced(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    host = make_host()
    groups = host.read_chunks(long_text(tmp_path), RULES)
    next(groups)
    os.kill(watcher.started[0], signal.SIGSEGV)
    with pytest.raises(ReadFailure) as raised:
        for _ in groups:
            pass
    assert raised.value.outcome is Outcome.PARSER_CRASHED
    assert "SIGSEGV" in raised.value.reason
    assert isinstance(host.last_death, ChildDiedError)
    assert read(host, written(tmp_path / "b.txt")) == "a good file\n"
    assert (len(watcher.started), watcher.ended) == (2, 1)


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
@pytest.mark.usefixtures("expected_warnings")
def test_a_child_that_is_killed_between_two_files_is_not_the_fault_of_the_next_one(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    host = make_host()
    for number in (1, 2):
        assert read(host, written(tmp_path / "a.txt")) == "a good file\n"
        child = psutil.Process(watcher.started[-1])
        child.kill()
        child_is_gone(child)
        path = written(tmp_path / "b.txt")
        assert host.fingerprint(path).size_bytes == 12
        assert read(host, path) == "a good file\n"
        assert len(watcher.started) == number + 1
    assert host.take_last_death() is None


def child_is_gone(child: psutil.Process) -> None:
    """Wait until the system says so; our own parent has still to notice."""
    deadline = time.monotonic() + 5
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
def test_a_child_that_stands_still_is_replaced(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher
) -> None:
    host = make_host(step_timeout_s=1.0)
    groups = host.read_chunks(long_text(tmp_path), RULES)
    next(groups)
    os.kill(watcher.started[0], signal.SIGSTOP)
    with pytest.raises(ReadFailure) as raised:
        for _ in groups:
            pass
    assert raised.value.outcome is Outcome.TIME_LIMIT
    assert read(host, written(tmp_path / "b.txt")) == "a good file\n"


def test_closing_the_program_ends_the_wait(
    tmp_path: Path, make_host: MakeHost, watcher: Watcher, cancelled: threading.Event
) -> None:
    host = make_host(ReadLimits(10**8, 100, 10**6, 4_000_000_000))
    read(host, written(tmp_path / "a.txt"))
    threading.Timer(0.3, cancelled.set).start()
    begin = time.monotonic()
    with pytest.raises(CancelledError):
        read(host, written(tmp_path / "endless.pdf", endless_pdf()))
    assert time.monotonic() - begin < 5
    assert watcher.ended == 1


def test_the_memory_watch_ends_the_process_once_it_is_over_the_limit(
    expected_warnings: list[object],
) -> None:
    readings = iter([50, 100, 101])
    ended: list[bool] = []
    end_when_over(100, lambda: next(readings), lambda: ended.append(True))
    assert ended == [True]
    assert list(readings) == []


def test_a_file_that_is_slow_at_every_step_is_given_up_in_the_end(tmp_path: Path) -> None:
    patience = Patience(written(tmp_path / "slow.txt"), step_timeout_s=0.002)

    def read_slowly() -> None:
        for _ in range(100):
            with patience.spent():
                time.sleep(0.0015)

    with pytest.raises(ReadFailure) as raised:
        read_slowly()
    assert raised.value.outcome is Outcome.TIME_LIMIT
