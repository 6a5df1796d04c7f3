"""A program that breaks off leaves what it had in hand, beside the trace of the fault."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Generator
from pathlib import Path

import pytest
from fakes import FakeMonitor

from vext_desktop.events import FileStarted, IndexEvent, RunStarted
from vext_desktop.memory.last_moments import LastMoments, take_last_moments, watched

FAULT = """
    import ctypes, sys
    from pathlib import Path
    from vext_desktop.events import FileStarted, RunStarted
    from vext_desktop.logs import faults_logged
    from vext_desktop.memory.last_moments import LastMoments
    from vext_desktop.memory.monitor import MemoryMonitor
    from vext_desktop.memory.probe import create_probe
    from vext_desktop.readings import ProcessRole

    folder = Path(sys.argv[1])
    monitor = MemoryMonitor(create_probe(ProcessRole.WINDOW))
    moments = LastMoments(folder / "last-moments.txt", monitor)
    with faults_logged(folder / "crash.log"):
        monitor.read()
        moments.note(RunStarted(7, ("/d",)))
        moments.note(FileStarted("/d/guilty.pdf", 10))
        ctypes.string_at(0)
"""


def run(count: int) -> Generator[IndexEvent, None, None]:
    yield RunStarted(3, ("/d",))
    for number in range(count):
        yield FileStarted(f"/d/{number}.txt", 1)


def test_a_run_keeps_its_last_moments_and_removes_them_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "last-moments.txt"
    events = watched(run(2), LastMoments(path, FakeMonitor(80)))
    next(events)
    next(events)
    text = path.read_text()
    assert "/d/0.txt" in text
    assert "Run 3, after batch 0." in text
    assert "Memory of the reader process:" in text
    assert "RSS 80 MB" in text
    assert len(list(events)) == 1
    assert take_last_moments(path) == ""


def test_a_run_that_is_let_go_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "last-moments.txt"
    events = watched(run(2), LastMoments(path, FakeMonitor()))
    next(events)
    events.close()
    assert not path.exists()


def test_a_full_disk_does_not_end_the_run(tmp_path: Path) -> None:
    moments = LastMoments(tmp_path / "no folder" / "file", FakeMonitor())
    assert len(list(watched(run(1), moments))) == 2


def test_what_a_run_leaves_that_goes_on_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "last-moments.txt"
    events = watched(run(2), LastMoments(path, FakeMonitor()))
    next(events)
    assert take_last_moments(path) == ""
    assert path.exists()
    events.close()


def test_a_process_with_the_number_of_one_that_was_ended_is_another(tmp_path: Path) -> None:
    path = tmp_path / "last-moments.txt"
    path.write_text(f"Written last at 2001-01-01 00:00:00 by process {os.getpid()}.\nRun 7.\n")
    os.utime(path, (1e9, 1e9))
    assert take_last_moments(path).endswith("Run 7.")


@pytest.mark.skipif(os.name == "nt", reason="the fault has another name there")
def test_a_real_fault_leaves_the_trace_the_file_in_hand_and_the_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(FAULT), str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -11
    trace = (tmp_path / "crash.log").read_text()
    assert "Segmentation fault" in trace
    assert "string_at" in trace
    moments = take_last_moments(tmp_path / "last-moments.txt")
    assert "/d/guilty.pdf" in moments
    assert "Memory of the window process:" in moments
    assert "RSS" in moments
