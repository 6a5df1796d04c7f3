"""The first page: there while nothing is, gone with the first folder, back on request."""

from pathlib import Path

import pytest
from dragging import drop_on, mime_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, button, said_by

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import RootRecord
from vext_desktop.paths import Paths
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.welcome_flow import samples_folder


def filled(tmp_path: Path, paths: Paths) -> FakeEngine:
    """An engine with a folder in its library, and the ledger of it."""
    ledger = Ledger(paths.ledger)
    ledger.add_roots([tmp_path])
    ledger.close()
    engine = FakeEngine()
    engine.roots = [RootRecord(str(tmp_path), files=2, indexed=2, set_aside=0, is_offline=False)]
    return engine


def is_welcome(window: MainWindow) -> bool:
    page = window.welcome_flow.page
    return page is not None and page.isVisible()


def test_a_new_data_folder_opens_on_the_first_page(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine())
    assert is_welcome(window)
    page = window.welcome_flow.page
    assert page is not None
    said = said_by(page)
    for words in ("What it does", "What it never does", "never uses the network", "Drop a folder"):
        assert words in said
    assert str(paths.data_dir) in said
    assert not page.back.isVisible()
    assert window.focusWidget() is page.choose


def test_with_something_in_the_library_the_page_is_not_shown(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, paths: Paths
) -> None:
    window = open_window(filled(tmp_path, paths))
    qtbot.waitUntil(lambda: bool(window.panes.library.roots))
    assert not is_welcome(window)
    assert isinstance(window.focusWidget(), QLineEdit)


def test_what_is_named_on_the_command_line_needs_no_first_page(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine(), index_paths=(tmp_path,))
    assert not is_welcome(window)


def test_a_drop_on_the_page_fills_the_library_and_the_page_goes(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    page = window.welcome_flow.page
    assert page is not None
    assert not any(child.acceptDrops() for child in page.findChildren(type(page.choose)))
    drop_on(window, mime_of([tmp_path]))
    assert not is_welcome(window)
    qtbot.waitUntil(lambda: any(each.paths == (tmp_path,) for each in engine.requests))


def test_the_keyboard_alone_begins_with_a_folder(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    dialogs = window.findChildren(QFileDialog)
    assert [dialog.fileMode() for dialog in dialogs] == [QFileDialog.FileMode.Directory]
    dialogs[0].close()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.welcome_flow.page is not None
    assert window.focusWidget() is window.welcome_flow.page.samples


def test_the_samples_are_indexed_and_a_question_is_proposed(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    qtbot.mouseClick(button(window, "Try it"), Qt.MouseButton.LeftButton)
    assert not is_welcome(window)
    qtbot.waitUntil(lambda: any(each.paths == (samples_folder(),) for each in engine.requests))
    engine.roots = [RootRecord(str(samples_folder()), 13, 13, 0, is_offline=False)]
    window.control.index()
    qtbot.waitUntil(lambda: "avoids gluten" in said_by(window.panes.results))


def test_the_samples_are_there() -> None:
    assert any(path.suffix == ".pdf" for path in samples_folder().rglob("*"))


def test_a_search_leads_away_from_the_page(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    window.panes.search.set_query("anything")
    assert not is_welcome(window)


def test_help_brings_the_page_back_and_escape_leaves_it(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, paths: Paths
) -> None:
    window = open_window(filled(tmp_path, paths))
    qtbot.waitUntil(lambda: bool(window.panes.library.roots))
    window.menus.show_welcome.trigger()
    assert is_welcome(window)
    page = window.welcome_flow.page
    assert page is not None
    assert page.back.isVisible()
    qtbot.keyClick(page.choose, Qt.Key.Key_Escape)
    assert not is_welcome(window)
    window.menus.show_welcome.trigger()
    window.menus.show_documents.trigger()
    assert not is_welcome(window)
    assert window.panes.documents.isVisible()


def test_when_the_last_folder_is_taken_out_the_page_is_back(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, paths: Paths
) -> None:
    engine = filled(tmp_path, paths)
    window = open_window(engine)
    qtbot.waitUntil(lambda: bool(window.panes.library.roots))
    engine.roots = []
    window.control.index()
    qtbot.waitUntil(lambda: is_welcome(window))


@pytest.mark.parametrize("width", [820, 1400])
def test_nothing_on_the_page_is_cut_off(qtbot: QtBot, open_window: Opener, width: int) -> None:
    window = open_window(FakeEngine())
    window.resize(width, 620)
    qtbot.wait(20)
    page = window.welcome_flow.page
    assert page is not None
    assert page.horizontalScrollBar().maximum() == 0
    for one in (page.choose, page.samples, page.open_folder):
        corner = one.mapTo(page.viewport(), QPoint(one.width(), 0))
        assert corner.x() <= page.viewport().width()
        assert one.width() >= one.sizeHint().width()
