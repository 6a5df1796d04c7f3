"""Marks of events on the memory plots, and what they say. No Qt."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from vext_desktop.readings import format_seconds


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
        told: What happened, in a sentence; "" where its figures say all of it.
        batch: Number of the batch in hand; 0 before the first.
        path: The file in hand; empty where there was none.
        seconds: How long it had taken at `at_s`.
        texts: How many texts a batch had; 0 where only its sentence knows.
    """

    kind: EventKind
    at_s: float
    told: str
    batch: int = 0
    path: str = ""
    seconds: float = 0.0
    texts: int = field(default=0, compare=False)

    @property
    def sentence(self) -> str:
        """What happened, in a sentence."""
        if self.told:
            return self.told
        if self.kind is EventKind.FILE_START:
            return f"Reading began: {describe_file(self.path)}."
        done = f": {self.texts} texts in" if self.texts else " took"
        return f"Batch {self.batch}{done} {format_seconds(self.seconds)}."


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
