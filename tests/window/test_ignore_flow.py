"""Leaving something out: its effect is shown while one types, and counts when it is confirmed."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from vext_desktop.index.ignore_preview import IgnorePreview
from vext_desktop.settings.info import describe_settings
from vext_desktop.window.ignore_dialog import IgnoreDialog, Preview
from vext_desktop.window.run_sentences import say_count
from vext_desktop.window.setting_editors import PatternsEditor, create_editor

Maker = Callable[..., IgnoreDialog]


@pytest.fixture
def make(qtbot: QtBot) -> Maker:
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)

    def preview(lines: tuple[str, ...]) -> Preview:
        yield IgnorePreview(500, 3, (), is_complete=False)
        number = 812 if "*.log" in lines else 0
        examples = (("/docs", "a.log"), ("/docs", "b.log")) if number else ()
        yield IgnorePreview(3400, number, examples, is_complete=True)

    def make(lines: tuple[str, ...] = ()) -> IgnoreDialog:
        dialog = IgnoreDialog("Reports", lines, preview, parent)
        dialog.open()
        return dialog

    return make


def test_what_would_be_left_out_is_said_while_one_types(qtbot: QtBot, make: Maker) -> None:
    dialog = make()
    none = f"Would leave out none of {say_count(3400, 'file')}"
    qtbot.waitUntil(lambda: dialog.words.text() == none)
    dialog.text.setPlainText("*.log")
    qtbot.waitUntil(lambda: dialog.words.text().startswith("Would leave out 812 of"))
    shown = [dialog.examples.item(row).text() for row in range(dialog.examples.count())]
    assert shown == ["a.log", "b.log", "and 810 more"]
    dialog.reject()


def test_what_is_no_pattern_cannot_be_chosen(qtbot: QtBot, make: Maker) -> None:
    dialog = make(("!",))
    assert dialog.trouble.text() == "This is no pattern: !"
    assert not dialog.save.isEnabled()
    dialog.text.setPlainText("!keep")
    assert dialog.save.isEnabled()
    dialog.reject()


def test_the_lines_are_told_when_they_are_chosen(qtbot: QtBot, make: Maker) -> None:
    dialog = make(("*.log",))
    chosen: list[object] = []
    dialog.chosen.connect(chosen.append)
    dialog.text.appendPlainText("\ndrafts/\n")
    dialog.save.click()
    assert chosen == [("*.log", "drafts/")]


def test_closing_ends_the_look(qtbot: QtBot, make: Maker) -> None:
    ended: list[bool] = []

    def endless(lines: tuple[str, ...]) -> Preview:
        try:
            while True:
                yield IgnorePreview(1, 0, (), is_complete=False)
        finally:
            ended.append(True)

    dialog = make()
    dialog._preview = endless
    dialog._begin()
    qtbot.waitUntil(lambda: "so far" in dialog.words.text())
    dialog.reject()
    assert ended == [True]


def test_the_setting_has_a_button_to_try_its_patterns(qtbot: QtBot) -> None:
    info = next(one for one in describe_settings() if one.name == "ignore_patterns")
    editor = create_editor(info)
    qtbot.addWidget(editor)
    assert isinstance(editor, PatternsEditor)
    asked: list[object] = []
    editor.preview_requested.connect(asked.append)
    editor.button.click()
    assert asked == [editor]
