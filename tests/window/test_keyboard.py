"""The Tab key goes through the whole window, comes to everything, and comes back."""

from pathlib import Path

import pytest
from made_answers import make_hit
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import RootRecord
from vext_desktop.paths import Paths
from vext_desktop.window.main_window import MainWindow

MOST_STOPS = 60


def walk(window: MainWindow) -> list[QWidget]:
    """Where the keyboard stops on its way from the query and back to it."""
    window.activateWindow()
    window.panes.search.focus_query()
    first = window.focusWidget()
    assert isinstance(first, QLineEdit)
    stops = [first]
    for _ in range(MOST_STOPS):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        stop = window.focusWidget()
        if stop is first:
            return stops
        assert stop is not stops[-1], f"the keyboard is caught in {stop}"
        stops.append(stop)
    raise AssertionError(f"it did not come back: {stops}")


def named(stops: list[QWidget]) -> list[str]:
    """Their names for screen readers; a button's words are its name."""
    return [
        str(stop.accessibleName() or stop.property("text") or type(stop).__name__) for stop in stops
    ]


@pytest.fixture
def window(qtbot: QtBot, open_window: Opener, tmp_path: Path, paths: Paths) -> MainWindow:
    """A window with something in its library."""
    ledger = Ledger(paths.ledger)
    ledger.add_roots([tmp_path])
    ledger.close()
    engine = FakeEngine()
    engine.roots = [RootRecord(str(tmp_path), files=1, indexed=1, set_aside=0, is_offline=False)]
    engine.hits = (make_hit(1),)
    opened = open_window(engine)
    qtbot.waitUntil(lambda: bool(opened.panes.library.roots))
    return opened


def test_it_is_not_caught_where_there_are_no_results(window: MainWindow) -> None:
    names = named(walk(window))
    assert names.index("Library") < names.index("Free memory")


def test_it_comes_to_the_results_and_the_verbs_of_the_preview(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.panes.search.set_query("lease")
    qtbot.waitUntil(lambda: window.panes.results.chosen_hit() is not None)
    names = named(walk(window))
    assert names.index("Results") < names.index("Open") < names.index("Free memory")


def test_it_comes_to_the_filters_of_the_documents(window: MainWindow) -> None:
    window.menus.show_documents.trigger()
    names = named(walk(window))
    assert any(name.startswith("All") for name in names)
    assert any(name.startswith("Filter by name") for name in names)


def test_on_the_first_page_its_buttons_follow_the_search(window: MainWindow) -> None:
    window.menus.show_welcome.trigger()
    names = named(walk(window))
    began = names.index("Choose a folder...")
    assert names[began - 1] == "Date of last change"
    assert names[began + 3] == "Open this folder"


def test_every_stop_has_a_name(window: MainWindow) -> None:
    for show in (window.menus.show_results, window.menus.show_documents, window.menus.show_runs):
        show.trigger()
        unnamed = [name for name in named(walk(window)) if name.startswith("Q")]
        assert unnamed == []


def test_no_key_stands_for_two_verbs_at_once(window: MainWindow) -> None:
    """Qt calls a key of the menu that a focused panel has too ambiguous, and does neither."""
    everywhere = {
        key.toString()
        for action in window.findChildren(QAction)
        if action.shortcutContext() is Qt.ShortcutContext.WindowShortcut
        for key in action.shortcuts()
    }
    in_panels = {
        key.toString()
        for action in window.findChildren(QAction)
        if action.shortcutContext() is not Qt.ShortcutContext.WindowShortcut
        for key in action.shortcuts()
    }
    assert "Ctrl+D" in everywhere
    assert "Ctrl+E" in in_panels
    assert everywhere & in_panels == set()
