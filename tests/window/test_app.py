"""The application around the window: ways in and ways out."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_stage import LOADED, Actor, Person, find, is_open, kept_look, words_of
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.errors import DataFolderBusyError
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings
from vext_desktop.window.app import run_window
from vext_desktop.window.handing_over import CAN_HAND_OVER
from vext_desktop.window.main_window import MainWindow


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    """A data folder; the application's look is put back after the test."""
    with kept_look():
        yield Paths(tmp_path / "data")


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
    assert seen[0] == "Another window uses it."
    assert ("a command in a terminal" in seen[1]) is CAN_HAND_OVER


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
