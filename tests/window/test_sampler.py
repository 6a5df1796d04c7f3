import threading
import time
from itertools import pairwise

from fake_readings import picture, reading
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from vext_desktop.readings import ProgramBands, ProgramReading
from vext_desktop.window.sampler import PICTURE_EVERY_S, MemorySampler


class FakeMonitor:
    """Remembers the thread it was read in; can be slow, and can fail."""

    def __init__(self, seconds: float = 0.0, *, fails: bool = False) -> None:
        self.threads: set[int] = set()
        self.readings = 0
        self.read_at_s: list[float] = []
        self.ages_asked: list[float] = []
        self._kept: ProgramBands | None = None
        self._seconds = seconds
        self._fails = fails

    def read(self) -> ProgramReading:
        self.readings += 1
        self.read_at_s.append(time.monotonic())
        self.threads.add(threading.get_ident())
        time.sleep(self._seconds)
        if self._fails:
            raise OSError("the probe is broken")
        return reading(time.monotonic())

    def picture(self, max_age_s: float) -> ProgramBands | None:
        self.ages_asked.append(max_age_s)
        self.threads.add(threading.get_ident())
        if self._kept is None or time.monotonic() - self._kept.at_s > max_age_s:
            self._kept = picture(time.monotonic())
        return self._kept


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.samples: list[ProgramReading] = []
        self.pictures: list[ProgramBands | None] = []
        self.threads: set[QThread] = set()

    @Slot(object)
    def on_sample(self, sample: ProgramReading) -> None:
        self.samples.append(sample)
        self.threads.add(QThread.currentThread())

    @Slot(object)
    def on_picture(self, taken: ProgramBands | None) -> None:
        self.pictures.append(taken)
        self.threads.add(QThread.currentThread())


def test_readings_are_taken_off_the_main_thread_and_arrive_on_it(qtbot: QtBot) -> None:
    monitor, listener = FakeMonitor(), Listener()
    sampler = MemorySampler(monitor, interval_ms=10)
    sampler.sample_taken.connect(listener.on_sample)
    sampler.start()
    qtbot.waitUntil(lambda: len(listener.samples) >= 5)
    assert sampler.stop()
    assert len(monitor.threads) == 1
    assert threading.get_ident() not in monitor.threads
    assert listener.threads == {sampler.thread()}


def test_the_first_sample_comes_at_once(qtbot: QtBot) -> None:
    sampler = MemorySampler(FakeMonitor(), interval_ms=60_000)
    with qtbot.waitSignal(sampler.sample_taken, timeout=2000):
        sampler.start()
    assert sampler.stop()


def test_stopping_joins_the_thread_within_a_second(qtbot: QtBot) -> None:
    sampler = MemorySampler(FakeMonitor(seconds=0.1), interval_ms=10)
    sampler.start()
    qtbot.wait(50)
    began = time.monotonic()
    assert sampler.stop()
    assert time.monotonic() - began < 1
    assert not sampler.is_running


def test_it_can_be_started_again_and_stopped_twice(qtbot: QtBot) -> None:
    monitor = FakeMonitor()
    sampler = MemorySampler(monitor, interval_ms=10)
    for _ in range(2):
        with qtbot.waitSignal(sampler.sample_taken, timeout=2000):
            sampler.start()
            sampler.start()
        assert sampler.stop()
        assert sampler.stop()
    count = monitor.readings
    qtbot.wait(50)
    assert monitor.readings == count


def test_a_broken_probe_is_reported_once_and_not_four_times_a_second(qtbot: QtBot) -> None:
    monitor = FakeMonitor(fails=True)
    sampler = MemorySampler(monitor, interval_ms=10)
    with capture_exceptions() as exceptions:
        sampler.start()
        qtbot.waitUntil(lambda: monitor.readings > 0)
        qtbot.wait(100)
        assert sampler.stop()
    assert [str(found[1]) for found in exceptions] == ["the probe is broken"]
    assert monitor.readings == 1


def test_samples_come_about_every_interval(qtbot: QtBot) -> None:
    monitor = FakeMonitor()
    sampler = MemorySampler(monitor, interval_ms=50)
    began = time.monotonic()
    sampler.start()
    qtbot.waitUntil(lambda: monitor.readings >= 6)
    assert sampler.stop()
    # A busy machine may make a sample late, but nothing makes one early.
    for number, read_at in enumerate(monitor.read_at_s):
        assert read_at - began > 0.9 * 0.05 * number
    # Nor are all of them late, as they would be if they were asked for too seldom.
    assert min(later - earlier for earlier, later in pairwise(monitor.read_at_s)) < 0.08


def test_owners_are_asked_for_only_while_somebody_looks_and_a_kept_picture_comes_once(
    qtbot: QtBot,
) -> None:
    monitor, listener = FakeMonitor(), Listener()
    sampler = MemorySampler(monitor, interval_ms=10)
    sampler.sample_taken.connect(listener.on_sample)
    sampler.picture_taken.connect(listener.on_picture)
    sampler.start()
    qtbot.waitUntil(lambda: len(listener.samples) >= 3)
    assert monitor.ages_asked == []
    sampler.set_picturing(True)
    qtbot.waitUntil(lambda: len(monitor.ages_asked) >= 5)
    assert set(monitor.ages_asked) == {PICTURE_EVERY_S}
    assert len(listener.pictures) == 1
    sampler.set_picturing(False)
    qtbot.wait(50)
    asked = len(monitor.ages_asked)
    qtbot.wait(50)
    assert len(monitor.ages_asked) == asked
    assert sampler.stop()
    assert threading.get_ident() not in monitor.threads
    assert listener.threads == {sampler.thread()}


def test_looking_can_begin_before_the_thread_does(qtbot: QtBot) -> None:
    sampler = MemorySampler(FakeMonitor(), interval_ms=10)
    sampler.set_picturing(True)
    with qtbot.waitSignal(sampler.picture_taken, timeout=2000):
        sampler.start()
    assert sampler.stop()


def test_a_picture_on_demand_is_a_new_one(qtbot: QtBot) -> None:
    monitor, listener = FakeMonitor(), Listener()
    sampler = MemorySampler(monitor, interval_ms=60_000)
    sampler.picture_taken.connect(listener.on_picture)
    sampler.start()
    for _ in range(2):
        with qtbot.waitSignal(sampler.picture_taken, timeout=2000):
            sampler.request_picture()
    assert sampler.stop()
    assert monitor.ages_asked == [0.0, 0.0]
    first, second = listener.pictures
    assert first is not None
    assert second is not None
    assert first.at_s < second.at_s
