"""The window as a whole, over a fake engine: what a person does, and what must come of it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, button, close, shown_words

from vext_desktop.errors import DataFolderBusyError, StoreError
from vext_desktop.events import MemoryWarned, WarningKind
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import RootRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.settings import SettingNotice
from vext_desktop.window.banner import NoticeKind
from vext_desktop.window.window_state import WindowState


def test_the_window_is_painted_before_the_engine_is_built(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    window = open_window(engine, wait=False)
    # `start` has just been called, after the first painting: nothing was before it.
    qtbot.waitUntil(lambda: "open" in engine.calls)
    assert window.isVisible()


def test_an_engine_in_place_of_the_chosen_one_is_told_until_somebody_has_read_it(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    engine.start_note = "The onnx engine cannot start. The torch engine does the work instead."
    window = open_window(engine)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: "Done" in shown_words(window))
    (notice,) = window.panes.banners.notices
    assert notice.what == engine.start_note
    assert "Ctrl+," in notice.hint


def test_the_keyboard_starts_in_the_search_box(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, paths: Paths
) -> None:
    ledger = Ledger(paths.ledger)
    ledger.add_roots([tmp_path])
    ledger.close()
    engine = FakeEngine()
    engine.roots = [RootRecord(str(tmp_path), files=1, indexed=1, set_aside=0, is_offline=False)]
    window = open_window(engine)
    window.activateWindow()
    qtbot.waitUntil(lambda: isinstance(window.focusWidget(), QLineEdit))
    assert window.focusWidget().placeholderText().startswith("Search")


def test_the_library_is_listed_before_the_store_is_open(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, paths: Paths
) -> None:
    folder = tmp_path / "Reports"
    folder.mkdir()
    ledger = Ledger(paths.ledger)
    ledger.add_roots([folder])
    ledger.close()
    engine = FakeEngine(step_s=0.5)
    window = open_window(engine, wait=False)
    qtbot.waitUntil(lambda: bool(window.panes.library.roots))
    assert "status" not in engine.calls
    assert window.panes.library.roots[0].path == str(folder)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Free memory", "Free memory gave back 180 MB in 21 ms."),
        ("Reload model", "Reload model gave back 220 MB in 21 ms."),
    ],
)
def test_both_memory_buttons_show_their_receipt(
    qtbot: QtBot, open_window: Opener, words: str, sentence: str
) -> None:
    window = open_window(FakeEngine())
    button(window, words).click()
    assert not button(window, words).isEnabled()
    qtbot.waitUntil(lambda: window.panes.memory.receipt_words == sentence)
    assert button(window, words).isEnabled()


def test_memory_is_shown_in_plain_words(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    qtbot.waitUntil(lambda: window.panes.memory.words.startswith("Memory 640 MB of"))


def test_the_details_open_and_close_from_button_and_menu(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    assert not window.memory_panel.isVisible()
    window.menus.show_memory.trigger()
    qtbot.waitUntil(lambda: window.memory_panel.plots is not None)
    assert window.memory_panel.isVisible()
    window.menus.show_memory.trigger()
    assert not window.memory_panel.isVisible()


def test_with_open_details_the_window_still_fits_a_small_screen(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine(batches=1000, step_s=0.02))
    window.menus.show_memory.trigger()
    qtbot.waitUntil(lambda: window.memory_panel.plots is not None)
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    window.resize(1000, 620)  # what a screen of 650 leaves below the title
    for tab in range(window.panes.tabs.count()):
        window.panes.tabs.setCurrentIndex(tab)
        qtbot.wait(20)
        assert (window.width(), window.height()) == (1000, 620)
    assert window.memory_panel.plots.isVisible()


def test_a_failure_is_a_banner_with_its_hint(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.open_error = StoreError("The ledger is damaged.", "Restore it from a backup.")
    window = open_window(engine, wait=False)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    notice = window.panes.banners.notices[-1]
    assert notice.kind is NoticeKind.FAILURE
    assert (notice.what, notice.hint) == ("The ledger is damaged.", "Restore it from a backup.")


def test_a_data_folder_in_use_refuses_the_window(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.open_error = DataFolderBusyError("Another one uses it.", "Use that one.")
    window = open_window(engine, wait=False)
    with qtbot.waitSignal(window.refused) as refused:
        pass
    assert refused.args[0] is engine.open_error
    assert window.panes.banners.notices == ()


def test_a_memory_warning_is_a_banner_and_a_mark(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    warning = MemoryWarned(WarningKind.RSS_OVER_LIMIT, 1, 1, 7, "a.txt", "RSS is over 1.2 GB.")
    window.engine_thread.worker.event_raised.emit(warning)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    assert window.panes.banners.notices[0].what == "RSS is over 1.2 GB."


def test_settings_that_could_not_be_used_are_told(open_window: Opener) -> None:
    notice = SettingNotice("x", "the environment", "VEXT_X is not a setting: left out.")
    window = open_window(FakeEngine(), notices=(notice,))
    assert notice.message in window.panes.banners.notices[0].what


def test_a_root_is_removed_only_after_its_cost_was_said(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.counts = {Outcome.INDEXED: 40}
    engine.roots = [RootRecord("/documents/Reports", 40, 40, 0, is_offline=False)]
    window = open_window(engine)
    window.panes.library.remove_requested.emit(window.panes.library.roots[0])
    box = window.findChild(QMessageBox)
    assert "40 documents can then no longer be found" in box.informativeText()
    assert "remove_root" not in " ".join(engine.calls)
    qtbot.mouseClick(
        next(one for one in box.buttons() if one.text() == "Remove"), Qt.MouseButton.LeftButton
    )
    qtbot.waitUntil(lambda: "remove_root /documents/Reports" in engine.calls)
    qtbot.waitUntil(lambda: window.panes.library.roots == ())


def test_open_details_and_the_shape_are_remembered(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine())
    window.menus.show_memory.trigger()
    close(qtbot, window)
    state = WindowState(paths.window_state)
    assert state.layout("window").size() > 0
    assert state.layout("panes").size() > 0
    window = open_window(FakeEngine())
    assert window.memory_panel.isVisible()
    qtbot.waitUntil(lambda: window.memory_panel.plots is not None)


def test_every_verb_has_words_and_no_two_share_a_key(open_window: Opener) -> None:
    window = open_window(FakeEngine())
    actions = [
        action
        for menu in window.menuBar().actions()
        for action in menu.menu().actions()
        if not action.isSeparator()
    ]
    assert all(action.text() for action in actions)
    keys = [action.shortcut().toString() for action in actions if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))


def test_no_button_shares_its_key_with_a_menu(open_window: Opener) -> None:
    window = open_window(FakeEngine())
    menus = {action.text().split("&")[1][0].lower() for action in window.menuBar().actions()}
    buttons = {
        one.text().replace("&&", "").split("&")[1][0].lower(): one.text()
        for one in window.findChildren(QPushButton)
        if "&" in one.text().replace("&&", "")
    }
    assert not menus & buttons.keys()


def test_escape_goes_back_to_the_search_from_anywhere(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    window.activateWindow()
    button(window, "Free memory").setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert isinstance(window.focusWidget(), QLineEdit)
