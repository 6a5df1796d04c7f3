"""The application around the window: ways in, ways out, and the road of bugs."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.errors import DataFolderBusyError
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.window.app import run_window
from vext_desktop.window.crash_dialog import CrashDialog
from vext_desktop.window.main_window import MainWindow

Actor = Callable[..., "Person"]
LOADED = LoadedSettings(Settings(), ())


class Person(QObject):
    """Waits for something to be on the screen and then does something with it, step by step.

    Args:
        steps: Each gives True once it has been done; it is tried again every 20 ms.
    """

    def __init__(self, *steps: Callable[[], bool]) -> None:
        super().__init__()
        self.left = list(steps)
        self.has_given_up = False
        self._timer = QTimer(self)
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._try)
        self._timer.start()
        self._began = time.monotonic()

    def _try(self) -> None:
        if self.left and self.left[0]():
            self.left.pop(0)
        self.has_given_up = bool(self.left) and time.monotonic() - self._began > 20
        if not self.left or self.has_given_up:
            self._timer.stop()
            close_window()


@pytest.fixture
def act() -> Iterator[Callable[..., Person]]:
    """Let a person act while the window is open; everything must have been done in the end."""
    people: list[Person] = []

    def begin(*steps: Callable[[], bool]) -> Person:
        people.append(Person(*steps))
        return people[-1]

    yield begin
    for person in people:
        person._timer.stop()
        assert person.left == []


def find(kind: type[QWidget]) -> QWidget | None:
    return next(
        (
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, kind) and one.isVisible()
        ),
        None,
    )


def close_window() -> bool:
    window = find(MainWindow)
    if window is not None:
        window.close()
    return window is not None


def is_open() -> bool:
    return find(MainWindow) is not None


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    """A data folder; the application's look is put back after the test."""
    app = QApplication.instance()
    sheet, palette, quits = app.styleSheet(), app.palette(), app.quitOnLastWindowClosed()
    yield Paths(tmp_path / "data")
    app.setStyleSheet(sheet)
    app.setPalette(palette)
    app.setQuitOnLastWindowClosed(quits)


def test_the_window_opens_works_and_closes_with_0(paths: Paths, tmp_path: Path, act: Actor) -> None:
    engine = FakeEngine()
    act(is_open, lambda: bool(engine.requests), lambda: "Done" in words_of(find(MainWindow)))
    assert run_window(LOADED, paths, [tmp_path], FakeEngineBuilder(engine)) == 0
    assert engine.requests[0].paths == (tmp_path,)
    assert engine.calls[-1] == "close"
    assert (paths.logs / "vext-desktop.log").exists()


def test_what_qts_own_dialogs_note_is_noted_in_the_data_folder(paths: Paths, act: Actor) -> None:
    act(is_open)
    run_window(LOADED, paths, (), FakeEngineBuilder(FakeEngine()))
    notes = QSettings(QSettings.Scope.UserScope, "QtProject")
    if sys.platform == "linux":  # elsewhere the system's own dialogs are used
        assert Path(notes.fileName()).is_relative_to(paths.data_dir)


def words_of(window: MainWindow) -> str:
    return window.panes.progress._detail.text()


def test_a_data_folder_in_use_is_a_message_and_exit_code_1(paths: Paths, act: Actor) -> None:
    engine = FakeEngine()
    engine.open_error = DataFolderBusyError("Another window uses it.", "Use that one.")
    seen: list[str] = []

    def press_ok() -> bool:
        box = find(QMessageBox)
        if box is None:
            return False
        seen.extend((box.text(), box.informativeText()))
        box.buttons()[0].click()
        return True

    act(press_ok)
    assert run_window(LOADED, paths, (), FakeEngineBuilder(engine)) == 1
    assert seen == ["Another window uses it.", "Use that one."]


def test_a_repaired_data_folder_is_opened_in_a_new_window_with_the_settings_of_now(
    paths: Paths, act: Actor
) -> None:
    engine = FakeEngine()
    read_again: list[LoadedSettings] = []

    def end_repair() -> bool:
        window = find(MainWindow)
        if window is None or not window.menus.look_again.isEnabled():
            return False
        window.folder_flows.reopening_wanted.emit()
        return True

    def load_again() -> LoadedSettings:
        read_again.append(LOADED)
        return LOADED

    act(end_repair, lambda: engine.calls.count("open") == 2)
    builder = FakeEngineBuilder(engine)
    assert run_window(LOADED, paths, (), builder, load_again=load_again) == 0
    assert len(read_again) == 1
    assert engine.calls.count("open") == 2


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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_in_the_terminal_closes_the_window(paths: Paths) -> None:
    engine = FakeEngine()

    def interrupt() -> bool:
        if "status" not in engine.calls:
            return False
        os.kill(os.getpid(), signal.SIGINT)
        return True

    # It has a second step, which is never done: the window is not closed by this person.
    person = Person(interrupt, lambda: False)
    handler = signal.getsignal(signal.SIGINT)
    assert run_window(LOADED, paths, (), FakeEngineBuilder(engine)) == 0
    person._timer.stop()
    assert not person.has_given_up
    assert engine.calls[-1] == "close"
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_hooks_of_before_are_back_afterwards(paths: Paths, act: Actor) -> None:
    before = (sys.excepthook, threading.excepthook)
    act(is_open)
    run_window(LOADED, paths, (), FakeEngineBuilder(FakeEngine()))
    assert (sys.excepthook, threading.excepthook) == before


def test_nothing_heavy_is_imported_before_the_first_painting() -> None:
    program = (
        "import sys\n"
        "import vext_desktop.window.app\n"
        "heavy = {'lancedb', 'pyarrow', 'torch', 'sentence_transformers', 'pyqtgraph', 'lxml',"
        " 'pypdfium2', 'vext_desktop.engine'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "[]"


def test_the_import_hook_of_pyside_is_gone() -> None:
    program = "import builtins\nimport vext_desktop.window\nprint(builtins.__import__.__name__)\n"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() != "__feature_import__"
