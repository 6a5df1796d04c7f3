"""Ctrl-C during a run: the first asks for a clean stop, the second ends everything at once."""

import signal
import threading
from types import FrameType
from typing import Any, Self

from vext_desktop.cli.output import say


class InterruptWatch:
    """A context in which Ctrl-C (SIGINT) stops a run.

    Attributes:
        stopped: Set by the first Ctrl-C: the run ends after the batch in hand.
        cancelled: Set by the second: whatever is waited for is given up.
    """

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.cancelled = threading.Event()
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self.stopped.is_set():
            self.cancelled.set()
            raise KeyboardInterrupt
        self.stopped.set()
        say("Stopping after the batch in hand. Press Ctrl-C once more to stop at once.")
