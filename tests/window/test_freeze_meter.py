import time

from pytestqt.qtbot import QtBot

from vext_desktop.window.freeze_meter import CLASSES, FreezeMeter


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def tick(meter: FreezeMeter, clock: FakeClock, late_s: float, times: int = 1) -> None:
    for _ in range(times):
        clock.now_s += 0.010 + late_s
        meter._on_tick()


def test_a_stall_of_the_event_loop_is_recorded(qtbot: QtBot) -> None:
    meter = FreezeMeter()
    meter.start()
    qtbot.wait(50)
    time.sleep(0.2)
    qtbot.wait(50)
    meter.stop()
    assert 0.17 < meter.longest_stall_s < 2
    assert meter.ticks > 3


def test_ticks_in_time_are_no_stall(qtbot: QtBot) -> None:
    clock = FakeClock()
    meter = FreezeMeter(clock)
    tick(meter, clock, 0.0, 100)
    assert meter.longest_stall_s < 1e-9
    assert meter.percentile_s(99) < 1e-9


def test_percentiles_are_true_to_a_tenth(qtbot: QtBot) -> None:
    clock = FakeClock()
    meter = FreezeMeter(clock)
    tick(meter, clock, 0.001, 980)
    tick(meter, clock, 0.020, 15)
    tick(meter, clock, 0.500, 5)
    assert 0.001 <= meter.percentile_s(50) <= 0.0011
    assert 0.020 <= meter.percentile_s(99) <= 0.022
    assert abs(meter.percentile_s(100) - 0.5) < 1e-9
    assert abs(meter.longest_stall_s - 0.5) < 1e-9


def test_before_the_first_tick_nothing_is_late(qtbot: QtBot) -> None:
    meter = FreezeMeter()
    assert (meter.longest_stall_s, meter.percentile_s(99), meter.ticks) == (0, 0, 0)


def test_reset_forgets_and_counts_from_now(qtbot: QtBot) -> None:
    clock = FakeClock()
    meter = FreezeMeter(clock)
    tick(meter, clock, 3.0)
    clock.now_s += 60
    meter.reset()
    tick(meter, clock, 0.002)
    assert abs(meter.longest_stall_s - 0.002) < 1e-9
    assert meter.ticks == 1


def test_time_between_stop_and_start_is_no_stall(qtbot: QtBot) -> None:
    clock = FakeClock()
    meter = FreezeMeter(clock)
    meter.start()
    meter.stop()
    clock.now_s += 3600
    meter.start()
    tick(meter, clock, 0.001)
    meter.stop()
    assert meter.longest_stall_s < 0.01


def test_a_stall_of_hours_needs_no_more_memory(qtbot: QtBot) -> None:
    clock = FakeClock()
    meter = FreezeMeter(clock)
    for late_s in (0.0, 1e-5, 0.01, 1.0, 59.0, 7200.0):
        tick(meter, clock, late_s)
    assert len(meter._counts) == CLASSES < 200
    assert meter.ticks == 6
