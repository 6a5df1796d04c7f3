"""What takes long is done in steps, so that people can go on in between."""

from collections.abc import Callable, Iterator

import pytest
from fake_readings import reading
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtGui import QShowEvent
from pytestqt.qtbot import QtBot

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.curves_page import curves_page
from vext_desktop.window.in_turns import InTurns, Steps, at_once
from vext_desktop.window.memory_panel import MemoryPanel
from vext_desktop.window.memory_plots import PlotParts, plot_parts


@pytest.fixture
def owner() -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


def counted(steps: list[int]) -> Steps[str]:
    for number in range(5):
        steps.append(number)
        yield
    return "made"


def test_what_waits_in_the_event_loop_comes_between_two_steps(qtbot: QtBot, owner: QObject) -> None:
    steps: list[int] = []
    seen: list[int] = []
    turns = InTurns(counted(steps), owner)
    ticks = QTimer(owner)
    ticks.timeout.connect(lambda: seen.append(len(steps)))
    ticks.start(0)
    with qtbot.waitSignal(turns.done, timeout=2000) as done:
        turns.start()
        assert steps == []  # not before the event loop has its turn
    ticks.stop()
    assert done.args == ["made"]
    assert {1, 2, 3, 4} <= set(seen)


def test_what_is_stopped_tells_nothing_any_more(qtbot: QtBot, owner: QObject) -> None:
    steps: list[int] = []
    told: list[object] = []
    turns = InTurns(counted(steps), owner)
    turns.done.connect(told.append)
    between = QTimer(owner)
    between.timeout.connect(lambda: turns.stop() if len(steps) == 2 else None)
    between.start(0)
    turns.start()
    qtbot.waitUntil(lambda: len(steps) >= 2)
    qtbot.wait(20)
    between.stop()
    assert len(steps) == 2
    assert told == []


def test_a_step_that_fails_is_the_last_one_and_is_told_like_any_error(
    qtbot: QtBot, owner: QObject
) -> None:
    def failing() -> Steps[None]:
        yield
        raise ZeroDivisionError

    turns = InTurns(failing(), owner)
    with qtbot.captureExceptions() as errors:
        turns.start()
        qtbot.waitUntil(lambda: bool(errors), timeout=2000)
        qtbot.wait(20)
    assert [kind for kind, _, _ in errors] == [ZeroDivisionError]


def test_each_plot_is_made_in_two_steps_of_its_own(qtbot: QtBot) -> None:
    steps = plot_parts(MemoryHistory(0.0), BandHistory(0.0), is_live=True)
    count = 0
    while True:
        try:
            next(steps)
            count += 1
        except StopIteration as end:
            parts: PlotParts = end.value
            break
    assert parts.owners is not None
    assert count >= 2 * (len(parts.curves.plots) + 1)
    whole = at_once(plot_parts(MemoryHistory(0.0), None, is_live=True))
    assert whole.owners is None


def test_plots_are_shown_one_after_the_other(qtbot: QtBot) -> None:
    page = at_once(curves_page())
    qtbot.addWidget(page)
    before_each: list[list[bool]] = []
    for plot in page.plots:
        view, show = plot.view, plot.view.showEvent

        def note(event: QShowEvent, show: Callable[[QShowEvent], None] = show) -> None:
            before_each.append([each.view.isVisible() for each in page.plots])
            show(event)

        view.showEvent = note
    page.show()
    assert not any(plot.view.isVisible() for plot in page.plots)  # each in a turn of its own
    qtbot.waitUntil(lambda: all(plot.view.isVisible() for plot in page.plots), timeout=20_000)
    assert [sum(visible) for visible in before_each] == [1, 2, 3]
    heights = {plot.view.height() for plot in page.plots}
    page.hide()
    page.show()
    assert all(plot.view.isVisible() for plot in page.plots)
    assert {plot.view.height() for plot in page.plots} == heights


def test_the_panel_goes_on_while_its_plots_are_made(qtbot: QtBot) -> None:
    panel = MemoryPanel(lambda: 0.0)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.findChild(InTurns) is not None, timeout=20_000)
    assert panel.plots is None
    assert panel._waiting.isVisible()
    panel.add_sample(reading(1.0))
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: panel.plots is not None, timeout=20_000)
    assert panel.plots is not None
    assert panel.plots.plots[0]._curves["total"].yData.tolist() == [600]
    panel.hide()


def test_a_panel_that_goes_meanwhile_takes_its_half_made_plots_along(qtbot: QtBot) -> None:
    panel = MemoryPanel(lambda: 0.0)
    panel.show()
    qtbot.waitUntil(lambda: panel.findChild(InTurns) is not None, timeout=20_000)
    gone: list[bool] = []
    panel.destroyed.connect(lambda: gone.append(True))
    panel.deleteLater()
    qtbot.waitUntil(lambda: bool(gone))
    for _ in range(10):
        QCoreApplication.processEvents()
