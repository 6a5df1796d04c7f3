"""From the settings dialog to the file, the engine, and what the window shows."""

import json

from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, said_by

from vext_desktop.errors import ModelError
from vext_desktop.index.rebuild_cost import RebuildCost
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.settings_dialog import SettingsDialog


def open_settings(qtbot: QtBot, window: MainWindow) -> SettingsDialog:
    window.menus.open_settings.trigger()
    dialog = window.settings_flow.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "rows_per_write" in dialog.page.rows, timeout=20_000)
    return dialog


def press_ok(dialog: SettingsDialog) -> None:
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()


def test_a_change_is_saved_and_reaches_the_engine(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    dialog = open_settings(qtbot, window)
    dialog.page.rows["memory_cap_mb"].editor.show_value(900)
    press_ok(dialog)
    assert json.loads(paths.settings.read_text(encoding="utf-8")) == {"memory_cap_mb": 900}
    qtbot.waitUntil(lambda: engine.settings == Settings(memory_cap_mb=900))
    assert window.settings_flow.dialog is None
    assert engine.requests == []


def test_cancel_changes_nothing(qtbot: QtBot, open_window: Opener, paths: Paths) -> None:
    engine = FakeEngine()
    dialog = open_settings(qtbot, open_window(engine))
    dialog.page.rows["memory_cap_mb"].editor.show_value(900)
    dialog.reject()
    assert not paths.settings.exists()
    assert not any(call.startswith("apply_settings") for call in engine.calls)


def test_what_indexes_again_says_how_much_and_begins(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.counts = {Outcome.INDEXED: 120}
    engine.cost = RebuildCost("small", "small", 120, 900, 60.0, 5_000_000)
    dialog = open_settings(qtbot, open_window(engine))
    dialog.page.rows["chunk_size"].editor.show_value(600)
    qtbot.waitUntil(lambda: dialog.consequence.text() == engine.cost.sentence)
    press_ok(dialog)
    qtbot.waitUntil(lambda: bool(engine.requests))
    applied = engine.calls.index("apply_settings False")
    assert applied < engine.calls.index("index"), "the run must work with the new settings"
    qtbot.waitUntil(lambda: not engine.calls[-1].startswith("index"))


def test_a_model_that_cannot_be_used_is_told_before_it_is_applied(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    engine.counts = {Outcome.INDEXED: 120}
    engine.cost_error = ModelError("There is no such folder.", "Choose another one.")
    dialog = open_settings(qtbot, open_window(engine))
    dialog.page.rows["model"].editor.show_value("/nowhere")
    told = "There is no such folder. Choose another one."
    qtbot.waitUntil(lambda: dialog.consequence.text() == told)
    dialog.reject()


def test_another_engine_waits_for_the_end_of_a_run_and_the_window_says_so(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine(batches=1000, step_s=0.01)
    engine.ends_model_for_settings = True
    window = open_window(engine)
    window.control.index([])
    qtbot.waitUntil(lambda: "index" in engine.calls)
    dialog = open_settings(qtbot, window)
    dialog.page.rows["engine"].editor.show_value("torch")
    press_ok(dialog)
    qtbot.waitUntil(lambda: "Your change counts when it has ended" in said_by(window.panes.banners))
    qtbot.waitUntil(lambda: "apply_settings True" in engine.calls)
    assert "apply_settings False" not in engine.calls
    window.control.stop()
    qtbot.waitUntil(lambda: engine.calls[-1] != "index" and "apply_settings False" in engine.calls)
    assert engine.settings.engine == "torch"


def test_a_file_that_cannot_be_written_changes_nothing_and_is_told(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    engine = FakeEngine()
    dialog = open_settings(qtbot, open_window(engine))
    paths.settings.mkdir()
    dialog.page.rows["memory_cap_mb"].editor.show_value(900)
    press_ok(dialog)
    assert dialog.isVisible()
    assert dialog.consequence.text().startswith("The settings could not be saved (Is a directory)")
    assert engine.settings == Settings()
    dialog.reject()


def test_a_second_change_builds_on_the_first(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine())
    for name, value in (("memory_cap_mb", 900), ("batch_size", 4)):
        dialog = open_settings(qtbot, window)
        dialog.page.rows[name].editor.show_value(value)
        press_ok(dialog)
    assert json.loads(paths.settings.read_text(encoding="utf-8")) == {
        "memory_cap_mb": 900,
        "batch_size": 4,
    }
    dialog = open_settings(qtbot, window)
    assert dialog.page.rows["memory_cap_mb"].value == 900
    dialog.reject()


def test_an_undone_change_of_model_takes_back_nothing_else(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(FakeEngine())
    flow = window.settings_flow
    chosen = Settings(model="/models/new", isolation="thread", memory_cap_mb=900)
    flow.loaded = LoadedSettings(chosen, ())
    # What the engine goes on with: another isolation waits for the next start.
    flow.take_back(Settings(model="", isolation="process", memory_cap_mb=900))
    assert flow.loaded.settings == Settings(isolation="thread", memory_cap_mb=900)
