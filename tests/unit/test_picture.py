"""The full picture: new where it must be, old where that does, never in the way of a reading."""

import threading
from typing import TYPE_CHECKING

from memory_fakes import MB, FakeProbe

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.picture import PictureTaker
from vext_desktop.readings import (
    Band,
    MemoryReading,
    OwnerBands,
    ProcessRole,
    ProgramBands,
    ProgramReading,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINE, WINDOW = ProcessRole.ENGINE, ProcessRole.WINDOW


class FakeSource:
    """Bands that cost as much as a test says, and a count of how often they were asked for."""

    def __init__(self) -> None:
        self.taken = 0
        self.caches: dict[ProcessRole, int] = {}
        self.gone: set[ProcessRole] = set()
        self.on_take: Callable[[], object] = int

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands | None:
        self.taken += 1
        self.caches[reading.role] = cache_bytes
        self.on_take()
        if reading.role in self.gone:
            return None
        bands = {Band.UNEXPLAINED: reading.rss_bytes}
        return OwnerBands(reading.role, reading.pid, reading.rss_bytes, bands)


class Stage:
    """A picture taker with two processes, whose clocks a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.cost_s = 0.0
        self.source = FakeSource()
        self.source.on_take = self._spend
        self.taker = PictureTaker(self.read, self.source, lambda: self.now_s, lambda: self.spent_s)
        self.spent_s = 0.0

    def read(self) -> ProgramReading:
        processes = MemoryReading(WINDOW, 1, 100 * MB), MemoryReading(ENGINE, 2, 400 * MB)
        return ProgramReading(self.now_s, processes)

    def _spend(self) -> None:
        self.spent_s += self.cost_s / 2


def taken(picture: ProgramBands | None) -> ProgramBands:
    assert picture is not None
    return picture


def test_a_picture_shows_every_process_when_it_was_taken_and_what_it_cost() -> None:
    stage = Stage()
    stage.cost_s = 0.06
    picture = taken(stage.taker.take())
    assert [each.role for each in picture.processes] == [WINDOW, ENGINE]
    assert picture.rss_bytes == 500 * MB
    assert picture.at_s == 100.0
    assert round(picture.seconds, 6) == 0.06


def test_a_new_picture_is_taken_each_time_unless_an_old_one_does() -> None:
    stage = Stage()
    first = stage.taker.take()
    assert stage.taker.take() is not first
    stage.now_s += 4.0
    assert stage.taker.take(max_age_s=10.0) is not None
    assert stage.source.taken == 4
    stage.now_s += 7.0
    stage.taker.take(max_age_s=10.0)
    assert stage.source.taken == 6


def test_whoever_asks_again_and_again_gets_one_every_five_seconds() -> None:
    stage = Stage()
    for _ in range(20 * 4):
        stage.taker.take(max_age_s=0.1)
        stage.now_s += 0.25
    assert stage.source.taken == 2 * 4


def test_costly_pictures_are_taken_more_seldom() -> None:
    stage = Stage()
    stage.cost_s = 0.1
    for _ in range(200):
        stage.taker.take(max_age_s=0.1)
        stage.now_s += 1.0
    assert stage.source.taken == 2 * 4  # every 50 s


def test_the_one_who_asks_for_a_new_picture_gets_it_whatever_it_costs() -> None:
    stage = Stage()
    stage.cost_s = 1.0
    stage.taker.take()
    stage.taker.take()
    assert stage.source.taken == 4


def test_the_caches_of_the_database_are_told_to_the_process_that_holds_them() -> None:
    stage = Stage()
    stage.taker.set_bounded(lambda: {WINDOW: 16 * MB})
    stage.taker.take()
    assert stage.source.caches == {WINDOW: 16 * MB, ENGINE: 0}


def test_a_process_that_ends_meanwhile_is_left_out() -> None:
    stage = Stage()
    stage.source.gone = {ENGINE}
    assert [each.role for each in taken(stage.taker.take()).processes] == [WINDOW]


def test_where_no_process_can_be_told_there_is_no_picture() -> None:
    stage = Stage()
    stage.source.gone = {ENGINE, WINDOW}
    assert stage.taker.take() is None


def test_a_reading_does_not_wait_for_a_picture() -> None:
    source = FakeSource()
    monitor = MemoryMonitor(FakeProbe(), bands=source)
    is_taking, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        is_taking.set()
        assert may_go_on.wait(10)

    source.on_take = wait
    thread = threading.Thread(target=monitor.picture)
    thread.start()
    assert is_taking.wait(10)
    assert monitor.read().rss_bytes == 100 * MB, "this would never end if it waited"
    may_go_on.set()
    thread.join()


def test_two_who_ask_at_once_share_one_picture() -> None:
    source = FakeSource()
    monitor = MemoryMonitor(FakeProbe(), bands=source)
    threads = [threading.Thread(target=monitor.picture, args=(60.0,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.taken == 1
