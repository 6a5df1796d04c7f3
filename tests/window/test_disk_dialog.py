"""Disk use in the window: told by part, given back with a receipt."""

from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener

from vext_desktop.errors import StoreError
from vext_desktop.window.disk_dialog import DiskDialog
from vext_desktop.window.main_window import MainWindow


def opened(qtbot: QtBot, window: MainWindow) -> DiskDialog:
    window.menus.show_disk.trigger()
    dialog = window.folder_flows.disk.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.tidy_button.isEnabled)
    return dialog


def test_the_dialog_says_before_the_click_what_tidying_gives_back(
    qtbot: QtBot, open_window: Opener
) -> None:
    dialog = opened(qtbot, open_window(FakeEngine()))
    assert dialog.words.text() == "Tidying up gives back about 30 MB."
    assert dialog.table.texts() == [
        ("Index of words", "20 MB", ""),
        ("What is no longer needed", "30 MB", "30 MB"),
        ("All together", "50 MB", "30 MB"),
    ]


def test_tidying_tells_what_came_back(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    dialog = opened(qtbot, open_window(engine))
    dialog.tidy_button.click()
    assert not dialog.tidy_button.isEnabled()
    qtbot.waitUntil(dialog.tidy_button.isEnabled)
    assert "tidy_up" in engine.calls
    assert dialog.words.text().startswith("Tidying up gave back 30 MB in 1.5 s")
    assert dialog.table.texts()[-1] == ("All together", "20 MB", "0 kB")


def test_what_keeps_it_from_tidying_is_told_in_the_dialog(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    engine.disk.error = StoreError("The disk is too full for that.", "Make room.")
    dialog = opened(qtbot, open_window(engine))
    dialog.tidy_button.click()
    qtbot.waitUntil(dialog.tidy_button.isEnabled)
    assert dialog.words.text() == "The disk is too full for that. Make room."
