from collections.abc import Iterator

import pytest
from fake_readings import picture, reading
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.memory_plots import MemoryPlots


def saved(seconds: int, engine_mb: float) -> MemoryPlots:
    history, bands = MemoryHistory(0.0), BandHistory(0.0)
    for number in range(seconds * 4):
        history.add(reading(number * 0.25, engine_mb))
    for at_s in range(10, seconds, 10):
        bands.add(picture(float(at_s), engine_native_mb=engine_mb))
    return MemoryPlots(history, bands, is_live=False)


@pytest.fixture
def pair(qtbot: QtBot) -> Iterator[tuple[MemoryPlots, MemoryPlots]]:
    short, long = saved(60, 300), saved(200, 900)
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    row.addWidget(short)
    row.addWidget(long)
    window.resize(1300, 400)
    window.show()
    qtbot.waitExposed(window)
    short.link_to(long)
    yield short, long
    window.hide()


def heights(plots: MemoryPlots) -> list[list[float]]:
    return [plot.box.viewRange()[1] for plot in plots.plots]


def test_a_saved_history_is_shown_whole_and_offers_nothing_to_follow(qtbot: QtBot) -> None:
    plots = saved(600, 300)
    qtbot.addWidget(plots)
    plots.redraw()
    start, end = plots.time_range
    assert start == 0
    assert end > 599
    assert plots._time._follow.isHidden()
    assert plots.owners is not None
    assert plots.owners._measure.isHidden()
    assert "Measured" not in plots.owners._explained.text()


def test_linked_histories_show_the_longer_time_and_the_larger_height(
    pair: tuple[MemoryPlots, MemoryPlots],
) -> None:
    short, long = pair
    assert short.time_range == long.time_range
    assert short.time_range[1] > 199
    assert heights(short) == heights(long)
    assert heights(short)[0][1] > 1020


def test_what_one_is_moved_to_the_other_shows_too_and_back(
    pair: tuple[MemoryPlots, MemoryPlots], qtbot: QtBot
) -> None:
    short, long = pair
    long._time.move_to(20.0, 40.0)
    assert short.time_range == (20.0, 40.0)
    short.plots[1].box.setXRange(30, 35, padding=0)
    assert long.time_range == (30.0, 35.0)
    long.plots[0].box.setYRange(100, 200, padding=0)
    assert heights(short)[0] == [100, 200]
    qtbot.wait(60)
    assert short.time_range == long.time_range == (30.0, 35.0)
    short._time.choose_span("Everything")
    assert short.time_range == long.time_range
    assert short.time_range[1] > 199
