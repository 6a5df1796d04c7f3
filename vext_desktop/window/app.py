"""The application around the window: style, crash reports, the way in and the way out."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMessageBox

from vext_desktop import __version__
from vext_desktop.errors import DataFolderBusyError
from vext_desktop.logs import start_logging, stop_logging
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings
from vext_desktop.window.crash_dialog import HAPPENED_LAST_TIME, HAPPENED_NOW, CrashDialog
from vext_desktop.window.crash_reports import CrashReporter
from vext_desktop.window.garbage import MainThreadCollector
from vext_desktop.window.handing_over import CAN_HAND_OVER, HandOverServer, hand_over
from vext_desktop.window.icons import load_app_icon
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.start_log import StartLog
from vext_desktop.window.theme import Theme

if TYPE_CHECKING:
    from vext_desktop.engine import Engine
    from vext_desktop.window.engine_worker import EngineBuilder

log = logging.getLogger("vext.window")

EXIT_FAILURE = 1
# Twice what closing may take; then something hangs that must not keep the program alive.
CLOSING_LIMIT_MS = 10_000
_NO_WINDOW_HINT = (
    "No window answers there, so it is probably a command in a terminal, such as an indexing run. "
    "Start the window again when that has ended, or choose another folder with --data-dir. "
    "Searching in a terminal is possible meanwhile."
)
# How long another thread that computes in Python may go on while the main thread waits for its
# turn; Python's own 5 ms come again at each call from Qt, of which a painted table has hundreds.
TURN_S = 0.001


def run_window(
    settings_loaded: LoadedSettings,
    paths: Paths,
    index_paths: Sequence[Path] = (),
    build_engine: "EngineBuilder | None" = None,
    load_again: Callable[[], LoadedSettings] | None = None,
) -> int:
    """Show the window until it is closed.

    Args:
        settings_loaded: The settings in force, and what is wrong with others.
        paths: The data folder.
        index_paths: Folders and files to index at once.
        build_engine: Makes the engine, on its thread; the real one if None.
        load_again: Reads the settings anew, for a window that is opened again after the data
            folder was repaired or restored.

    Returns:
        The exit code: 0, also when a window that is open has taken over; 1 when the data folder
        is in use otherwise.
    """
    if hand_over(paths, index_paths):
        return 0
    paths.create()
    handler = start_logging(paths.logs / "vext-desktop.log")
    # Qt's own file dialog notes which folders were visited, on Linux in ~/.config otherwise.
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(paths.data_dir))
    app = _create_application()
    reporter = CrashReporter(paths.crash_log, paths.last_moments)
    left = reporter.install()
    collector = MainThreadCollector(app)
    has_ended = True
    try:
        while True:
            build = build_engine or _engine_builder(settings_loaded, paths, collector)
            window = MainWindow(settings_loaded, paths, build, index_paths)
            StartLog(window)
            session = WindowSession(app, window, reporter, paths, index_paths)
            try:
                with _signals_close(window):
                    session.begin(left)
                    app.exec()
            finally:
                has_ended = session.end()
            if not session.is_to_reopen or not has_ended:
                return session.exit_code
            left, index_paths = "", ()
            settings_loaded = load_again() if load_again else settings_loaded
    finally:
        collector.close()
        reporter.remove()
        stop_logging(handler)
        if not has_ended:
            # A thread that cannot be joined would crash the process when Qt deletes it.
            os._exit(EXIT_FAILURE)


class WindowSession(QObject):
    """What happens around the window from its first painting to the last thread's end.

    Args:
        app: The application.
        window: Shown by `begin`.
        reporter: Whose reports are shown.
        paths: The data folder.
        index_paths: What this start was given, for a window that turns out to be open already.
    """

    def __init__(
        self,
        app: QApplication,
        window: MainWindow,
        reporter: CrashReporter,
        paths: Paths,
        index_paths: Sequence[Path],
    ) -> None:
        super().__init__()
        self._paths = paths
        self._index_paths = index_paths
        self._server = HandOverServer(paths, self)
        self._server.received.connect(self._on_handed_over)
        self.exit_code = 0
        self.is_to_reopen = False
        self._app = app
        self._window = window
        self._reporter = reporter
        self._dialog: CrashDialog | None = None
        self._left = ""
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.setInterval(CLOSING_LIMIT_MS)
        reporter.crash_happened.connect(self._on_crash_happened)
        window.first_painted.connect(self._on_first_painted)
        window.refused.connect(self._on_refused)
        window.folder_flows.reopening_wanted.connect(self._on_reopening_wanted)
        window.closing_begun.connect(self._deadline.start)
        window.closing_begun.connect(self._server.close)
        # Now the data folder is ours, and nobody else may listen for it.
        window.engine_thread.worker.engine_opened.connect(self._server.listen)
        window.closed.connect(app.quit)
        self._deadline.timeout.connect(app.quit)

    def begin(self, left: str) -> None:
        """Show the window; the engine is opened once it has been painted.

        Args:
            left: What the last session wrote down before it broke; empty if it ended well.
        """
        self._left = left
        self._window.show()

    def end(self) -> bool:
        """Close what is still open and join the threads; False if one has not ended."""
        self._deadline.stop()
        self._window.close()
        self._server.close()
        has_ended = self._window.join()
        if has_ended:
            self._window.deleteLater()
        return has_ended

    @Slot()
    def _on_first_painted(self) -> None:
        self._window.start()
        if self._left:
            self._show(HAPPENED_LAST_TIME, self._left)

    @Slot(str)
    def _on_crash_happened(self, report: str) -> None:
        if self._dialog is not None:
            self._dialog.add_report(report)
        else:
            self._show(HAPPENED_NOW, report)

    def _show(self, words: str, report: str) -> None:
        self._dialog = CrashDialog(words, report, self._window)
        self._dialog.seen.connect(self._on_report_seen)
        self._dialog.show()

    @Slot()
    def _on_report_seen(self) -> None:
        self._reporter.forget()
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    @Slot()
    def _on_reopening_wanted(self) -> None:
        """The data folder is another one now: a new window is opened when this one has ended."""
        self.is_to_reopen = True
        self._window.close()

    @Slot(object)
    def _on_handed_over(self, files: tuple[Path, ...]) -> None:
        """Somebody started the program once more: this is the window they want to see."""
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        if files:
            self._window.index_flow.add(files)

    @Slot(object)
    def _on_refused(self, error: DataFolderBusyError) -> None:
        if hand_over(self._paths, self._index_paths):  # it was just being opened before
            self._window.close()
            return
        self.exit_code = EXIT_FAILURE
        box = QMessageBox(self._window)
        box.setWindowTitle("Vext Desktop")
        box.setIcon(QMessageBox.Icon.Information)
        box.setText(error.message)
        box.setInformativeText(_NO_WINDOW_HINT if CAN_HAND_OVER else error.hint)
        box.finished.connect(self._window.close)
        box.open()


def _create_application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Vext Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("vext-desktop")
    app.setWindowIcon(load_app_icon())
    # The window disappears at once, while its threads still have some steps to take.
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(TURN_S)
    Theme(app).apply()
    return app


def _engine_builder(
    loaded: LoadedSettings, paths: Paths, collector: MainThreadCollector
) -> "EngineBuilder":
    def build(cancelled: threading.Event) -> "Engine":
        # Here, on the engine's thread: the window is on the screen before this is imported.
        from vext_desktop.engine import Engine  # noqa: PLC0415

        return Engine(loaded.settings, paths, cancelled=cancelled, collect=collector.collect)

    return build


@contextmanager
def _signals_close(window: MainWindow) -> Iterator[None]:
    """Let Ctrl+C in the terminal, and the system's request to end, close the window."""

    def close(_number: int, _frame: FrameType | None) -> None:
        window.close()

    # Python looks for signals only between its own instructions: the freeze meter's ticks see
    # to it that there are some.
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, close) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
