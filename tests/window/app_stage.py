"""The whole application as `run_window` starts it, and a person who acts while it is open."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from vext_desktop.settings import LoadedSettings, Settings
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


@contextmanager
def acting_people() -> Iterator[Actor]:
    """What lets people act while the window is open; in the end all must have been done."""
    people: list[Person] = []

    def begin(*steps: Callable[[], bool]) -> Person:
        people.append(Person(*steps))
        return people[-1]

    yield begin
    for person in people:
        person._timer.stop()
        assert person.left == []


@contextmanager
def kept_look() -> Iterator[None]:
    """The application's look is put back at the end."""
    app = QApplication.instance()
    sheet, palette, quits = app.styleSheet(), app.palette(), app.quitOnLastWindowClosed()
    yield
    app.setStyleSheet(sheet)
    app.setPalette(palette)
    app.setQuitOnLastWindowClosed(quits)


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


def words_of(window: MainWindow) -> str:
    return window.panes.progress._detail.text()
