"""What the monitor keeps of each process: what it held, and its last ten seconds."""

import time

from memory_fakes import MB, FakeProbe, Sleeper, engine_of

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.readings import MemoryReading, ProcessRole

ENGINE, READER, WINDOW = ProcessRole.ENGINE, ProcessRole.READER, ProcessRole.WINDOW


def held_of(monitor: MemoryMonitor, role: ProcessRole) -> int | None:
    found = monitor.read().of(role)
    assert found is not None
    return found.held_bytes


def test_what_a_process_held_is_repeated_until_it_is_ten_seconds_old(sleeper: Sleeper) -> None:
    now = [time.monotonic()]
    monitor = MemoryMonitor(FakeProbe(), clock=lambda: now[0])
    monitor.register(ENGINE, sleeper.pid, sleeper.ours)
    sleeper.say(400 * MB, held_bytes=30 * MB, at_s=now[0])
    assert held_of(monitor, ENGINE) == 30 * MB
    now[0] += 1
    sleeper.say(410 * MB, at_s=now[0])
    assert engine_of(monitor).rss_bytes == 410 * MB
    assert held_of(monitor, ENGINE) == 30 * MB
    now[0] += 9.1
    assert held_of(monitor, ENGINE) is None
    monitor.unregister(ENGINE)


def test_an_exact_reading_made_for_a_decision_replaces_what_was_held_before(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    said_at = time.monotonic()
    sleeper.say(400 * MB, held_bytes=30 * MB, at_s=said_at)
    assert held_of(monitor, ENGINE) == 30 * MB
    exact = MemoryReading(ENGINE, sleeper.pid, 370 * MB, held_bytes=0)
    own = MemoryReading(WINDOW, 1 << 30, 100 * MB, held_bytes=2 * MB)
    monitor.learn([exact, own])
    assert held_of(monitor, ENGINE) == 0
    assert held_of(monitor, WINDOW) == 2 * MB
    sleeper.say(400 * MB, held_bytes=30 * MB, at_s=said_at + 0.000001)
    assert held_of(monitor, ENGINE) == 0, "a line that waited in the socket is older"


def test_a_child_s_exact_reading_is_not_ours(monitor: MemoryMonitor) -> None:
    monitor.learn([MemoryReading(READER, 5, 50 * MB, held_bytes=9 * MB)])
    assert monitor.read().held_bytes is None


def test_the_last_ten_seconds_of_a_process_are_kept_after_its_end(
    monitor: MemoryMonitor, sleeper: Sleeper
) -> None:
    now = time.monotonic()
    for before_s, rss_mb in ((30, 300), (9, 400), (0.2, 500)):
        sleeper.say(rss_mb * MB, at_s=now - before_s)
    assert monitor.recent(ENGINE) == (), "nobody has looked yet"
    sleeper.process.kill()
    monitor.unregister(ENGINE)
    recent = monitor.recent(ENGINE)
    assert [reading.rss_bytes // MB for reading in recent] == [400, 500]
    assert [round(now - reading.at_s, 1) for reading in recent] == [9.0, 0.2]
    monitor.register(ENGINE, 1 << 30)
    monitor.unregister(ENGINE)
    assert monitor.recent(ENGINE) == recent, "until the next one has said something"


def test_what_is_kept_of_a_process_is_bounded(monitor: MemoryMonitor, sleeper: Sleeper) -> None:
    for _ in range(500):
        sleeper.say(400 * MB)
        monitor.read()
    assert len(monitor.recent(ENGINE)) <= 60
    assert len(monitor.recent(WINDOW)) <= 60
