from collections.abc import Iterator

import pytest
from fake_readings import MB, batch, reading, receipt
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from vext_desktop.events import CleanupFinished, FileStarted, IndexEvent
from vext_desktop.memory.curves import LINES
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading
from vext_desktop.window.memory_plot import MemoryPlot
from vext_desktop.window.memory_plots import MemoryPlots
from vext_desktop.window.plot_axes import describe_tick
from vext_desktop.window.plot_colours import DARK, LIGHT, LINE_NAMES, LINE_STYLES, colours_for
from vext_desktop.window.plot_thresholds import Thresholds


@pytest.fixture
def history() -> MemoryHistory:
    history = MemoryHistory(0.0)
    for number in range(400):
        history.add(reading(number * 0.25, 480 + number % 7))
    return history


@pytest.fixture
def plots(qtbot: QtBot, history: MemoryHistory) -> Iterator[MemoryPlots]:
    plots = MemoryPlots(history)
    qtbot.addWidget(plots)
    plots.resize(1000, 320)
    plots.show()
    qtbot.waitExposed(plots)
    plots.redraw()
    yield plots
    plots.hide()


def mark(history: MemoryHistory, *events: IndexEvent, now_s: float = 60.0) -> None:
    writer = MarkWriter()
    for event in events:
        for made in writer.marks_for(event, now_s):
            history.add_mark(made)


def pixel(plot: MemoryPlot, time_s: float, height_mb: float) -> QPoint:
    return plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(time_s, height_mb)))


def items(plots: MemoryPlots) -> int:
    return sum(len(plot.view.scene().items()) for plot in plots.plots)


def test_every_process_and_the_sum_have_a_curve_of_their_own_dashes_and_name() -> None:
    assert set(LINE_STYLES) == set(LINE_NAMES) == set(LINES)
    assert len(set(LINE_STYLES.values())) == len(LINES)
    assert len(set(LINE_NAMES.values())) == len(LINES)


def test_the_curves_show_the_history(plots: MemoryPlots) -> None:
    curve = plots.plots[0]._curves["engine"]
    assert curve.yData.max() == 486
    assert plots.plots[2]._curves["total"].yData[0] == 300


def test_hundreds_of_redraws_make_and_remove_no_item(
    plots: MemoryPlots, history: MemoryHistory, qtbot: QtBot
) -> None:
    plots.redraw()
    before = items(plots)
    for number in range(300):
        history.add(reading(100 + number * 0.25))
        mark(history, batch(number, 100 + number * 0.25), CleanupFinished(receipt(100.0)))
        plots.set_thresholds(Thresholds(1200 * MB, (900 + number) * MB, 1100 * MB))
        plots.redraw()
    assert items(plots) == before


def test_the_newest_samples_are_followed(plots: MemoryPlots, history: MemoryHistory) -> None:
    for number in range(2000):
        history.add(reading(100 + number * 0.25))
    plots.redraw()
    start, end = plots.time_range
    assert start > 250
    assert 600 < end < 630


def test_all_plots_share_one_time_line(plots: MemoryPlots) -> None:
    plots.set_following(False)
    plots.plots[1].box.setXRange(10, 20)
    assert [plot.box.viewRange()[0] for plot in plots.plots] == [[10, 20]] * 3


def test_zooming_by_hand_ends_following_and_the_switch_brings_it_back(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    plot = plots.plots[1]
    plot.box.setXRange(10, 20)
    plot.box.sigRangeChangedManually.emit([True, True])
    assert not plots.is_following
    qtbot.waitUntil(lambda: plot._curves["total"].xData[-1] < 21)
    plots.set_following(True)
    assert plots.time_range[1] > 99


def test_clicking_a_mark_names_its_batch_and_file(
    plots: MemoryPlots, history: MemoryHistory, qtbot: QtBot
) -> None:
    mark(history, batch(7, 50.0, "/docs/Reports/report.pdf"), CleanupFinished(receipt(60.0)))
    plots.redraw()
    plot = plots.plots[0]
    row = history.row_at(60.0)
    assert row is not None
    height = float(plot._curves["total"].yData.max())
    with qtbot.waitSignal(plots.mark_chosen, timeout=2000) as chosen:
        qtbot.mouseClick(
            plot.view.viewport(), Qt.MouseButton.LeftButton, pos=pixel(plot, 60.0, height - 3)
        )
    assert chosen.args == [
        "At 1 min 0 s (batch 7, report.pdf in Reports): Free memory gave back 180 MB in 21 ms."
    ]
    assert plots._sentence.text() == chosen.args[0]
    assert [plot._overlay.cursor_s for plot in plots.plots] == [60.0] * 3


def test_clicking_a_point_names_values_batch_and_file(
    plots: MemoryPlots, history: MemoryHistory, qtbot: QtBot
) -> None:
    mark(history, batch(3, 40.1, "/docs/Reports/report.pdf"))
    plots.redraw()
    plot = plots.plots[2]
    with qtbot.waitSignal(plots.mark_chosen, timeout=2000) as chosen:
        qtbot.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=pixel(plot, 40.0, 20))
    assert chosen.args is not None
    assert "native buffers 30" in chosen.args[0]
    assert "batch 3, report.pdf in Reports." in chosen.args[0]


def test_a_hostile_file_name_is_shown_as_plain_text(
    plots: MemoryPlots, history: MemoryHistory
) -> None:
    mark(history, FileStarted("/docs/<b>x</b>\u202efdp.exe", 1))
    (made,) = history.marks(EventKind.FILE_START)
    plots.show_mark(made)
    assert plots._sentence.textFormat() is Qt.TextFormat.PlainText
    assert "\u202e" not in plots._sentence.text()


def test_a_mark_outside_the_view_is_brought_into_it(
    plots: MemoryPlots, history: MemoryHistory
) -> None:
    for number in range(4000):
        history.add(reading(100 + number * 0.25))
    mark(history, CleanupFinished(receipt(5.0)))
    plots.redraw()
    assert plots.time_range[0] > 5
    plots.show_mark(history.marks(EventKind.CLEANUP)[0])
    start, end = plots.time_range
    assert start <= 5 <= end
    assert not plots.is_following


def test_limits_have_labels_and_near_ones_share_one(plots: MemoryPlots) -> None:
    thresholds = Thresholds(1200 * MB, 900 * MB, 1200 * MB, 160 * MB, 290 * MB)
    plots.set_thresholds(thresholds)
    plots.redraw()
    shown = [[line.label for line in plot._overlay.shown] for plot in plots.plots]
    assert shown == [
        ["budget and warning 1.2 GB", "slows down 900 MB"],
        ["warning 160 MB"],
        ["engine: warning 290 MB"],
    ]
    apart = Thresholds(1200 * MB, 900 * MB, 1000 * MB)
    most = [len(apart.lines(plot.measure)) for plot in plots.plots]
    assert most == [3, 0, 0]


def test_the_budget_is_in_view_unless_it_would_squash_the_curves(plots: MemoryPlots) -> None:
    plots.set_thresholds(Thresholds(1200 * MB, 900 * MB, 1200 * MB))
    plots.redraw()
    assert plots.plots[0].box.viewRange()[1][1] > 1200
    plots.set_thresholds(Thresholds(20_000 * MB, 15_000 * MB, 20_000 * MB))
    plots.redraw()
    assert plots.plots[0].box.viewRange()[1][1] < 1000


def test_a_number_that_cannot_be_read_is_said_so_on_its_plot(qtbot: QtBot) -> None:
    history = MemoryHistory(0.0)
    for number in range(10):
        only_rss = MemoryReading(ProcessRole.WINDOW, 1, 100 * MB)
        history.add(ProgramReading(float(number), (only_rss,)))
    plots = MemoryPlots(history)
    qtbot.addWidget(plots)
    assert [plot._absent.isVisible() for plot in plots.plots] == [False, True, True]


def test_an_empty_history_can_be_drawn(qtbot: QtBot) -> None:
    plots = MemoryPlots(MemoryHistory(0.0))
    qtbot.addWidget(plots)
    plots.redraw()
    assert not any(plot._absent.isVisible() for plot in plots.plots)


def test_the_plots_follow_a_change_to_a_dark_palette(plots: MemoryPlots, qtbot: QtBot) -> None:
    light = QPalette(QColor("#ffffff"))
    light.setColor(QPalette.ColorRole.Base, QColor("#ffffff"))
    dark = QPalette(QColor("#202020"))
    dark.setColor(QPalette.ColorRole.Base, QColor("#1a1a1a"))
    for palette, colours in ((light, LIGHT), (dark, DARK)):
        plots.setPalette(palette)
        assert colours_for(plots.palette()) is colours
        for plot in plots.plots:
            assert plot.view.backgroundBrush().color().name() == colours.ground
            assert plot._curves["engine"].pen.color().name() == colours.lines["engine"]


def test_longer_views_are_redrawn_less_often(plots: MemoryPlots, history: MemoryHistory) -> None:
    plots._time.choose_span("Last minute")
    assert plots.redraw_interval_ms < 500
    for number in range(4000):
        history.add(reading(100 + number * 0.25))
    plots._time.choose_span("Everything")
    assert plots.redraw_interval_ms == 1000


def test_every_plot_has_a_name_and_points_to_the_table(plots: MemoryPlots) -> None:
    names = [plot.view.accessibleName() for plot in plots.plots]
    assert names == [
        "Plot of RSS over time",
        "Plot of Heap over time",
        "Plot of Native buffers over time",
    ]
    assert all("table" in plot.view.accessibleDescription() for plot in plots.plots)


@pytest.mark.parametrize(
    ("time_s", "spacing_s", "label"),
    [
        (30, 10, "30 s"),
        (90, 30, "1:30"),
        (120, 60, "2 min"),
        (3600, 600, "1 h"),
        (5400, 1800, "1:30 h"),
    ],
)
def test_ticks_are_labelled_in_seconds_minutes_and_hours(
    time_s: float, spacing_s: float, label: str
) -> None:
    assert describe_tick(time_s, spacing_s) == label
