"""The library: roots with their counts, and the way to the first one."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from vext_desktop.index.records import RootRecord
from vext_desktop.window.library_panel import LibraryPanel

REPORTS = RootRecord("/documents/Reports", 1840, 1828, 12, is_offline=False)
DRIVE = RootRecord("/media/Drive", 96, 90, 0, is_offline=True)
HOSTILE = RootRecord("/documents/<b>bold</b>\n\udce9", 1, 1, 0, is_offline=False)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[LibraryPanel]:
    """A shown, empty panel."""
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def rows(panel: LibraryPanel) -> list[tuple[str, str]]:
    tree = panel.findChild(QTreeWidget)
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def choose(panel: LibraryPanel, row: int) -> QTreeWidget:
    tree = panel.findChild(QTreeWidget)
    tree.setCurrentItem(tree.topLevelItem(row))
    return tree


def action(panel: LibraryPanel, words: str) -> QAction:
    actions = panel.findChild(QTreeWidget).actions()
    return next(one for one in actions if one.text().startswith(words))


def test_an_empty_library_invites_to_add_a_folder(qtbot: QtBot, panel: LibraryPanel) -> None:
    buttons = [one for one in panel.findChildren(QPushButton) if one.isVisible()]
    assert [one.text() for one in buttons] == ["Add folder...", "Add files..."]
    with qtbot.waitSignal(panel.add_folder_requested):
        buttons[0].click()
    with qtbot.waitSignal(panel.add_files_requested):
        buttons[1].click()


def test_each_root_has_its_name_and_the_number_of_its_files(panel: LibraryPanel) -> None:
    panel.show_roots([REPORTS])
    assert rows(panel) == [("Reports", "1\N{NARROW NO-BREAK SPACE}840")]
    assert not any(one.isVisible() for one in panel.findChildren(QPushButton))


def test_an_offline_root_says_so_in_words(panel: LibraryPanel) -> None:
    panel.show_roots([DRIVE])
    assert rows(panel) == [("Drive", "offline")]
    item = panel.findChild(QTreeWidget).topLevelItem(0)
    assert "its passages are kept" in item.toolTip(0)


def test_what_is_set_aside_and_waiting_is_told(panel: LibraryPanel) -> None:
    panel.show_roots([RootRecord("/d", 20, 10, 3, is_offline=False)])
    tip = panel.findChild(QTreeWidget).topLevelItem(0).toolTip(1)
    assert "20 files: 10 indexed, 3 set aside, 7 waiting or left out." in tip


def test_a_hostile_name_is_shown_as_plain_text(panel: LibraryPanel) -> None:
    panel.show_roots([HOSTILE])
    assert rows(panel)[0][0] == "b> \N{REPLACEMENT CHARACTER}"
    assert "<b>" not in panel.findChild(QTreeWidget).topLevelItem(0).toolTip(0)


def test_the_chosen_root_stays_chosen_when_counts_change(panel: LibraryPanel) -> None:
    panel.show_roots([REPORTS, DRIVE])
    choose(panel, 1)
    panel.show_roots([RootRecord("/documents/Reports", 1900, 1, 0, is_offline=False), DRIVE])
    assert panel.chosen_root() == DRIVE


def test_the_verbs_of_a_root_name_that_root(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.show_roots([REPORTS])
    choose(panel, 0)
    for words, signal, expected in (
        ("Look for changes", panel.index_requested, REPORTS.path),
        ("Open", panel.open_requested, REPORTS.path),
        ("Remove", panel.remove_requested, REPORTS),
    ):
        with qtbot.waitSignal(signal) as said:
            action(panel, words).trigger()
        assert said.args == [expected]


def test_an_offline_root_can_be_removed_but_not_opened(panel: LibraryPanel) -> None:
    panel.show_roots([DRIVE])
    choose(panel, 0)
    assert not action(panel, "Open").isEnabled()
    assert not action(panel, "Look").isEnabled()
    assert action(panel, "Remove").isEnabled()


def test_nothing_is_removed_in_the_middle_of_a_run(panel: LibraryPanel) -> None:
    panel.show_roots([REPORTS])
    choose(panel, 0)
    panel.set_can_remove(can_remove=False)
    assert not action(panel, "Remove").isEnabled()
    panel.set_can_remove(can_remove=True)
    assert action(panel, "Remove").isEnabled()


def test_the_delete_key_asks_to_remove(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.show_roots([REPORTS])
    panel.activateWindow()
    tree = choose(panel, 0)
    tree.setFocus()
    qtbot.waitUntil(tree.hasFocus)
    with qtbot.waitSignal(panel.remove_requested):
        qtbot.keyClick(tree, Qt.Key.Key_Delete)


def test_the_keyboard_finds_the_list_or_the_way_to_fill_it(panel: LibraryPanel) -> None:
    panel.activateWindow()
    panel.focus_list()
    assert panel.focusWidget().text() == "Add folder..."
    panel.show_roots([REPORTS])
    panel.focus_list()
    assert isinstance(panel.focusWidget(), QTreeWidget)
    assert panel.chosen_root() == REPORTS
