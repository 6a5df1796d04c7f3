"""Walks through the program's window and keeps a picture of each stop; see `take_screenshots.py`.

python packaging/screenshot_tour.py FOLDER light|dark EMPTY_HOME
"""

import shutil
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from vext_desktop.paths import Paths
from vext_desktop.settings.sources import load_settings
from vext_desktop.window.app import run_window
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.theme import read_palette
from vext_desktop.window.welcome_flow import samples_folder

# The size that AppStream asks for: 16:9, and small enough to be read in a software centre.
SIZE = (1248, 702)
DETAILS_SIZE = (1520, 855)
PALETTE_SIZE, FREQUENT = 256, 128
QUESTION = "dessert for somebody who avoids gluten"
STEP_LIMIT_S = 120.0
POLL_MS = 50
# For layouts and paintings to settle, and for the plots to have something to show.
SETTLE_S, WATCH_S = 0.6, 8.0

Waits = Generator[Callable[[], bool], None, None]


class Tour(QObject):
    """Goes on whenever what the present stop waits for has happened.

    Args:
        folder: Where the pictures go.
        scheme: "light" or "dark", which is part of their names.
        documents: What is indexed: a folder of folders.
    """

    def __init__(self, folder: Path, scheme: str, documents: Path) -> None:
        super().__init__()
        self._documents = documents
        self._folder = folder
        self._scheme = scheme
        self.failure = ""
        self._steps = self._walk()
        self._has_come: Callable[[], bool] = lambda: _find_window() is not None
        self._deadline = time.monotonic() + STEP_LIMIT_S
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    @property
    def _window(self) -> MainWindow:
        window = _find_window()
        if window is None:
            raise LookupError("the window has gone")
        return window

    def _on_tick(self) -> None:
        try:
            if self._has_come():
                self._has_come = next(self._steps)
                self._deadline = time.monotonic() + STEP_LIMIT_S
            elif time.monotonic() > self._deadline:
                self._end(f"nothing came of it: {self._has_come}")
        except StopIteration:
            self._end("")
        except Exception as error:  # noqa: BLE001 - told by the exit code
            self._end(repr(error))

    def _end(self, failure: str) -> None:
        self.failure = failure
        self._timer.stop()
        self._window.close()

    def _walk(self) -> Waits:
        window = self._window
        panes = window.panes
        window.resize(*SIZE)
        self._colour()
        yield lambda: "Nothing indexed yet" in _said_by(panes.progress)
        yield _after(SETTLE_S)
        if self._scheme == "light":
            self._keep("welcome")
        for folder in sorted(path for path in self._documents.iterdir() if path.is_dir()):
            window.control.index([folder])
        window.welcome_flow.begin_to_fill()
        yield lambda: not window.control.is_running and len(panes.library.roots) > 3
        panes.search.set_query(QUESTION)
        yield lambda: panes.results.chosen_hit() is not None
        yield _after(SETTLE_S)
        self._keep("search")
        if self._scheme == "dark":
            return  # one picture is enough to see that there is a dark window
        window.resize(*DETAILS_SIZE)
        window.menus.show_memory.trigger()
        yield _after(WATCH_S)
        window.menus.reload_model.trigger()
        yield _after(WATCH_S)
        window.menus.free_memory.trigger()
        yield _after(WATCH_S)
        self._keep("memory")

    def _colour(self) -> None:
        """What `Theme` does when the system says so; a bare X server has nothing to say."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            sheet = app.styleSheet()
            app.setStyleSheet("")
            app.setPalette(read_palette(self._scheme))
            app.setStyleSheet(sheet)

    def _keep(self, name: str) -> None:
        picture = _with_few_colours(self._window.grab().toImage())
        if not picture.save(str(self._folder / f"{name}-{self._scheme}.png"), quality=0):
            raise OSError(f"the picture {name} could not be written")


def _said_by(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def _with_few_colours(picture: QImage) -> QImage:
    """The same in 256 colours: a third of the bytes, and no change that one sees."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    colours = colours[np.argsort(counts)[::-1]]
    parts = np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.int32)
    # The most frequent ones, and then always the one that is farthest from all before it: small
    # signs in the plots keep their colours.
    picked = [*range(min(FREQUENT, len(colours)))]
    away = ((parts[:, None] - parts[None, picked]) ** 2).sum(axis=2).min(axis=1)
    while len(picked) < min(PALETTE_SIZE, len(colours)):
        farthest = int(away.argmax())
        picked.append(farthest)
        away = np.minimum(away, ((parts - parts[farthest]) ** 2).sum(axis=1))
    chosen = colours[picked]
    return plain.convertToFormat(
        QImage.Format.Format_Indexed8,
        [int(colour) for colour in chosen],
        Qt.ImageConversionFlag.ThresholdDither,
    )


def _after(seconds: float) -> Callable[[], bool]:
    moment = time.monotonic() + seconds
    return lambda: time.monotonic() >= moment


def _find_window() -> MainWindow | None:
    found = (one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    return next((window for window in found if window.isVisible()), None)


def main() -> int:
    """Start the program, walk through it; returns the exit code."""
    folder, scheme, home = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    documents = home / "Documents"
    shutil.copytree(samples_folder(), documents)  # so that the pictures show a path like yours
    QApplication(sys.argv[:1])
    tour = Tour(folder, scheme, documents)
    code = run_window(
        load_settings(environment={}), Paths(home / ".local" / "share" / "vext-desktop")
    )
    if tour.failure:
        print(f"error: {tour.failure}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
