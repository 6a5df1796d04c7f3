"""Work that takes long and needs no attention: on a thread of its own, asked whether it is done."""

import threading
import time
from collections.abc import Callable


class Upkeep:
    """One piece of work on a thread that its owner waits for, as long as it likes.

    The thread is a daemon: a program that ends does not wait for it, so the work must be one
    that may be cut off at any moment.

    Args:
        work: What to do.
        name: Of the thread.
        is_quiet: Whether it asks that nothing is written meanwhile.
    """

    def __init__(self, work: Callable[[], None], name: str, *, is_quiet: bool = False) -> None:
        self.is_quiet = is_quiet
        self._began_s = time.monotonic()
        self._work = work
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long ago it was begun, in seconds."""
        return time.monotonic() - self._began_s

    def is_done(self, wait_s: float | None) -> bool:
        """Whether the work has come to its end, after waiting for it; None waits for the end.

        Raises:
            Exception: What the work raised.
        """
        self._thread.join(wait_s)
        if self._thread.is_alive():
            return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - handed to whoever asks
            self._error = error
