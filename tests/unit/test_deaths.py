"""What is told of a child process that ended: how, with which figures, over which files."""

import logging
from pathlib import Path

import pytest
from fakes import FakeMonitor

from vext_desktop.errors import ChildDiedError, ChildHungError, describe_exit
from vext_desktop.events import ChildDied
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.memory.budget import Available
from vext_desktop.memory.kernel_kills import KernelKills
from vext_desktop.readings import ProcessRole

MB = 1_000_000
ENGINE = ProcessRole.ENGINE
pytestmark = pytest.mark.usefixtures("expected_warnings")


def kills_in(folder: Path, count: int) -> KernelKills:
    (folder / "cgroup").write_text("4:memory:/app\n")
    group = folder / "fs/memory/app"
    group.mkdir(parents=True, exist_ok=True)
    write_kills(folder, count)
    return KernelKills(folder / "cgroup", folder / "fs", folder / "no vmstat")


def write_kills(folder: Path, count: int) -> None:
    file = folder / "fs/memory/app/memory.oom_control"
    file.write_text(f"oom_kill_disable 0\nunder_oom 0\noom_kill {count}\n")


def told(kills: KernelKills, exit_code: int) -> ChildDied:
    witness = DeathWitness(FakeMonitor(612), kills, lambda: Available(9000 * MB, 640 * MB))
    error = ChildDiedError("engine", exit_code, "last words\n")
    return witness.testify(ENGINE, error, 7, ("/d/a.txt", "/d/b.txt"))


def test_a_death_is_told_with_its_last_readings_and_words_in_the_event_and_in_the_log(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    death = told(kills_in(tmp_path, 0), -11)
    assert death.cause == "signal SIGSEGV: a fault in native code"
    assert death.last_rss_bytes == 612 * MB
    assert death.last_readings[-1].processes[0].role is ENGINE
    assert (death.batch, death.files, death.log_tail) == (
        7, ("/d/a.txt", "/d/b.txt"), "last words\n",
    )  # fmt: skip
    (record,) = expected_warnings
    said = record.getMessage()
    for word in ("SIGSEGV", "batch in hand: 7", "/d/b.txt", "RSS 612 MB", "last words"):
        assert word in said


def test_memory_is_blamed_only_when_the_kernel_has_counted_such_an_end(tmp_path: Path) -> None:
    kills = kills_in(tmp_path, 3)
    assert told(kills, -9).cause == "signal SIGKILL: ended from outside"
    write_kills(tmp_path, 4)
    cause = told(kills, -9).cause
    assert "probably ended by the system because memory ran out" in cause
    assert "it held 612 MB" in cause
    assert "this container has 640 MB left" in cause
    assert "ended from outside" in told(kills, -9).cause, "one count explains one end"


def test_another_signal_is_not_explained_by_memory(tmp_path: Path) -> None:
    kills = kills_in(tmp_path, 0)
    write_kills(tmp_path, 1)
    assert "memory" not in told(kills, -11).cause


def test_a_child_that_hung_is_told_with_how_long_it_was_waited_for(tmp_path: Path) -> None:
    witness = DeathWitness(FakeMonitor(), kills_in(tmp_path, 0))
    death = witness.testify(ENGINE, ChildHungError("engine", 120.0, "working"), 1, ())
    assert (death.cause, death.log_tail) == ("no answer for 120 s", "working")


def test_the_machine_s_count_stands_in_where_the_group_keeps_none(tmp_path: Path) -> None:
    vmstat = tmp_path / "vmstat"
    vmstat.write_text("pgfault 5\noom_kill 1\n")
    kills = KernelKills(tmp_path / "none", tmp_path / "fs", vmstat)
    assert not kills.look()
    vmstat.write_text("pgfault 6\noom_kill 2\n")
    assert kills.look()
    assert not kills.look()


def test_a_system_that_counts_nothing_blames_nothing(tmp_path: Path) -> None:
    assert not KernelKills(tmp_path / "none", tmp_path, tmp_path / "none").look()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "reason unknown"),
        (3, "exit code 3"),
        (0xC0000005, "exit code 0xc0000005: a fault in native code"),
        (-6, "signal SIGABRT: a library gave up"),
        (-1, "signal SIGHUP"),
        (-200, "signal 200"),
    ],
)
def test_every_exit_has_words(code: int | None, words: str) -> None:
    assert describe_exit(code) == words
