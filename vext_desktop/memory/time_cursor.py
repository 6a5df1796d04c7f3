"""A place on the time line that goes from mark to mark and from sample to sample. No Qt."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from vext_desktop.memory.curves import TOTAL, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory

KINDS: tuple[EventKind, ...] = tuple(EventKind)


class TimeCursor:
    """Where somebody who explores a history stands.

    Args:
        history: What is explored; it may grow meanwhile.

    Attributes:
        time_s: Seconds since the origin of the history; None before the first move.
        mark: The mark that it stands on, if it stands on one.
        kind: The kind of mark that it goes to; None for every kind.
    """

    def __init__(self, history: MemoryHistory) -> None:
        self._history = history
        self.time_s: float | None = None
        self.mark: EventMark | None = None
        self.kind: EventKind | None = None

    def put(self, time_s: float, mark: EventMark | None = None) -> None:
        """Stand at a moment, or on a mark of that moment."""
        self.time_s, self.mark = time_s, mark

    def go_to_mark(self, *, forward: bool) -> EventMark | None:
        """Go to the next mark of the kind, or the one before; None, and no move, at the end."""
        tracks = [self._marks_beyond(kind, forward=forward) for kind in self._kinds()]
        marks = [mark for mark in tracks if mark is not None]
        if not marks:
            return None
        nearest = min(marks, key=_place) if forward else max(marks, key=_place)
        self.put(self._history.time_of(nearest), nearest)
        return nearest

    def go_to_last_mark(self, *, forward: bool) -> EventMark | None:
        """Go to the last mark of the kind, or to the first; None where there is none."""
        tracks = [self._history.marks(kind) for kind in self._kinds()]
        marks = [marks[-1 if forward else 0] for marks in tracks if marks]
        if not marks:
            return None
        last = max(marks, key=_place) if forward else min(marks, key=_place)
        self.put(self._history.time_of(last), last)
        return last

    def go_to_sample(self, *, forward: bool) -> float | None:
        """Go to the next sample, or the one before; None, and no move, at the end."""
        times = self._history.curves.times_s
        if not len(times):
            return None
        here = float(times[-1]) + 1 if self.time_s is None else self.time_s
        row = int(np.searchsorted(times, here, side="right" if forward else "left"))
        row -= 0 if forward else 1
        if not 0 <= row < len(times):
            return None
        self.put(float(times[row]))
        return self.time_s

    def go_to_peak(self, start_s: float, end_s: float) -> float | None:
        """Go to the highest RSS of all processes between two moments; None where there is none."""
        times = self._history.curves.times_s
        first, last = np.searchsorted(times, (start_s, end_s))
        values = self._history.curves.values_mb(Measure.RSS, TOTAL)[first : int(last) + 1]
        if not np.isfinite(values).any():
            return None
        self.put(float(times[int(first) + int(np.nanargmax(values))]))
        return self.time_s

    def choose_kind(self, step: int) -> EventKind | None:
        """Choose the next kind that has marks, or the one before (-1); None is every kind."""
        kinds = [None, *(kind for kind in KINDS if self._history.marks(kind))]
        here = kinds.index(self.kind) if self.kind in kinds else 0
        self.kind = kinds[(here + step) % len(kinds)]
        return self.kind

    def count(self) -> int:
        """How many marks of the chosen kind there are."""
        return sum(len(self._history.marks(kind)) for kind in self._kinds())

    def _kinds(self) -> Sequence[EventKind]:
        return KINDS if self.kind is None else (self.kind,)

    def _marks_beyond(self, kind: EventKind, *, forward: bool) -> EventMark | None:
        """The mark of one kind that comes next; before the first move, the last one is next."""
        marks = self._history.marks(kind)
        if self.mark is not None:
            here = _place(self.mark)
        elif self.time_s is not None:
            here = (self.time_s + self._history.origin_s, len(KINDS) if forward else -1)
        else:
            return marks[-1] if marks and not forward else None
        if forward:
            index = bisect_right(marks, here, key=_place)
            return marks[index] if index < len(marks) else None
        index = bisect_left(marks, here, key=_place)
        return marks[index - 1] if index else None


def _place(mark: EventMark) -> tuple[float, int]:
    """Marks of one moment (a batch, and the pause after it) have an order too."""
    return mark.at_s, KINDS.index(mark.kind)
