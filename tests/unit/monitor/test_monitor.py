"""The monitor: one picture of all our processes, whatever the children say or fail to say."""

import json
import logging
import threading
import time
from typing import Any

import psutil
import pytest
from memory_fakes import MB, FakeProbe, Sleeper, engine_of

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe, reading_to_json
from vext_desktop.readings import MemoryReading, ProcessRole

ENGINE, READER, WINDOW = ProcessRole.ENGINE, ProcessRole.READER, ProcessRole.WINDOW


def real_rss(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)


def test_the_latest_of_several_lines_counts(monitor: MemoryMonitor, sleeper: Sleeper) -> None:
    sleeper.say(400 * MB)
    sleeper.say(500 * MB)
    assert engine_of(monitor) == MemoryReading(ENGINE, sleeper.pid, 500 * MB, 7 * MB, 9 * MB)
    assert monitor.read().rss_bytes == 600 * MB


def test_a_line_that_arrives_in_two_pieces_is_read_when_it_is_whole(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    sleeper.say(400 * MB)
    line = json.dumps(reading_to_json(MemoryReading(ENGINE, sleeper.pid, 500 * MB))) + "\n"
    sleeper.theirs.send(line[:30].encode())
    assert engine_of(monitor).rss_bytes == 400 * MB
    sleeper.theirs.send(line[30:].encode())
    assert engine_of(monitor).rss_bytes == 500 * MB


def test_a_posted_reading_is_not_replaced_by_an_older_line(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    now = time.monotonic()
    sleeper.say(400 * MB, at_s=now - 0.3)
    monitor.post(ENGINE, reading_to_json(MemoryReading(ENGINE, sleeper.pid, 450 * MB)))
    assert engine_of(monitor).rss_bytes == 450 * MB


def test_a_silent_child_is_looked_at_from_outside(monitor: MemoryMonitor, sleeper: Sleeper) -> None:
    sleeper.say(400 * MB, at_s=time.monotonic() - 1)
    found = engine_of(monitor)
    assert found.rss_bytes == pytest.approx(real_rss(sleeper.pid), abs=MB)
    assert found.native_bytes == 9 * MB, "what it said of its inside is still recent"


def test_what_a_child_said_long_ago_of_its_inside_is_no_longer_repeated(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    sleeper.say(400 * MB, at_s=time.monotonic() - 60)
    found = engine_of(monitor)
    assert found.rss_bytes == pytest.approx(real_rss(sleeper.pid), abs=MB)
    assert found.native_bytes is None


def test_a_child_that_has_said_nothing_yet_is_counted(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    found = engine_of(monitor)
    assert found.rss_bytes == pytest.approx(real_rss(sleeper.pid), abs=MB)
    assert found.heap_bytes is None


def test_a_child_that_has_died_is_left_out_at_once_but_remembered(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    sleeper.say(400 * MB)
    engine_of(monitor)
    sleeper.process.kill()
    sleeper.theirs.close()  # as the system does with the sockets of the dead
    psutil.Process(sleeper.pid).wait(5)
    assert monitor.read().of(ENGINE) is None
    last = monitor.last(ENGINE)
    assert last is not None
    assert last.rss_bytes == 400 * MB


def test_a_child_that_nobody_has_waited_for_yet_holds_nothing(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    sleeper.process.kill()
    sleeper.theirs.close()
    process = psutil.Process(sleeper.pid)
    deadline = time.monotonic() + 5
    while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert monitor.read().of(ENGINE) is None


def test_the_caller_may_close_his_socket_at_any_time(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    sleeper.ours.close()
    sleeper.say(400 * MB)
    assert engine_of(monitor).rss_bytes == 400 * MB


@pytest.mark.parametrize(
    "nonsense",
    [b"\xff\xfe\x00\n", b"[1, 2]\n", b'{"rss_bytes": "much"}\n', b"{" * 100_000 + b"\n"],
)
def test_nonsense_from_a_child_is_logged_and_left_out(
    nonsense: bytes,
    monitor: MemoryMonitor,
    sleeper: Sleeper,
    expected_warnings: list[logging.LogRecord],
) -> None:
    sleeper.say(400 * MB)
    engine_of(monitor)
    sleeper.theirs.setblocking(True)
    sleeper.theirs.sendall(nonsense)
    assert engine_of(monitor).rss_bytes == 400 * MB
    assert "the engine process sent" in expected_warnings[0].getMessage()


@pytest.mark.parametrize(
    "said_at",
    [1e18, -5, True, "now", pytest.param(10**400, id="huge"), float("nan")],
)
def test_a_time_that_cannot_be_is_taken_as_now(
    said_at: object, monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    values = reading_to_json(MemoryReading(ENGINE, sleeper.pid, 400 * MB, 7 * MB))
    monitor.post(ENGINE, {**values, "at_s": said_at})
    sleeper.say(410 * MB)
    assert engine_of(monitor).rss_bytes == 410 * MB


def test_a_child_cannot_pass_for_another(monitor: MemoryMonitor, sleeper: Sleeper) -> None:
    sleeper.say(400 * MB, role="window", pid=1)
    found = monitor.read()
    assert [(reading.role, reading.pid) for reading in found.processes] == [
        (WINDOW, 1 << 30),
        (ENGINE, sleeper.pid),
    ]


def test_a_new_child_in_the_same_part_replaces_the_old(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    sleeper.say(400 * MB)
    engine_of(monitor)
    second = Sleeper()
    try:
        monitor.register(ENGINE, second.pid, second.ours)
        assert engine_of(monitor).pid == second.pid
    finally:
        monitor.unregister(ENGINE)
        second.close()
    assert monitor.read().of(ENGINE) is None


def test_a_child_that_was_gone_before_it_was_known_is_left_out() -> None:
    gone = Sleeper()
    gone.close()
    monitor = MemoryMonitor(FakeProbe())
    monitor.register(READER, gone.pid, None)
    assert monitor.read().of(READER) is None
    monitor.post(ENGINE, {"rss_bytes": 1})  # never registered: nobody to speak of


def test_two_threads_may_read_while_a_third_registers_and_ends_children(
    sleeper: Sleeper,
) -> None:
    monitor = MemoryMonitor(create_probe(WINDOW))
    failures: list[Exception] = []
    finished = threading.Event()

    def keep_reading() -> None:
        try:
            while not finished.is_set():
                monitor.read()
                monitor.peaks()
        except Exception as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    readers = [threading.Thread(target=keep_reading) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(50):
        monitor.register(ENGINE, sleeper.pid, sleeper.ours)
        sleeper.say(100 * MB)
        monitor.post(ENGINE, reading_to_json(MemoryReading(ENGINE, sleeper.pid, MB)))
        monitor.unregister(ENGINE)
    finished.set()
    for reader in readers:
        reader.join()
    assert failures == []


class Flood:
    """A socket on which more arrives than anybody could read."""

    def __init__(self) -> None:
        self.received = 0

    def dup(self) -> "Flood":
        return self

    def setblocking(self, flag: bool) -> None: ...

    def close(self) -> None: ...

    def recv(self, size: int) -> bytes:
        self.received += size
        assert self.received < 100 * MB, "the reading never ends"
        return b"x" * size


def test_a_flood_from_a_child_does_not_hold_up_the_reading(sleeper: Sleeper) -> None:
    monitor = MemoryMonitor(FakeProbe())
    flood: Any = Flood()
    monitor.register(READER, sleeper.pid, flood)
    found = monitor.read().of(READER)
    assert found is not None
    assert 0 < flood.received < 10 * MB
    monitor.unregister(READER)
