"""Every window test: no display, nothing left running, no forgotten window."""

import os
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from app_stage import Actor, acting_people
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from window_stage import Opener, opened_windows

from vext_desktop.paths import Paths


def pytest_configure(config: pytest.Config) -> None:
    """Pass over what only the offscreen platform says: no window manager obeys it anyway."""
    for what in ("propagateSizeHints", r"raise\(\)"):
        config.addinivalue_line("qt_log_ignore", f"This plugin does not support {what}")


def _where() -> str:
    """The line of our code that called what is being recorded."""
    own = [frame for frame in traceback.extract_stack() if "vext_desktop" in frame.filename]
    frame = (own or traceback.extract_stack()[:-2])[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"


@pytest.fixture(autouse=True)
def nothing_left_behind(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread, a timer or a top-level window behind, and name it."""
    threads: list[tuple[QThread, str]] = []
    timers: list[tuple[QTimer, str]] = []
    start_thread, start_timer = QThread.start, QTimer.start

    def recorded_thread_start(thread: QThread, *arguments: object) -> None:
        threads.append((thread, _where()))
        start_thread(thread, *arguments)

    def recorded_timer_start(timer: QTimer, *arguments: object) -> None:
        # A shot that ends by itself within a second is not worth a report.
        if not timer.isSingleShot() or (arguments or (timer.interval(),))[0] > 1000:
            timers.append((timer, _where()))
        start_timer(timer, *arguments)

    monkeypatch.setattr(QThread, "start", recorded_thread_start)
    monkeypatch.setattr(QTimer, "start", recorded_timer_start)
    before = set(QApplication.topLevelWidgets())
    yield
    left = [f"QThread started at {at}" for it, at in threads if isValid(it) and it.isRunning()]
    windows = [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget not in before and _shown(widget)
    ]
    left += [f"window {type(widget).__name__} '{widget.windowTitle()}'" for widget in windows]
    # Timers of a shown window end with it; what counts is a timer without one.
    left += [
        f"QTimer started at {at}"
        for it, at in timers
        if isValid(it) and it.isActive() and not _belongs_to_window(it)
    ]
    for widget in windows:
        widget.close()
        widget.deleteLater()
    for thread, _at in threads:
        if isValid(thread) and thread.isRunning():
            thread.quit()
            thread.wait(2000)
    _forget_stand_ins()
    assert not left, "left behind: " + "; ".join(left)


def _forget_stand_ins() -> None:
    """Python makes an object for each Qt thread that asks who it is, and never drops it."""
    for number, thread in list(threading._active.items()):
        if isinstance(thread, threading._DummyThread):
            del threading._active[number]


def _shown(widget: QWidget) -> bool:
    return widget.isVisible() and widget.parent() is None


def _belongs_to_window(timer: QTimer) -> bool:
    owner = timer.parent()
    while owner is not None:
        if isinstance(owner, QWidget):
            return True
        owner = owner.parent()
    return False


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A data folder of the test's own."""
    paths = Paths(tmp_path / "data")
    paths.create()
    return paths


@pytest.fixture
def open_window(qtbot: QtBot, paths: Paths) -> Iterator[Opener]:
    """Open the window over a fake engine; it is closed and joined after the test."""
    with opened_windows(qtbot, paths) as begin:
        yield begin


@pytest.fixture
def act() -> Iterator[Actor]:
    """Let a person act while the window is open."""
    with acting_people() as begin:
        yield begin
