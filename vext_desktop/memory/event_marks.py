"""Marks of events on the memory plots: what they say, and how many are kept. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath


class EventKind(StrEnum):
    """What a mark on the plots stands for."""

    BATCH = "batch"
    FILE_START = "file_start"
    PAUSE = "pause"
    CLEANUP = "cleanup"
    RELOAD = "reload"
    PROCESS_START = "process_start"
    WARNING = "warning"
    VERDICT = "verdict"
    CRASH = "crash"


# What the symbols on the plots say; batches and files are ticks.
MARK_NAMES = {
    EventKind.CLEANUP: "memory freed",
    EventKind.RELOAD: "model reloaded or unloaded",
    EventKind.PROCESS_START: "process ready",
    EventKind.PAUSE: "slowed down",
    EventKind.WARNING: "warning",
    EventKind.VERDICT: "growth ended",
    EventKind.CRASH: "crash",
}


@dataclass(frozen=True, slots=True)
class EventMark:
    """One event on the time line.

    Attributes:
        kind: What it was.
        at_s: When, on the monotonic clock; for a batch its end.
        sentence: What happened, in a sentence.
        batch: Number of the batch in hand; 0 before the first.
        path: The file in hand; empty where there was none.
        seconds: How long it had taken at `at_s`.
    """

    kind: EventKind
    at_s: float
    sentence: str
    batch: int = 0
    path: str = ""
    seconds: float = 0.0


class MarkTrack:
    """The marks of one kind: the newest all, older ones every so many, in bounded memory.

    Args:
        recent: Newest marks, all kept.
        old: Older marks kept at most; when they are more, every second one goes.
    """

    def __init__(self, recent: int = 512, old: int = 512) -> None:
        self._recent = recent
        self._old_limit = old
        self._marks: list[EventMark] = []
        self._old = 0
        self._stride = 1
        self._passed = 0

    def add(self, mark: EventMark) -> None:
        """Keep a mark; the oldest of the recent ones becomes old."""
        self._marks.append(mark)
        if len(self._marks) - self._old <= self._recent:
            return
        if self._passed % self._stride == 0:
            self._old += 1
        else:
            del self._marks[self._old]
        self._passed += 1
        if self._old > self._old_limit:
            self._marks[: self._old] = self._marks[: self._old : 2]
            self._old = (self._old + 1) // 2
            self._stride *= 2

    def marks(self) -> Sequence[EventMark]:
        """What is kept, oldest first; not to be changed."""
        return self._marks


def describe_file(path: str) -> str:
    """A file for people: its name and the folder it lies in."""
    parts = PurePath(path)
    return f"{parts.name} in {parts.parent.name}" if parts.parent.name else parts.name


def describe_moment(seconds: float) -> str:
    """A time since the start for people: 45 s, 3 min 12 s, 2 h 5 min."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
