import pytest
from fake_readings import MB, reading, receipt
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

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
    strip.show_verdict("steady")
    assert strip.words == "Memory 640 MB of 1.2 GB, steady"
    assert strip._bar.accessibleDescription() == strip.words
    assert strip._bar.value() == pytest.approx(533, abs=1)


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [("growing", ", growing"), ("unknown", ", trend not yet known"), ("", "")],
)
def test_the_verdict_is_said_in_words(strip: MemoryStrip, verdict: str, ending: str) -> None:
    strip.show_verdict(verdict)
    strip.show_reading(reading(1.0), BUDGET)
    assert strip.words == f"Memory 600 MB of 1.2 GB{ending}"


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
    assert strip._free.toolTip() == "Can give back about 180 MB that nothing uses."
    strip.show_reading(reading(2.0), BUDGET)
    assert "180 MB" in strip._free.accessibleDescription()
    strip.show_receipt(receipt(3.0, held_mb=2))
    assert "2 MB" in strip._free.toolTip()
    strip._receipt_timer.stop()


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
