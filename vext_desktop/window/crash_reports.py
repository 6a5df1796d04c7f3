"""The road of bugs: an exception nobody expected is written down and shown, once, on any thread.

An exception in a slot calls `sys.excepthook` in the thread of that slot, so the dialog is reached
by a signal. What ends the process without Python's doing (a fault in a library) is written by
`faulthandler` into the same file, which is offered at the next start; so is what a run had in
hand that was ended from outside.
"""

import contextlib
import faulthandler
import logging
import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

import PySide6
from PySide6.QtCore import QCoreApplication, QObject, Signal

from vext_desktop import __version__
from vext_desktop.memory.last_moments import take_last_moments

log = logging.getLogger("vext.window")

MAX_LOG_CHARACTERS = 100_000
_CUT_OFF = (
    "It wrote nothing about a mistake of its own, so it was ended from outside in the middle of "
    "a run: by the system because memory ran out, by somebody, or by a power cut.\n\n"
)


class CrashReporter(QObject):
    """Catches what nobody caught, for as long as the window lives.

    Args:
        crash_log: Where reports are kept until somebody has seen them.
        last_moments: What a run had in hand that broke off; it completes the report.
        parent: The owner.
    """

    crash_happened = Signal(str)
    """The report of a bug, as text."""

    def __init__(self, crash_log: Path, last_moments: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._crash_log = crash_log
        self._last_moments = last_moments
        self._file: TextIO | None = None
        self._hooks = (sys.excepthook, threading.excepthook)

    def install(self) -> str:
        """Begin to catch; returns what the last session left behind, empty if it ended well."""
        left = _read_left(self._crash_log)
        moments = take_last_moments(self._last_moments)
        if moments:
            moments = f"{'' if left else _CUT_OFF}{moments}"
            left = f"{left}\n\n{moments}".strip()
        # Where it cannot be written, reports are shown and not kept.
        with contextlib.suppress(OSError):
            self._begin_file(moments)
        self._hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        return left

    def _begin_file(self, moments: str) -> None:
        self._crash_log.parent.mkdir(parents=True, exist_ok=True)
        # Nothing is cut off: a second window on this folder comes here too before it is refused,
        # and what the first wrote, or will write, stays until somebody has seen it.
        self._file = self._crash_log.open("a", encoding="utf-8", errors="backslashreplace")
        faulthandler.enable(self._file)
        if moments:
            self._file.write(f"\n{moments}\n")
            self._file.flush()

    def remove(self) -> None:
        """Stop catching; the hooks of before are back."""
        sys.excepthook, threading.excepthook = self._hooks
        faulthandler.disable()
        if self._file is not None:
            with contextlib.suppress(OSError):  # what a full disk did not take
                self._file.close()
            self._file = None

    def forget(self) -> None:
        """The user has seen the reports: do not offer them at the next start."""
        if self._file is not None:
            self._file.truncate(0)

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            # Ctrl+C in the terminal that started us: an ordinary end.
            QCoreApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("Nobody expected this:\n%s", text)
        report = _describe_program(threading.current_thread().name) + text
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk must not hide what happened
                self._file.write(report + "\n")
                self._file.flush()
        self.crash_happened.emit(report)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _describe_program(thread: str) -> str:
    return (
        f"Vext Desktop {__version__}, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, {platform.platform()}, thread {thread}\n\n"
    )


def _read_left(crash_log: Path) -> str:
    try:
        text = crash_log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text[-MAX_LOG_CHARACTERS:].strip()
