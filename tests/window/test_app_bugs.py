"""The road of bugs: whatever thread they happen on, one dialog shows them, and the crash log."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_stage import LOADED, Actor, find, is_open, kept_look
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.paths import Paths
from vext_desktop.window.app import run_window
from vext_desktop.window.crash_dialog import CrashDialog


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    """A data folder; the application's look is put back after the test."""
    with kept_look():
        yield Paths(tmp_path / "data")


@pytest.mark.usefixtures("expected_warnings")
@pytest.mark.parametrize("where", ["main thread", "engine thread", "plain thread"])
def test_a_bug_on_any_thread_reaches_the_dialog_and_the_crash_log(
    paths: Paths, where: str, tmp_path: Path, act: Actor
) -> None:
    engine = FakeEngine()
    if where == "engine thread":
        engine.step_error = ZeroDivisionError("the bug")
    reports: list[str] = []
    logged: list[str] = []

    def provoke() -> bool:
        if not is_open() or "status" not in engine.calls:
            return False
        if where == "main thread":
            QTimer.singleShot(0, fail)
        elif where == "plain thread":
            thread = threading.Thread(target=fail)
            thread.start()
            thread.join()
        return True

    def read() -> bool:
        dialog = find(CrashDialog)
        if dialog is None:
            return False
        assert threading.current_thread() is threading.main_thread()
        logged.append(paths.crash_log.read_text())
        dialog.copy_button.click()
        reports.append(QGuiApplication.clipboard().text())
        dialog.close()
        return True

    act(provoke, read)
    assert run_window(LOADED, paths, [tmp_path], FakeEngineBuilder(engine)) == 0
    assert "ZeroDivisionError: the bug" in reports[0]
    assert "Vext Desktop 0." in reports[0]
    assert "ZeroDivisionError: the bug" in logged[0]
    # It was seen, so it is not offered again.
    assert paths.crash_log.read_text() == ""


def fail() -> None:
    raise ZeroDivisionError("the bug")


@pytest.mark.usefixtures("expected_warnings")
def test_many_bugs_are_one_dialog(paths: Paths, act: Actor) -> None:
    engine = FakeEngine()
    texts: list[str] = []

    def provoke() -> bool:
        if "status" not in engine.calls:
            return False
        for _ in range(3):
            QTimer.singleShot(0, fail)
        return True

    def count() -> bool:
        dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, CrashDialog)]
        if not dialogs or dialogs[0]._report.toPlainText().count("the bug") < 3:
            return False
        texts.extend(dialog._report.toPlainText() for dialog in dialogs)
        dialogs[0].close()
        return True

    act(provoke, count)
    run_window(LOADED, paths, (), FakeEngineBuilder(engine))
    assert len(texts) == 1


def test_what_broke_last_time_is_offered_at_the_next_start(paths: Paths, act: Actor) -> None:
    paths.create()
    paths.crash_log.write_text("Fatal Python error: Segmentation fault\n")
    shown: list[str] = []

    def read() -> bool:
        dialog = find(CrashDialog)
        if dialog is None:
            return False
        shown.append(dialog._report.toPlainText())
        dialog.close()
        return True

    act(read)
    run_window(LOADED, paths, (), FakeEngineBuilder(FakeEngine()))
    assert shown == ["Fatal Python error: Segmentation fault"]


def test_a_session_that_ends_well_leaves_nothing_to_offer(paths: Paths, act: Actor) -> None:
    act(is_open)
    run_window(LOADED, paths, (), FakeEngineBuilder(FakeEngine()))
    assert paths.crash_log.read_text() == ""
