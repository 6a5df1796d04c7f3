"""A change of the index in the window: asked for before, followed, undone, tidied up after."""

import json
from pathlib import Path

from made_answers import make_swapped
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, banners, said_by

from vext_desktop.index.answers import RebuildStatus
from vext_desktop.index.edition_reader import KeptIndex, RebuildProgress
from vext_desktop.index.rebuild_cost import RebuildCost
from vext_desktop.settings import Settings
from vext_desktop.window.main_window import MainWindow

NEW_MODEL = Settings(model="/models/new")
COST = RebuildCost("new-model", "old-model", 1840, 23_500, 2100.0, 120_000_000)
KEPT = KeptIndex(1, "old-model", 120_000_000, 5.0, is_complete=True)


def press(window: MainWindow, words: str) -> None:
    (button,) = [one for one in window.findChildren(QPushButton) if one.text().startswith(words)]
    button.click()


def test_a_change_is_told_with_its_cost_and_begun_only_when_the_user_says_so(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    engine.rebuild = RebuildStatus(pending=COST)
    window = open_window(engine, settings=NEW_MODEL)
    assert banners(window) == [COST.sentence]
    window.control.index()
    qtbot.waitUntil(lambda: len(engine.requests) == 1 and not window.control.is_running)
    press(window, "Build it now")
    qtbot.waitUntil(lambda: len(engine.requests) == 2)
    assert [request.rebuilds for request in engine.requests] == [False, True]
    qtbot.waitUntil(lambda: not window.control.is_running)
    qtbot.wait(20)
    assert banners(window) == [], "what was closed came back with the next status"


def test_a_rebuild_is_named_where_the_work_is_shown_and_above_the_documents(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine(batches=50, step_s=0.02)
    engine.run_title = "Rebuilding the index for the model new-model"
    engine.rebuild = RebuildStatus("the model new-model", RebuildProgress(412, 1840, 0))
    window = open_window(engine, settings=NEW_MODEL)
    window.control.index(rebuilds=True)
    qtbot.waitUntil(lambda: "Rebuilding the index" in said_by(window.panes.progress))
    qtbot.waitUntil(lambda: "Search uses the old index" in said_by(window.panes.progress))
    note = said_by(window.panes.documents)
    assert (
        "Rebuilding the index for the model new-model: 412 of 1\N{NO-BREAK SPACE}840 files; "
        "search uses the old one until it is complete."
    ) in note
    assert not window.menus.undo_rebuild.isEnabled()
    window.control.stop()
    qtbot.waitUntil(lambda: not window.control.is_running)


def test_a_swap_can_be_undone_from_its_banner_and_the_settings_go_back_with_it(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=1)
    engine.last_events = (make_swapped(),)
    engine.rebuild = RebuildStatus(kept=(KEPT,), can_undo=True)
    engine.rebuilding.undone = Settings(model="/models/old")
    window = open_window(engine, settings=NEW_MODEL)
    window.control.index(rebuilds=True)
    qtbot.waitUntil(lambda: banners(window) == [make_swapped().sentence])
    qtbot.waitUntil(lambda: not window.control.is_running)
    press(window, "Undo")
    qtbot.waitUntil(lambda: any(call.startswith("apply_settings") for call in engine.calls))
    assert "undo" in engine.calls
    assert engine.settings == Settings(model="/models/old")
    saved = json.loads((tmp_path / "data" / "settings.json").read_text())
    assert saved["model"] == "/models/old"


def test_the_old_index_is_removed_from_the_menu_after_a_question(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    engine.rebuild = RebuildStatus(kept=(KEPT,), can_undo=True)
    window = open_window(engine, settings=NEW_MODEL)
    assert window.menus.undo_rebuild.isEnabled()
    assert window.menus.remove_old_index.text() == "Remove the &old index (frees 120 MB)..."
    window.menus.remove_old_index.trigger()
    (box,) = window.findChildren(QMessageBox)
    assert "old-model" in box.text()
    assert "frees 120 MB of disk" in box.informativeText()
    assert "remove_kept" not in engine.calls
    engine.rebuild = RebuildStatus()
    press(window, "Remove")
    qtbot.waitUntil(lambda: not window.menus.remove_old_index.isEnabled())
    assert "remove_kept" in engine.calls
    assert not window.menus.undo_rebuild.isEnabled()


def test_an_index_that_only_lacks_what_is_offline_can_be_used_at_once(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    engine.rebuild = RebuildStatus("the model new-model", RebuildProgress(1836, 1840, 4))
    window = open_window(engine, settings=NEW_MODEL)
    assert "complete but for 4 files on a drive" in banners(window)[0]
    press(window, "Use the new index now")
    qtbot.waitUntil(lambda: make_swapped().sentence in banners(window))
    assert "use_now" in engine.calls
