"""The whole window over a fake engine: opened, looked at, pressed and closed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, SettingNotice, Settings
from vext_desktop.window.main_window import MainWindow

Opener = Callable[..., MainWindow]


@contextmanager
def opened_windows(qtbot: QtBot, paths: Paths) -> Iterator[Opener]:
    """What opens windows over this data folder; all of them are closed and joined at the end."""
    opened: list[MainWindow] = []

    def begin(
        engine: FakeEngine,
        *,
        settings: Settings | None = None,
        wait: bool = True,
        index_paths: tuple[Path, ...] = (),
        notices: tuple[SettingNotice, ...] = (),
    ) -> MainWindow:
        loaded = LoadedSettings(settings or Settings(), notices)
        window = MainWindow(loaded, paths, FakeEngineBuilder(engine), index_paths)
        opened.append(window)
        with qtbot.waitSignal(window.first_painted):
            window.show()
        refreshed = _Refreshed(window)
        window.start()
        if wait:
            qtbot.waitUntil(lambda: refreshed.is_heard)
        return window

    yield begin
    for window in opened:
        close(qtbot, window)
        window.deleteLater()


class _Refreshed(QObject):
    """Hears on the window's thread, after the window itself, how the index stands."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.is_heard = False
        window.engine_thread.worker.status_refreshed.connect(self._on_refreshed)

    @Slot()
    def _on_refreshed(self) -> None:
        self.is_heard = True


def close(qtbot: QtBot, window: MainWindow) -> None:
    """Close the window and wait until everything it started has ended."""
    if window.engine_thread.is_running:
        with qtbot.waitSignal(window.closed):
            window.close()
    assert window.join()


def said_by(widget: QWidget) -> str:
    """What stands on all labels within a widget."""
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def shown_words(window: MainWindow) -> str:
    """Everything that the progress strip says."""
    return said_by(window.panes.progress)


def banners(window: MainWindow) -> list[str]:
    """What the banners say, without their hints."""
    return [notice.what for notice in window.panes.banners.notices]


def button(window: MainWindow, words: str) -> QPushButton:
    """The visible button that begins with these words."""
    found = [
        one
        for one in window.findChildren(QPushButton)
        if one.text().replace("&", "").startswith(words) and one.isVisible()
    ]
    assert len(found) == 1, f"{len(found)} buttons say {words}"
    return found[0]
