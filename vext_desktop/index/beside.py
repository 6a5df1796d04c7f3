"""Asks one thing on another thread while the asking one does something else."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Beside:
    """Keeps a thread for questions to LanceDB, which leaves Python's lock while it works.

    For one thread. A question has always come to its end when the `with` that asks it is left,
    also by an error. So whatever is asked has one user at a time: the thread beside it within
    the `with`, and the asking one, which may not touch it there, before and after.
    """

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """End the thread; harmless a second time."""
        if self._threads is not None:
            self._threads.shutdown()
        self._threads = None

    @contextmanager
    def asking(self, ask: Callable[[], T]) -> Iterator[Callable[[], T]]:
        """Begin to ask; what is given waits for the answer, or raises what asking raised."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, "vext-store-beside")
        asked = self._threads.submit(ask)
        try:
            yield asked.result
        finally:
            wait([asked])
