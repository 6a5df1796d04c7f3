import numpy as np
import pytest
from fake_readings import reading

from vext_desktop.memory.curves import TOTAL, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark, describe_moment
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.packed_marks import MarkTrack
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading


def history_of(count: int, peak_at: int = -1) -> MemoryHistory:
    history = MemoryHistory(1000.0, recent_rows=40, old_rows=32)
    for number in range(count):
        engine_mb = 900 if number == peak_at else 480
        history.add(reading(1000.0 + number * 0.25, engine_mb))
    return history


def batch_mark(number: int, at_s: float, seconds: float = 0.2) -> EventMark:
    return EventMark(EventKind.BATCH, at_s, f"Batch {number}.", number, "/a.txt", seconds)


def test_samples_are_kept_one_by_one_with_their_sum() -> None:
    history = history_of(10)
    curves = history.curves
    assert curves.times_s.tolist() == [number * 0.25 for number in range(10)]
    assert curves.values_mb(Measure.RSS, "engine").tolist() == [480] * 10
    assert curves.values_mb(Measure.RSS, TOTAL).tolist() == [600] * 10
    assert curves.values_mb(Measure.NATIVE, TOTAL).tolist() == [300] * 10


def test_what_a_system_cannot_tell_and_what_does_not_run_is_nan_and_never_zero() -> None:
    history = MemoryHistory(0.0)
    history.add(ProgramReading(1.0, (MemoryReading(ProcessRole.WINDOW, 7, 5_000_000),)))
    assert np.isnan(history.curves.values_mb(Measure.HEAP, "window")).all()
    assert np.isnan(history.curves.values_mb(Measure.NATIVE, TOTAL)).all()
    assert np.isnan(history.curves.values_mb(Measure.RSS, "engine")).all()
    assert history.curves.values_mb(Measure.RSS, TOTAL).tolist() == [5]


def test_memory_does_not_grow_however_many_samples_come() -> None:
    short, long = history_of(10), history_of(6000)
    assert long.nbytes == short.nbytes
    assert len(long) <= 72
    full_size = MemoryHistory(0.0)
    assert full_size.nbytes < 500_000


@pytest.mark.parametrize("count", [39, 72, 73, 93, 500, 501, 4321])
def test_times_always_rise_and_reach_from_the_first_sample_to_the_last(count: int) -> None:
    times = history_of(count).curves.times_s
    assert times[0] == 0
    assert times[-1] == (count - 1) * 0.25
    assert (np.diff(times) > 0).all()


@pytest.mark.parametrize("peak_at", [0, 1, 57, 333, 2998])
def test_a_peak_of_one_sample_is_never_lost(peak_at: int) -> None:
    curves = history_of(3000, peak_at).curves
    values = curves.values_mb(Measure.RSS, "engine")
    assert values.max() == 900
    # The row that holds it begins at most one row's width before it.
    row_at_s = curves.times_s[values.argmax()]
    assert 0 <= peak_at * 0.25 - row_at_s < 0.25 * history_of(3000).samples_per_old_row


def test_the_newest_samples_are_never_folded() -> None:
    times = history_of(5000).curves.times_s
    assert np.diff(times)[-20:].tolist() == [0.25] * 20


def test_old_rows_are_equally_far_apart() -> None:
    history = history_of(5000)
    steps = np.diff(history.curves.times_s)[: len(history) - 45]
    assert set(steps.tolist()) == {history.samples_per_old_row * 0.25}


def test_a_sample_that_is_not_later_than_the_last_is_left_out() -> None:
    history = history_of(3)
    history.add(reading(1000.0))
    assert len(history) == 3


def test_fewer_points_are_drawn_but_neither_peak_nor_dip_is_lost() -> None:
    history = MemoryHistory(0.0, recent_rows=4000)
    for number in range(4000):
        engine_mb = {1234: 900, 2345: 100}.get(number, 480)
        history.add(reading(number * 0.25, engine_mb))
    drawn = history.curves_between(0, 1000, 200)
    values = drawn.values_mb(Measure.RSS, "engine")
    assert len(values) <= 210
    assert values.max() == 900
    assert values.min() == 100
    assert (np.diff(drawn.times_s) > 0).all()


def test_only_what_is_in_view_and_its_neighbours_are_drawn() -> None:
    times = history_of(40).curves_between(2.0, 3.0, 200).times_s
    assert times.tolist() == [1.75, 2.0, 2.25, 2.5, 2.75, 3.0]


def test_the_nearest_row_is_found() -> None:
    history = history_of(10)
    assert [history.row_at(time_s) for time_s in (-5, 0.1, 0.2, 99)] == [0, 0, 1, 9]
    assert MemoryHistory(0.0).row_at(1) is None


def test_marks_are_bounded_and_the_newest_are_all_there() -> None:
    track = MarkTrack(EventKind.BATCH, recent=100, old=50)
    for number in range(1, 20_001):
        track.add(batch_mark(number, float(number)))
    numbers = [mark.batch for mark in track.marks()]
    assert len(numbers) <= 151
    assert numbers == sorted(numbers)
    assert numbers[0] == 1
    assert numbers[-100:] == list(range(19_901, 20_001))


def test_the_batch_in_hand_at_a_moment_is_named() -> None:
    history = MemoryHistory(100.0)
    first, second = batch_mark(1, 101.0), batch_mark(2, 103.0)
    for mark in (first, second):
        history.add_mark(mark)
    assert history.batch_at(0.5) == (None, False)
    assert history.batch_at(0.9) == (first, True)
    assert history.batch_at(2.0) == (first, False)
    assert history.batch_at(2.9) == (second, True)
    assert history.batch_at(9.0) == (second, False)


def test_the_choice_of_drawn_marks_stays_while_the_view_moves_on() -> None:
    history = MemoryHistory(0.0)
    for number in range(500):
        history.add_mark(batch_mark(number, number * 0.5))
    before = history.marks_between(100, 200, 20)
    after = history.marks_between(103, 203, 20)
    assert len(before) <= 21
    common = {mark.batch for mark in before if mark.at_s >= 108}
    assert common <= {mark.batch for mark in after}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (192, "3 min 12 s"), (7500, "2 h 5 min")],
)
def test_moments_read_like_speech(seconds: float, words: str) -> None:
    assert describe_moment(seconds) == words
