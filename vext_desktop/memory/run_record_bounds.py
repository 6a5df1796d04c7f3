"""Lists that stay short however much is put into them: by thinning, or by leaving out a middle."""

from collections import deque
from collections.abc import Iterable
from itertools import chain
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class ThinnedList(Generic[Kept]):
    """Keeps one of every so many things, evenly spread, and always the newest.

    Args:
        most: Things kept at most, the newest apart; when they are more, every second one goes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[Kept] = []
        self._newest: Kept | None = None
        self._stride = 1
        self._passed = 0

    def add(self, thing: Kept) -> None:
        """Take a thing; it is the newest."""
        self._newest = thing
        if self._passed % self._stride == 0:
            self._kept.append(thing)
            self._newest = None
        self._passed += 1
        if len(self._kept) > self._most:
            del self._kept[1::2]
            self._stride *= 2

    def all(self) -> tuple[Kept, ...]:
        """What is kept, oldest first."""
        return (*self._kept, *([] if self._newest is None else [self._newest]))


class EdgeList(Generic[Kept]):
    """Keeps the first and the newest things, and counts those between.

    Args:
        first: How many of the first.
        newest: How many of the newest.
    """

    def __init__(self, first: int, newest: int) -> None:
        self._first_limit = first
        self._first: list[Kept] = []
        self._newest: deque[Kept] = deque(maxlen=newest)
        self.left_out = 0

    def add(self, thing: Kept) -> None:
        """Take a thing; the oldest of the newest ones may go for it."""
        if len(self._first) < self._first_limit:
            self._first.append(thing)
            return
        self.left_out += len(self._newest) == self._newest.maxlen
        self._newest.append(thing)

    def all(self) -> Iterable[Kept]:
        """What is kept, oldest first."""
        return chain(self._first, self._newest)
