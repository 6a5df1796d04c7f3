"""The settings dialog: made from the declarations, honest about what a change brings."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QSpinBox
from pytestqt.qtbot import QtBot

from vext_desktop.keys import FoundKey, SecretKey
from vext_desktop.settings import LoadedSettings, Origin, Settings, Source
from vext_desktop.settings.info import describe_settings
from vext_desktop.window.setting_consequences import NOTHING_TO_BUILD, say_waiting
from vext_desktop.window.settings_dialog import SettingsDialog

OK = QDialogButtonBox.StandardButton.Ok
APPLY = QDialogButtonBox.StandardButton.Apply
LOADED = LoadedSettings(
    Settings(chunk_size=900, max_pages=50),
    (),
    {
        "chunk_size": Origin(Source.DOTENV, "CHUNK_SIZE in /home/me/.env"),
        "max_pages": Origin(Source.FILE, "your settings"),
    },
)
Opener = Callable[..., SettingsDialog]


@pytest.fixture
def open_dialog(qtbot: QtBot) -> Opener:
    def open_it(
        loaded: LoadedSettings = LOADED,
        files: int = 1840,
        key: FoundKey | None = None,
        *,
        is_running: bool = False,
    ) -> SettingsDialog:
        dialog = SettingsDialog(
            loaded,
            lambda: files,
            lambda: is_running,
            lambda provider: key,
        )
        qtbot.addWidget(dialog)
        with qtbot.waitSignal(dialog.made, timeout=20_000):
            dialog.show()
        return dialog

    return open_it


def put(dialog: SettingsDialog, **values: object) -> None:
    for name, value in values.items():
        dialog.page.rows[name].editor.show_value(value)


def can(dialog: SettingsDialog, button: QDialogButtonBox.StandardButton) -> bool:
    return dialog.buttons.button(button).isEnabled()


def shown(dialog: SettingsDialog) -> set[str]:
    return {name for name, row in dialog.page.rows.items() if not row.isHidden()}


def test_every_setting_has_a_row_with_an_editor_that_shows_its_value(open_dialog: Opener) -> None:
    dialog = open_dialog()
    assert set(dialog.page.rows) == set(Settings.model_fields)
    for name, row in dialog.page.rows.items():
        assert row.value == getattr(LOADED.settings, name), name
        assert row.editor.field.accessibleName() == row.info.label
    assert not can(dialog, APPLY)
    assert dialog.consequence.text() == ""


def test_a_change_is_marked_said_and_undone(open_dialog: Opener, qtbot: QtBot) -> None:
    dialog = open_dialog()
    row = dialog.page.rows["memory_cap_mb"]
    assert row.reset.isHidden()
    put(dialog, memory_cap_mb=900)
    assert "Changed, not applied yet; the default is 1\u202f200." in row.words.text()
    assert can(dialog, APPLY)
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert row.value == 1200
    assert dialog.page.edited() == {}
    assert not can(dialog, APPLY)


def test_what_is_saved_can_be_reset_too(open_dialog: Opener) -> None:
    dialog = open_dialog()
    row = dialog.page.rows["max_pages"]
    assert "Changed in your settings; the default is 10\u202f000." in row.words.text()
    row.show_default()
    assert dialog.page.edited() == {"max_pages": 10_000}


def test_a_value_held_by_the_environment_cannot_be_changed_and_says_why(
    open_dialog: Opener,
) -> None:
    dialog = open_dialog()
    row = dialog.page.rows["chunk_size"]
    assert not row.editor.isEnabled()
    assert row.reset.isHidden()
    assert "Held by CHUNK_SIZE in /home/me/.env; change it there." in row.words.text()
    row.show_default()
    assert row.value == 900


def test_a_value_that_cannot_be_is_told_beside_it_and_below(open_dialog: Opener) -> None:
    dialog = open_dialog()
    put(dialog, max_file_mb=0)
    row = dialog.page.rows["max_file_mb"]
    assert row.trouble.text() == "It must be at least 1."
    assert not row.trouble.isHidden()
    assert row.editor.field.accessibleDescription() == "It must be at least 1."
    assert dialog.consequence.text() == f"“{row.info.label}”: It must be at least 1."
    assert not can(dialog, OK)
    put(dialog, max_file_mb=5)
    assert row.trouble.isHidden()
    assert can(dialog, OK)


def test_what_indexes_again_is_said_before_it_happens(open_dialog: Opener) -> None:
    dialog = open_dialog()
    asked: list[Settings] = []
    dialog.cost_wanted.connect(asked.append)
    put(dialog, chunk_overlap=100)
    assert dialog.consequence.text() == (
        "Changes how passages are cut. What that takes is being looked up…"
    )
    assert [settings.chunk_overlap for settings in asked] == [100]
    dialog.show_cost(asked[0], "That takes an hour.")
    assert dialog.consequence.text() == "That takes an hour."
    put(dialog, memory_cap_mb=900, engine="torch")
    assert len({settings.chunk_overlap for settings in asked}) == 1
    dialog.show_cost(asked[-1], "")
    assert dialog.consequence.text() == f"{NOTHING_TO_BUILD} The model is loaded anew."
    put(dialog, chunk_overlap=90)
    dialog.show_cost(asked[0], "That takes an hour.")  # an answer to what is no longer chosen
    assert "being looked up" in dialog.consequence.text()
    assert "A change indexes everything again." in dialog.page.rows["chunk_overlap"].words.text()


def test_an_empty_index_costs_nothing_to_change(open_dialog: Opener) -> None:
    dialog = open_dialog(files=0)
    put(dialog, chunk_overlap=100)
    assert dialog.consequence.text().endswith("so nothing has to be done again.")


def test_a_key_is_not_told_before_its_row_is_there(qtbot: QtBot) -> None:
    dialog = SettingsDialog(LOADED, lambda: 0, lambda: False, lambda provider: None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "provider" in dialog.page.rows)
    assert "rows_per_write" not in dialog.page.rows
    put(dialog, provider="openai")  # by somebody who is faster than the rows
    assert not dialog.keys.isVisible()
    with qtbot.waitSignal(dialog.made, timeout=20_000):
        pass
    assert dialog.keys.isVisible()
    assert not dialog.keys.isWindow()


def test_it_is_said_when_a_change_counts(open_dialog: Opener) -> None:
    dialog = open_dialog(is_running=True)
    put(dialog, memory_cap_mb=900)
    assert dialog.consequence.text() == ""
    put(dialog, engine="torch")
    assert dialog.consequence.text() == (
        "The model is loaded anew when the run that is on has ended."
    )
    put(dialog, max_pages=7, isolation="thread")
    assert "counts from the next one on" in dialog.consequence.text()
    assert "when the program is started again" in dialog.consequence.text()


def test_what_waits_for_the_end_of_a_run_is_said() -> None:
    infos = {info.name: info for info in describe_settings()}
    assert say_waiting([infos["memory_cap_mb"], infos["max_pages"]]) == ""
    waiting = say_waiting([infos["memory_cap_mb"], infos["engine"]])
    assert waiting.endswith("Your change counts when it has ended.")
    assert "the new index is begun" in say_waiting([infos["engine"], infos["chunk_size"]])


def test_apply_tells_what_changed_and_then_there_is_nothing_left(
    open_dialog: Opener, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    dialog.applied.connect(lambda changes: dialog.note_applied(LOADED))
    put(dialog, memory_cap_mb=900, include_hidden=True, skip_folders=("a", "b"))
    with qtbot.waitSignal(dialog.applied) as told:
        qtbot.mouseClick(dialog.buttons.button(APPLY), Qt.MouseButton.LeftButton)
    assert told.args == [{"memory_cap_mb": 900, "include_hidden": True, "skip_folders": ("a", "b")}]
    assert not can(dialog, APPLY)
    assert dialog.isVisible()
    assert dialog.page.rows["memory_cap_mb"].origin == Origin(Source.FILE, "your settings")


def test_what_could_not_be_saved_stays_in_the_dialog_with_the_reason(
    open_dialog: Opener, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    dialog.applied.connect(lambda changes: dialog.show_failure("The disk is full."))
    put(dialog, memory_cap_mb=900)
    qtbot.mouseClick(dialog.buttons.button(OK), Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.consequence.text() == "The disk is full."
    assert dialog.page.edited() == {"memory_cap_mb": 900}


def test_typing_in_the_filter_leaves_what_has_these_words(open_dialog: Opener) -> None:
    dialog = open_dialog()
    dialog.page.filter.setText("warn heap")
    assert shown(dialog) == {"warn_heap_growth_mb"}
    dialog.page.filter.setText("CHUNK_size")
    assert shown(dialog) == {"chunk_size"}
    dialog.page.filter.setText("no such thing")
    assert shown(dialog) == set()
    dialog.page.filter.clear()
    assert "batch_size" in shown(dialog)


def test_the_keyboard_goes_from_the_filter_over_the_groups_to_what_was_found(
    open_dialog: Opener, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    dialog.activateWindow()
    dialog.page.filter.setFocus()
    qtbot.keyClicks(dialog.page.filter, "together")
    row = dialog.page.rows["memory_cap_mb"]
    for widget in (dialog.page.groups, row.editor.field):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is widget
    assert shown(dialog) == {"memory_cap_mb"}
    qtbot.keyClick(dialog.page.groups, Qt.Key.Key_Down)
    assert dialog.page.filter.text() == "", "a group was chosen: all of it is to be seen"


def test_the_keyboard_goes_from_the_engines_to_their_facts_and_on(
    open_dialog: Opener, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    dialog.activateWindow()
    rows = dialog.page.rows
    rows["engine"].editor.field.setFocus()
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget().accessibleName() == "Facts about the engines"
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is rows["model"].editor.field


def test_numbers_begin_where_texts_do(open_dialog: Opener) -> None:
    dialog = open_dialog()
    box = dialog.page.rows["batch_size"].editor.field
    assert isinstance(box, QSpinBox)
    assert box.lineEdit().textMargins().left() == 8


def test_only_the_chosen_service_shows_its_settings(open_dialog: Opener) -> None:
    dialog = open_dialog()
    assert "openai_url" not in shown(dialog)
    put(dialog, provider="openai")
    assert "openai_url" in shown(dialog)
    assert "ollama_url" not in shown(dialog)


def test_a_key_is_told_by_its_place_and_never_by_itself(open_dialog: Opener, qtbot: QtBot) -> None:
    dialog = open_dialog(key=FoundKey(SecretKey("sk-secret"), "the environment"))
    put(dialog, provider="openai")
    qtbot.waitUntil(lambda: "found" in dialog.keys.words.text())
    assert dialog.keys.words.text() == "Its key was found in the environment."
    put(dialog, provider="huggingface")
    assert dialog.keys.isHidden()


def test_the_wheel_changes_no_value_in_passing(open_dialog: Opener, qtbot: QtBot) -> None:
    dialog = open_dialog()
    field = dialog.page.rows["batch_size"].editor.field
    assert field.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert not field.hasFocus()
