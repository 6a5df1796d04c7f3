"""A damaged data folder in the window, and backup and restore from its menu."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, opened_windows

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger import Ledger
from vext_desktop.paths import Paths
from vext_desktop.window.banner import Banner
from vext_desktop.window.folder_dialog import FolderDialog
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.restore_dialog import RestoreDialog


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A data folder with a ledger that knows one folder."""
    found = Paths(tmp_path / "data")
    found.create()
    with Ledger(found.ledger) as ledger:
        ledger.add_roots([tmp_path / "documents"])
    return found


@pytest.fixture
def open_window(qtbot: QtBot, paths: Paths) -> Iterator[Opener]:
    with opened_windows(qtbot, paths) as opener:
        yield opener


def spoil(paths: Paths) -> None:
    """Damage the ledger beyond its first page, so that SQLite says so."""
    with closing(sqlite3.connect(paths.ledger)) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = paths.ledger.read_bytes()
    paths.ledger.write_bytes(data[:4096] + bytes(len(data) - 4096))


def refused_engine() -> FakeEngine:
    engine = FakeEngine()
    engine.open_error = StoreError("The ledger is damaged (malformed).", "Repair it.")
    return engine


def banner_button(window: MainWindow, text: str) -> QPushButton | None:
    for banner in window.panes.banners.findChildren(Banner):
        for button in banner.findChildren(QPushButton):
            if button.text() == text:
                return button
    return None


def open_damaged(qtbot: QtBot, open_window: Opener, paths: Paths) -> MainWindow:
    spoil(paths)
    window = open_window(refused_engine(), wait=False)
    qtbot.waitUntil(lambda: banner_button(window, "Repair...") is not None)
    return window


def test_a_whole_folder_is_no_reason_for_a_banner(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine())
    qtbot.waitUntil(lambda: window.folder_flows.care._job is None)
    assert window.panes.banners.notices == ()


def test_a_damaged_folder_is_named_once_in_plain_words_and_the_window_stays_open(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_damaged(qtbot, open_window, paths)
    qtbot.waitUntil(lambda: window.folder_flows.care._job is None)
    (notice,) = window.panes.banners.notices
    assert notice.what.startswith("The list of your files and folders")
    assert "Your documents are untouched." in notice.what
    assert "not open" in window.panes.progress._title.text()
    assert window.isVisible()


def test_the_repair_is_told_before_it_begins_and_the_banner_comes_back_if_it_does_not(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_damaged(qtbot, open_window, paths)
    damaged = paths.ledger.read_bytes()
    qtbot.waitUntil(lambda: window.folder_flows.care._job is None)
    banner_button(window, "Repair...").click()
    dialog = window.folder_flows.care.dialog
    assert isinstance(dialog, FolderDialog)
    assert "Nothing is deleted" in dialog.words.text()
    dialog.close_button.click()
    assert banner_button(window, "Repair...") is not None
    assert paths.ledger.read_bytes() == damaged


def test_a_repair_ends_the_engine_does_its_work_and_asks_for_a_new_window(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_damaged(qtbot, open_window, paths)
    qtbot.waitUntil(lambda: window.folder_flows.care._job is None)
    banner_button(window, "Repair...").click()
    dialog = window.folder_flows.care.dialog
    assert dialog is not None
    dialog.begin_button.click()
    qtbot.waitUntil(lambda: dialog.close_button.text() == "Open the index again")
    assert dialog.focusWidget() is dialog.close_button  # the keyboard goes on from there
    assert not window.engine_thread.is_running
    assert "damaged-" in dialog.state.text()
    with Ledger(paths.ledger) as ledger:
        ledger.check()
    with qtbot.waitSignal(window.folder_flows.reopening_wanted):
        dialog.close_button.click()
    window.close()


def test_a_check_from_the_menu_says_that_all_is_well(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine())
    care = window.folder_flows.care
    qtbot.waitUntil(lambda: care._job is None)
    window.menus.check_folder.trigger()
    qtbot.waitUntil(lambda: care.dialog is not None)
    assert care.dialog.words.text() == "Everything in the data folder is as it should be."
    assert not care.dialog.begin_button.isVisible()
    care.dialog.close_button.click()


def test_a_backup_is_told_written_and_restored_in_the_place_of_the_index(
    qtbot: QtBot, open_window: Opener, paths: Paths, tmp_path: Path
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    backup = window.folder_flows.backup
    window.menus.back_up.trigger()
    qtbot.waitUntil(lambda: backup.dialog is not None)
    assert "no documents and no keys" in backup.dialog.words.text()
    file = tmp_path / "index.vextbackup"
    backup.write_to(file)
    qtbot.waitUntil(lambda: str(file) in backup.dialog.state.text())
    assert window.engine_thread.is_running
    backup.dialog.close_button.click()
    backup.open_backup(file)
    qtbot.waitUntil(lambda: isinstance(backup.dialog, RestoreDialog))
    dialog = backup.dialog
    assert "moved aside" in dialog.words.text()
    item = dialog.list.topLevelItem(0)
    assert item.text(2) == "not found here"
    lost = item.icon(2).pixmap(16).toImage()
    assert not item.icon(0).isNull()
    assert "documents" in item.toolTip(0)
    dialog.set_place(str(tmp_path / "documents"), str(tmp_path))
    assert item.text(2) == "found"
    assert item.icon(2).pixmap(16).toImage() != lost  # told by more than words
    dialog.begin_button.click()
    qtbot.waitUntil(lambda: dialog.close_button.text() == "Open the index again")
    assert "is restored" in dialog.state.text()
    assert engine.calls[-1] == "close"
    with Ledger(paths.ledger, read_only=True) as ledger:
        assert [root.path for root in ledger.roots()] == [str(tmp_path)]
    dialog.close_button.click()
    window.close()


def test_a_file_that_is_no_backup_is_a_banner(
    qtbot: QtBot, open_window: Opener, paths: Paths, tmp_path: Path
) -> None:
    window = open_window(FakeEngine())
    file = tmp_path / "x.vextbackup"
    file.write_text("no backup")
    window.folder_flows.backup.open_backup(file)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    assert "cannot be restored" in window.panes.banners.notices[0].what
