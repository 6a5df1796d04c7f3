"""Logging: loggers are subjects ("vext.index", "vext.memory"), the file lies in the data folder."""

import contextlib
import faulthandler
import logging
import logging.handlers
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
MAX_LOG_BYTES = 2_000_000
KEPT_LOGS = 3


class _PatientFileHandler(logging.handlers.RotatingFileHandler):
    """Drops what a full disk does not take; logging would print a traceback for each line."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - of logging
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        """Close the file, also if its last lines do not fit."""
        with contextlib.suppress(OSError):
            super().close()


def start_logging(log_file: Path, *, debug: bool = False) -> logging.Handler:
    """Send all our loggers to a rotating file; returns the handler for `stop_logging`.

    Where no file can be written, nothing is kept: the program works without.
    """
    handler: logging.Handler
    try:
        handler = _PatientFileHandler(
            log_file, maxBytes=MAX_LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    root = logging.getLogger("vext")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Undo `start_logging`."""
    logging.getLogger("vext").removeHandler(handler)
    handler.close()


@contextmanager
def faults_logged(crash_log: Path) -> Iterator[None]:
    """Let a fault in native code leave its traces in the crash log, after what is there already.

    Where somebody else listens for faults (a debugger, a test), they go on doing so.
    """
    if faulthandler.is_enabled():
        yield
        return
    with contextlib.ExitStack() as undo:
        with contextlib.suppress(OSError):  # without it the program works all the same
            faulthandler.enable(undo.enter_context(crash_log.open("a", encoding="utf-8")))
            undo.callback(faulthandler.disable)
        yield
