"""Logging: loggers are subjects ("vext.index", "vext.memory"), the file lies in the data folder."""

import faulthandler
import logging
import logging.handlers
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
MAX_LOG_BYTES = 2_000_000
KEPT_LOGS = 3


def start_logging(log_file: Path, *, debug: bool = False) -> logging.Handler:
    """Send all our loggers to a rotating file; returns the handler for `stop_logging`."""
    handler = logging.handlers.RotatingFileHandler(
        log_file, maxBytes=MAX_LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8"
    )
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
    with crash_log.open("a", encoding="utf-8") as file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
