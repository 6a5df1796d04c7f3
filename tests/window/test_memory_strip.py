import pytest
from fake_readings import MB, process, reading, receipt
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from vext_desktop.events import MemoryJudged
from vext_desktop.readings import Band, ProcessRole, ProgramReading
from vext_desktop.window.memory_strip import MemoryStrip

BUDGET = 1200 * MB


@pytest.fixture
def strip(qtbot: QtBot) -> MemoryStrip:
    strip = MemoryStrip()
    qtbot.addWidget(strip)
    return strip


def test_memory_is_told_in_plain_words(strip: MemoryStrip) -> None:
    assert strip.words == "Memory is being measured."
    strip.show_reading(reading(1.0, 520), BUDGET)
    assert strip.words == "Memory 640 MB of 1.2 GB"
    strip.show_verdict(MemoryJudged("steady", "Memory in use is steady."))
    assert strip.words == "Memory 640 MB of 1.2 GB, steady"
    assert strip._bar.accessibleDescription() == strip.words
    assert strip._bar.value() == pytest.approx(533, abs=1)


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [("growing", ", growing"), ("unknown", ", trend not yet known"), ("", "")],
)
def test_the_verdict_is_said_in_words(strip: MemoryStrip, verdict: str, ending: str) -> None:
    strip.show_verdict(MemoryJudged(verdict, ""))
    strip.show_reading(reading(1.0), BUDGET)
    assert strip.words == f"Memory 600 MB of 1.2 GB{ending}"


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (Band.NATIVE_IN_USE, "native heap in use"),
        (Band.PYTHON_OBJECTS, "Python objects"),
        (Band.LARGE_BLOCKS, "large native blocks"),
        (Band.ARROW_LANCE, "Arrow and LanceDB"),
    ],
)
def test_what_grows_is_named_with_its_beginning_and_why_in_the_tool_tip(
    strip: MemoryStrip, owner: Band, words: str
) -> None:
    message = "The engine process is growing: it rises by 3.3 MB per 100 batches."
    strip.show_reading(reading(1.0), BUDGET)
    strip.show_verdict(MemoryJudged("growing", message, ProcessRole.ENGINE, owner, 60, 9000))
    assert strip.words == f"Memory 600 MB of 1.2 GB, growing: engine, {words}, since batch 60"
    assert message in strip._words.toolTip()
    assert strip._words.accessibleDescription() == message
    strip.show_verdict(None)
    assert strip.words == "Memory 600 MB of 1.2 GB"
    assert "growing" not in strip._words.toolTip()


def test_over_the_budget_is_said_in_words_and_the_bar_is_full(strip: MemoryStrip) -> None:
    strip.show_reading(reading(1.0, 1300), BUDGET)
    assert strip.words == "Memory 1.4 GB of 1.2 GB, over the budget"
    assert strip._bar.value() == strip._bar.maximum()


def test_a_receipt_is_shown_for_a_while_and_kept_in_the_tool_tip(
    strip: MemoryStrip, qtbot: QtBot
) -> None:
    strip._receipt_timer.setInterval(30)
    strip.show_receipt(receipt(1.0))
    assert strip.receipt_words == "Free memory gave back 180 MB in 21 ms."
    qtbot.waitUntil(lambda: strip.receipt_words == "")
    assert strip.toolTip() == "Last: Free memory gave back 180 MB in 21 ms."


def test_a_receipt_of_nothing_is_said_too(strip: MemoryStrip) -> None:
    strip.show_receipt(receipt(1.0, returned_mb=0))
    assert strip.receipt_words == "Free memory gave back nothing in 21 ms."
    strip._receipt_timer.stop()


def test_what_a_cleanup_can_return_is_said_before_the_click(strip: MemoryStrip) -> None:
    strip.show_reading(reading(1.0, held_mb=180), BUDGET)
    assert strip._free.text() == "F&ree memory (about 180 MB)"
    assert strip._free.toolTip() == "Can give back about 180 MB that nothing uses."
    assert strip._free.accessibleDescription() == strip._free.toolTip()
    strip.show_reading(reading(2.0), BUDGET)  # a reading that does not say it changes nothing
    assert "180 MB" in strip._free.accessibleDescription()
    strip.show_receipt(receipt(3.0, held_mb=2))
    assert "2 MB" in strip._free.toolTip()
    assert strip._free.text() == "F&ree memory (about 2 MB)"
    strip._receipt_timer.stop()


def test_nothing_to_give_back_is_said_and_the_button_has_no_figure(strip: MemoryStrip) -> None:
    strip.show_reading(reading(1.0, held_mb=30), BUDGET)
    strip.show_reading(reading(2.0, held_mb=0.4), BUDGET)
    assert strip._free.toolTip() == "Nothing to give back now."
    assert strip._free.text() == "F&ree memory"
    assert strip._free.isEnabled()


def test_the_button_does_not_change_with_every_reading(strip: MemoryStrip) -> None:
    strip.show_reading(reading(1.0, held_mb=180), BUDGET)
    strip.show_reading(reading(2.0, held_mb=184), BUDGET)
    assert strip._free.text() == "F&ree memory (about 180 MB)"
    assert "184 MB" in strip._free.toolTip()
    strip.show_reading(reading(3.0, held_mb=195), BUDGET)
    assert strip._free.text() == "F&ree memory (about 195 MB)"


def test_what_a_reload_ends_and_takes_again_is_said_before_the_click(strip: MemoryStrip) -> None:
    strip.show_reading(reading(1.0, 580), BUDGET)
    assert strip._reload.toolTip().startswith("Ends the engine: 580 MB go back; the new one takes")
    strip.set_fresh(460_000_000)
    strip.show_reading(reading(2.0, 580), BUDGET)
    promise = "Ends the engine: 580 MB go back, the new one takes about 460 MB again."
    assert strip._reload.toolTip().startswith(promise)
    assert strip._reload.accessibleDescription() == strip._reload.toolTip()


def test_a_reload_without_an_engine_says_that_it_loads_the_model(strip: MemoryStrip) -> None:
    strip.show_reading(ProgramReading(1.0, (process(ProcessRole.WINDOW, 120),)), BUDGET)
    assert "not loaded now" in strip._reload.toolTip()
    strip.set_isolation("thread")
    strip.show_reading(reading(2.0), BUDGET)
    assert "only a part" in strip._reload.toolTip()


def test_the_buttons_ask_for_what_they_say(strip: MemoryStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.free_memory_requested):
        qtbot.mouseClick(strip._free, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(strip.reload_model_requested):
        qtbot.mouseClick(strip._reload, Qt.MouseButton.LeftButton)


def test_while_busy_nothing_else_can_be_asked_for(strip: MemoryStrip) -> None:
    strip.set_busy(True)
    assert not strip._free.isEnabled()
    assert not strip._reload.isEnabled()
    assert "batch in hand" in strip.receipt_words
    strip.set_busy(False)
    assert strip._free.isEnabled()
    assert strip.receipt_words == ""


def test_the_receipt_of_the_work_outlives_the_end_of_being_busy(strip: MemoryStrip) -> None:
    strip.set_busy(True)
    strip.show_receipt(receipt(1.0))
    strip.set_busy(False)
    assert strip.receipt_words == "Free memory gave back 180 MB in 21 ms."
    strip._receipt_timer.stop()


def test_details_open_and_close_and_the_arrow_turns(strip: MemoryStrip, qtbot: QtBot) -> None:
    toggled: list[bool] = []
    strip.details_toggled.connect(toggled.append)
    assert strip._details.arrowType() is Qt.ArrowType.DownArrow
    qtbot.mouseClick(strip._details, Qt.MouseButton.LeftButton)
    assert strip._details.arrowType() is Qt.ArrowType.UpArrow
    strip.set_details_shown(False)
    assert toggled == [True, False]


def test_every_control_has_a_name_and_every_button_a_key(strip: MemoryStrip) -> None:
    buttons = strip.findChildren(QAbstractButton)
    keys = [button.shortcut().toString() for button in buttons]
    assert [button.accessibleName() for button in buttons] == [
        "Free memory",
        "Reload model",
        "Memory details",
    ]
    assert len({key for key in keys if key.startswith("Alt+")}) == 3
    assert strip._words.accessibleName()
    assert strip._bar.accessibleName()
