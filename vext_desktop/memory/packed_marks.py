"""Marks as rows of a table whose room is taken at once; words are made when they are read. No Qt.

An object with its numbers and its sentence takes 270 bytes, a row 24 and two pointers: what a run
keeps of its batches and files grew by 80 kB with every 100 batches, and looked like a leak.
"""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from vext_desktop.memory.curves import Floats
from vext_desktop.memory.event_marks import EventKind, EventMark

Rows = NDArray[np.void]

_NUMBERS = np.dtype([("at_s", "f8"), ("seconds", "f8"), ("batch", "i4"), ("texts", "i4")])


class MarkTrack:
    """The marks of one kind: the newest all, older ones every so many, in bounded memory.

    Args:
        kind: What all of them are.
        recent: Newest marks, all kept.
        old: Older marks kept at most; when they are more, every second one goes.
    """

    def __init__(self, kind: EventKind, recent: int = 512, old: int = 512) -> None:
        self._kind = kind
        self._recent = recent
        self._old_limit = old
        self._numbers: Rows = np.zeros(0, _NUMBERS)  # most kinds never come
        self._paths: list[str] = []
        self._told: list[str] = []
        self._old = 0
        self._stride = 1
        self._passed = 0

    def add(self, mark: EventMark) -> None:
        """Keep a mark; the oldest of the recent ones becomes old."""
        if not len(self._numbers):
            self._numbers = np.zeros(self._recent + self._old_limit + 1, _NUMBERS)
        self._numbers[len(self._paths)] = (mark.at_s, mark.seconds, mark.batch, mark.texts)
        self._paths.append(mark.path)
        self._told.append(mark.told)
        if len(self._paths) - self._old <= self._recent:
            return
        if self._passed % self._stride == 0:
            self._old += 1
        else:
            self._drop(slice(self._old, self._old + 1))
        self._passed += 1
        if self._old > self._old_limit:
            self._drop(slice(1, self._old, 2))
            self._old = (self._old + 1) // 2
            self._stride *= 2

    def marks(self) -> "Marks":
        """What is kept, oldest first; good until the next `add`."""
        return Marks(self._kind, self._numbers[: len(self._paths)], self._paths, self._told)

    def _drop(self, rows: slice) -> None:
        kept = np.delete(self._numbers[: len(self._paths)], rows)
        self._numbers[: len(kept)] = kept
        del self._paths[rows]
        del self._told[rows]


class Marks(Sequence[EventMark]):
    """Marks of one kind, oldest first; each is made when it is asked for.

    Args:
        kind: What all of them are.
        numbers: A row for each.
        paths: As many.
        told: As many.
    """

    def __init__(
        self, kind: EventKind, numbers: Rows, paths: Sequence[str], told: Sequence[str]
    ) -> None:
        self._kind = kind
        self._numbers = numbers
        self._paths = paths
        self._told = told

    @property
    def moments_s(self) -> Floats:
        """When each was made, on the monotonic clock."""
        moments: Floats = self._numbers["at_s"]
        return moments

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> EventMark: ...
    @overload
    def __getitem__(self, place: slice) -> "Marks": ...
    def __getitem__(self, place: int | slice) -> "EventMark | Marks":
        if isinstance(place, slice):
            words = self._paths[place], self._told[place]
            return Marks(self._kind, self._numbers[place], *words)
        at_s, seconds, batch, texts = self._numbers[place].item()
        path, told = self._paths[place], self._told[place]
        return EventMark(self._kind, at_s, told, batch, path, seconds, texts)

    def __iter__(self) -> Iterator[EventMark]:
        return self.chosen(range(len(self)))

    def __reversed__(self) -> Iterator[EventMark]:
        return self.chosen(range(len(self) - 1, -1, -1))

    def chosen(self, places: Sequence[int]) -> Iterator[EventMark]:
        """Some of them; quicker than one by one."""
        rows = self._numbers[places].tolist()
        for place, (at_s, seconds, batch, texts) in zip(places, rows, strict=True):
            path, told = self._paths[place], self._told[place]
            yield EventMark(self._kind, at_s, told, batch, path, seconds, texts)
