"""The About dialog: versions, licences, data folder, and diagnostics, all seen before copied."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, banners, said_by

from vext_desktop import __version__
from vext_desktop.about.releases import ReleaseAnswer
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings
from vext_desktop.window.about_dialog import AboutDialog
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.text_table import TextTable
from vext_desktop.window.update_watch import UpdateWatch


def opened(window: MainWindow) -> AboutDialog:
    window.menus.about.trigger()
    dialog = window.about_flow.dialog
    assert dialog is not None
    return dialog


def test_it_tells_the_version_the_data_folder_and_that_nothing_leaves(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine())
    said = said_by(opened(window))
    assert f"Vext Desktop {__version__}" in said
    assert str(paths.data_dir) in said
    assert "Nothing leaves it" in said
    assert "off by default" in said


def test_with_a_service_it_does_not_say_that_nothing_leaves(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(FakeEngine(), settings=Settings(provider="cohere"))
    said = said_by(opened(window))
    assert "Nothing leaves it" not in said
    assert "online service" in said


def test_versions_of_what_matters_are_listed(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    table = opened(window).findChild(TextTable)
    rows = dict(table.texts())
    assert rows["Vext Desktop"] == __version__
    assert {"Python", "Qt", "PySide6", "onnxruntime", "lancedb"} <= set(rows)


def test_licences_are_listed_with_their_texts(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    dialog = opened(window)
    page = dialog.licences
    dialog.tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() > 20, timeout=20_000)
    (numpy,) = page.list.findItems("numpy", Qt.MatchFlag.MatchExactly)
    page.list.setCurrentItem(numpy)
    assert "NumPy Developers" in page.text.toPlainText()
    dialog.close()


def test_what_is_copied_is_what_is_shown(qtbot: QtBot, open_window: Opener, paths: Paths) -> None:
    window = open_window(FakeEngine())
    dialog = opened(window)
    page = dialog.diagnostics
    dialog.tabs.setCurrentWidget(page)
    assert str(paths.data_dir) not in page.text.toPlainText()
    page.names.setChecked(True)
    assert str(paths.data_dir) in page.text.toPlainText()
    qtbot.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == page.text.toPlainText()
    assert page.copy.text() == "Copied"
    dialog.close()


def test_everything_in_it_has_a_name_for_screen_readers(qtbot: QtBot, open_window: Opener) -> None:
    dialog = opened(open_window(FakeEngine()))
    for widget in (
        dialog.tabs,
        dialog.open_folder,
        dialog.licences.list,
        dialog.licences.text,
        dialog.diagnostics.text,
    ):
        assert widget.accessibleName()
    assert not any(label.text().endswith(":") for label in dialog.findChildren(QLabel))


class Asked:
    """Answers in place of PyPI, and counts."""

    def __init__(self, answer: ReleaseAnswer) -> None:
        self.answer = answer
        self.times = 0

    def __call__(self) -> ReleaseAnswer:
        self.times += 1
        return self.answer


@pytest.fixture
def asked() -> Asked:
    return Asked(ReleaseAnswer("Version 9 is available; this is 1.", "9"))


def watch(settings: Settings, folder: Path, asked: Asked) -> UpdateWatch:
    return UpdateWatch(settings, folder / "record.json", asked)


def test_by_default_nobody_is_asked_and_nothing_is_written(
    qtbot: QtBot, tmp_path: Path, asked: Asked
) -> None:
    updates = watch(Settings(), tmp_path, asked)
    updates.look()
    qtbot.wait(50)
    assert asked.times == 0
    assert not updates._timer.isActive()
    assert list(tmp_path.iterdir()) == []
    assert "off by default" in updates.words


def test_where_it_is_wanted_it_is_asked_once_a_day(
    qtbot: QtBot, tmp_path: Path, asked: Asked
) -> None:
    for _start_of_the_program in range(2):
        updates = watch(Settings(check_for_updates=True), tmp_path, asked)
        updates.look()
        qtbot.waitUntil(lambda: asked.times > 0)
        qtbot.wait(30)
        updates.look()
        qtbot.wait(30)
        updates.stop()
    assert asked.times == 1


def test_a_newer_version_is_a_banner_and_a_line(
    qtbot: QtBot, open_window: Opener, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(FakeEngine(), settings=Settings(check_for_updates=True))
    updates = window.about_flow.updates
    monkeypatch.setattr(updates, "_ask", asked)
    dialog = opened(window)
    updates.look()
    qtbot.waitUntil(lambda: banners(window) == [asked.answer.sentence])
    assert dialog.updates.text() == asked.answer.sentence
    dialog.close()


def test_switching_it_off_forgets_the_answer(qtbot: QtBot, tmp_path: Path, asked: Asked) -> None:
    updates = watch(Settings(check_for_updates=True), tmp_path, asked)
    updates.look()
    qtbot.waitUntil(lambda: updates.words == asked.answer.sentence)
    updates.set_settings(Settings())
    assert "off by default" in updates.words
    assert not updates._timer.isActive()
    updates.look()
    assert asked.times == 1
