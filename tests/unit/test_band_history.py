import numpy as np
import pytest
from fake_readings import picture

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.curves import TOTAL
from vext_desktop.readings import Band, OwnerBands, ProcessRole, ProgramBands

STEP_S = 10.0


def history_of(count: int) -> BandHistory:
    history = BandHistory(100.0, recent_rows=20, old_rows=16)
    for number in range(count):
        history.add(picture(100.0 + number * STEP_S))
    return history


def test_bands_of_each_process_and_of_all_together_are_kept() -> None:
    curves = history_of(3).curves
    assert curves.times_s.tolist() == [0, 10, 20]
    assert curves.values_mb("engine", Band.NATIVE_IN_USE).tolist() == [200] * 3
    assert curves.values_mb("window", Band.NATIVE_IN_USE).tolist() == [40] * 3
    assert curves.values_mb(TOTAL, Band.NATIVE_IN_USE).tolist() == [240] * 3


def test_a_band_that_the_system_cannot_tell_is_absent_and_never_zero() -> None:
    curves = history_of(3).curves
    assert Band.ARROW_LANCE not in curves.bands(TOTAL)
    assert np.isnan(curves.values_mb(TOTAL, Band.ARROW_LANCE)).all()
    assert curves.bands("reader") == []


def test_bands_stand_on_each_other_and_reach_to_rss() -> None:
    bands, heights = history_of(2).curves.stack(TOTAL)
    assert bands == sorted(bands, key=list(Band).index, reverse=True)
    assert bands[0] is Band.UNEXPLAINED
    assert (np.diff(heights, axis=0) >= 0).all()
    assert heights[-1].tolist() == [picture(0).rss_bytes / 1e6] * 2


def test_a_band_below_zero_lowers_no_other() -> None:
    history = BandHistory(0.0)
    bands = {Band.PYTHON_OBJECTS: 100_000_000, Band.UNEXPLAINED: -5_000_000}
    history.add(ProgramBands(1.0, (OwnerBands(ProcessRole.WINDOW, 1, 95_000_000, bands),)))
    assert history.curves.stack(TOTAL)[1][:, 0].tolist() == [0, 100]
    assert history.curves.values_mb(TOTAL, Band.UNEXPLAINED).tolist() == [-5]


def test_memory_does_not_grow_however_many_pictures_come() -> None:
    few, many = history_of(3), history_of(1500)
    assert many.nbytes == few.nbytes
    assert len(many) <= 36
    assert BandHistory(0.0).nbytes < 500_000


@pytest.mark.parametrize("count", [19, 20, 21, 36, 37, 47, 500, 501, 1321])
def test_times_rise_and_nothing_between_the_first_and_the_last_is_lost(count: int) -> None:
    history = history_of(count)
    times = history.curves.times_s
    assert (np.diff(times) > 0).all()
    assert times[-1] == (count - 1) * STEP_S
    assert times[0] <= STEP_S * history.pictures_per_old_row
    assert np.diff(times).max() <= STEP_S * history.pictures_per_old_row


def test_folded_rows_keep_the_average() -> None:
    history = BandHistory(0.0, recent_rows=20, old_rows=16)
    for number in range(400):
        history.add(picture(number * STEP_S, engine_native_mb=100 if number % 2 else 300))
    values = history.curves.values_mb("engine", Band.NATIVE_IN_USE)
    assert history.pictures_per_old_row >= 16
    assert values[:8].tolist() == pytest.approx([200] * 8)


def test_a_process_that_ran_for_half_of_a_row_counts_for_half() -> None:
    history = BandHistory(0.0, recent_rows=20, old_rows=16)
    for number in range(400):
        history.add(picture(number * STEP_S, with_reader=number % 2 == 0))
    assert history.curves.values_mb("reader", Band.LIBRARIES)[:8] == pytest.approx(10)


def test_a_picture_that_is_not_later_than_the_last_is_left_out() -> None:
    history = history_of(3)
    history.add(picture(110.0))
    assert len(history) == 3
    assert history.latest is not None
    assert history.latest.at_s == 120.0


def test_only_what_is_in_view_and_its_neighbours_are_drawn_and_not_more_than_asked() -> None:
    history = BandHistory(0.0)
    for number in range(300):
        history.add(picture(number * STEP_S))
    assert history.curves_between(100, 121, 50).times_s.tolist() == [90, 100, 110, 120, 130]
    assert len(history.curves_between(0, 3000, 50)) <= 51


def test_nothing_is_drawn_across_a_time_in_which_nobody_looked() -> None:
    history = BandHistory(0.0)
    for at_s in (10.0, 20.0, 30.0, 900.0, 910.0):
        history.add(picture(at_s))
    assert history.curves.pieces() == [slice(0, 3), slice(3, 5)]
    assert BandHistory(0.0).curves.pieces() == []


def test_the_nearest_picture_is_found_but_none_in_a_gap() -> None:
    history = BandHistory(0.0)
    for at_s in (10.0, 20.0, 900.0):
        history.add(picture(at_s))
    assert history.nearest(16.0).times_s.tolist() == [20]
    assert history.nearest(905.0).times_s.tolist() == [900]
    assert len(history.nearest(400.0)) == 0
    assert len(BandHistory(0.0).nearest(1.0)) == 0
