"""What is kept of a run: its samples, events, pictures and figures, as values. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, get_args

from vext_desktop.events import (
    BatchRetried,
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    ChunkSetAside,
    CleanupFinished,
    MemoryJudged,
    MemoryWarned,
    RunHalted,
    StoreMaintained,
)
from vext_desktop.readings import ProgramBands, ProgramReading

if TYPE_CHECKING:
    from vext_desktop.memory.history import MemoryHistory  # with numpy

# Events that are few in a sound run, and each of which somebody may ask about later.
NotableEvent = (
    BatchRetried
    | BatchSizeChanged
    | ChildDied
    | ChildStarted
    | ChunkSetAside
    | CleanupFinished
    | MemoryJudged
    | MemoryWarned
    | RunHalted
    | StoreMaintained
)
NOTABLE_EVENTS: tuple[type[NotableEvent], ...] = get_args(NotableEvent)
Notable = TypeVar("Notable", bound=NotableEvent)


class RunKind(StrEnum):
    """What kind of run a record tells of."""

    INDEX = "index"
    MEMORY_TEST = "memory_test"

    @property
    def label(self) -> str:
        """Its name for people."""
        return {RunKind.INDEX: "Indexing", RunKind.MEMORY_TEST: "Memory test"}[self]


@dataclass(frozen=True, slots=True)
class RunHeading:
    """What a list shows of a recorded run.

    Attributes:
        record_id: Names the record: "run-000012", "memory-test-20260131-120000-4711".
        kind: What kind of run it was.
        run_id: Its number in the ledger; 0 for a memory test, which has none.
        started_at: In s since 1970.
        ended_at: The same; None while it runs, or if the program was ended in its middle.
        end: A word of `events.RunEnd`; "" while `ended_at` is None.
        roots: What it was asked for.
        batches: Batches so far.
        chunks: Texts embedded so far.
        seconds: From its start to the last event.
        chunks_per_second: Since the first batch.
        peak_rss_bytes: Highest RSS by process and of "total".
        verdict: "steady", "growing" or "unknown".
        message: The verdict in a sentence.
    """

    record_id: str
    kind: RunKind
    run_id: int
    started_at: float
    ended_at: float | None = None
    end: str = ""
    roots: tuple[str, ...] = ()
    batches: int = 0
    chunks: int = 0
    seconds: float = 0.0
    chunks_per_second: float = 0.0
    peak_rss_bytes: Mapping[str, int] = field(default_factory=dict)
    verdict: str = "unknown"
    message: str = ""

    @property
    def title(self) -> str:
        """The run's name for people."""
        return f"Run {self.run_id}" if self.kind is RunKind.INDEX else self.kind.label


@dataclass(frozen=True, slots=True)
class RunContext:
    """Under which conditions a run was made.

    Attributes:
        settings: Settings that matter for memory and speed; never a key or a password.
        versions: Of the program and what it stands on, by name.
        machine: Cores, memory and the like, by name.
        budget_bytes: What all processes together might hold at its start.
        soft_bytes: Above it indexing slowed down.
        budget_owner: Where the budget came from, in words.
    """

    settings: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, int | str] = field(default_factory=dict)
    budget_bytes: int | None = None
    soft_bytes: int | None = None
    budget_owner: str = ""


@dataclass(frozen=True, slots=True)
class NotedEvent:
    """A notable event with its moment (monotonic clock, as the samples), batch and file."""

    at_s: float
    batch: int
    path: str
    event: NotableEvent


@dataclass(frozen=True, slots=True)
class NotedReading:
    """A whole reading, with what the allocators count, after a batch."""

    batch: int
    reading: ProgramReading


@dataclass(frozen=True, slots=True)
class NotedPicture:
    """The owner bands of all processes after a batch."""

    batch: int
    bands: ProgramBands


@dataclass(frozen=True, slots=True)
class RunTimeline:
    """All that is kept of a run, however long it was.

    Attributes:
        heading: Its name and main figures.
        context: Its conditions.
        summary: What `RunFinished` said; empty if it never came to that. Long lists are cut.
        outcomes: How many files came to which outcome.
        history: Samples after each batch, and marks of events.
        events: Notable events, oldest first; of each kind the first and the latest.
        left_out: How many events of a kind were not kept, by the name of the event.
        readings: Some whole readings, evenly spread.
        pictures: Owner bands, evenly spread; none where this system cannot tell them.
        is_redacted: Whether paths, names and texts were taken out.
    """

    heading: RunHeading
    context: RunContext
    summary: Mapping[str, object]
    outcomes: Mapping[str, int]
    history: "MemoryHistory"
    events: tuple[NotedEvent, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    readings: tuple[NotedReading, ...] = ()
    pictures: tuple[NotedPicture, ...] = ()
    is_redacted: bool = False

    def of(self, kind: type[Notable]) -> list[tuple[NotedEvent, Notable]]:
        """The notable events of one kind that were kept, oldest first."""
        return [(noted, noted.event) for noted in self.events if isinstance(noted.event, kind)]

    @property
    def verdict(self) -> Mapping[str, object]:
        """The verdict of its summary; empty if it never came to that."""
        found = self.summary.get("verdict")
        return found if isinstance(found, dict) else {}
