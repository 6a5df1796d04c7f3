from collections.abc import Iterator

import pytest
from fake_readings import batch, reading, receipt
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from vext_desktop.events import CleanupFinished, FileStarted
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.window.memory_plots import MemoryPlots

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def plots(qtbot: QtBot) -> Iterator[MemoryPlots]:
    history, writer = MemoryHistory(0.0), MarkWriter()
    for number in range(400):
        history.add(reading(number * 0.25, 900 if number == 200 else 480))
    events = [
        FileStarted("/docs/Reports/report.pdf", 1),
        batch(7, 50.05, "/docs/Reports/report.pdf"),
        CleanupFinished(receipt(60.0)),
    ]
    for event, now_s in zip(events, (45.0, 50.05, 60.0), strict=True):
        for mark in writer.marks_for(event, now_s):
            history.add_mark(mark)
    plots = MemoryPlots(history)
    qtbot.addWidget(plots)
    plots.resize(1000, 320)
    plots.show()
    qtbot.waitExposed(plots)
    plots.redraw()
    yield plots
    plots.hide()


def press(plots: MemoryPlots, qtbot: QtBot, key: Qt.Key, *modifier: Qt.KeyboardModifier) -> str:
    qtbot.keyClick(plots.plots[0].view, key, *modifier)
    return plots._sentence.text()


def test_plots_take_the_focus_and_show_it(plots: MemoryPlots) -> None:
    for plot in plots.plots:
        assert plot.view.focusPolicy() is Qt.FocusPolicy.StrongFocus
        assert "focus" in plot.view.styleSheet()
        assert "Left and Right" in plot.view.accessibleDescription()


def test_left_and_right_go_from_mark_to_mark_and_name_batch_and_file(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    assert "Free memory gave back" in press(plots, qtbot, Qt.Key.Key_Left)
    assert "Batch 7" in press(plots, qtbot, Qt.Key.Key_Left)
    assert plots.plots[2]._overlay.cursor_s == pytest.approx(50.05)
    assert "Reading began: report.pdf in Reports" in press(plots, qtbot, Qt.Key.Key_Left)
    assert press(plots, qtbot, Qt.Key.Key_Left) == "There is no earlier mark."
    assert "Batch 7" in press(plots, qtbot, Qt.Key.Key_Right)


def test_control_goes_from_sample_to_sample_of_the_plot_with_the_focus(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    assert press(plots, qtbot, Qt.Key.Key_Left, CONTROL).startswith("At 1 min 39 s: RSS 600 MB")
    qtbot.keyClick(plots.plots[1].view, Qt.Key.Key_Left, CONTROL)
    assert plots._sentence.text().startswith("At 1 min 39 s: heap 60 MB")
    assert plots.plots[0]._overlay.cursor_s == 99.5


def test_home_and_end_go_to_the_first_and_the_last_mark(plots: MemoryPlots, qtbot: QtBot) -> None:
    assert "Reading began" in press(plots, qtbot, Qt.Key.Key_Home)
    assert "Free memory" in press(plots, qtbot, Qt.Key.Key_End)


def test_up_and_down_choose_the_kind_of_mark(plots: MemoryPlots, qtbot: QtBot) -> None:
    assert press(plots, qtbot, Qt.Key.Key_Down) == "Left and Right now go to: batches (1)."
    assert "Batch 7" in press(plots, qtbot, Qt.Key.Key_Left)
    assert press(plots, qtbot, Qt.Key.Key_Left) == "There is no earlier mark of the kind: batches."
    assert press(plots, qtbot, Qt.Key.Key_Up).endswith("every kind of mark (3).")


def test_plus_and_minus_zoom_around_the_cursor_and_end_following(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    press(plots, qtbot, Qt.Key.Key_Left)
    start, end = plots.time_range
    press(plots, qtbot, Qt.Key.Key_Plus)
    near_start, near_end = plots.time_range
    assert near_end - near_start == pytest.approx((end - start) / 2)
    assert near_start < 60 < near_end
    assert not plots.is_following
    press(plots, qtbot, Qt.Key.Key_Minus)
    assert plots.time_range == pytest.approx((start, end))


def test_shift_moves_the_view_and_f_brings_back_the_newest(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    press(plots, qtbot, Qt.Key.Key_Plus)
    start, end = plots.time_range
    press(plots, qtbot, Qt.Key.Key_Right, SHIFT)
    assert plots.time_range[0] == pytest.approx(start + (end - start) / 4)
    press(plots, qtbot, Qt.Key.Key_Left, SHIFT)
    assert plots.time_range == pytest.approx((start, end))
    assert press(plots, qtbot, Qt.Key.Key_F) == "The newest samples are followed."
    assert plots.time_range[1] > 99


def test_the_peak_in_view_is_found_with_its_batch_and_file(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    sentence = press(plots, qtbot, Qt.Key.Key_P)
    assert sentence == (
        "Peak in view. At 50 s: RSS 1020 MB (window 120 MB, engine 900 MB); "
        "during batch 7, report.pdf in Reports."
    )
    qtbot.mouseClick(plots._time._peak, Qt.MouseButton.LeftButton)
    assert plots._sentence.text() == sentence


def test_other_keys_are_left_to_others(plots: MemoryPlots, qtbot: QtBot) -> None:
    before = plots._sentence.text()
    assert press(plots, qtbot, Qt.Key.Key_Q) == before
    assert press(plots, qtbot, Qt.Key.Key_Tab) == before


def test_what_is_told_is_the_name_of_the_label_so_that_changes_are_announced(
    plots: MemoryPlots,
) -> None:
    assert plots._sentence.accessibleName() == ""
