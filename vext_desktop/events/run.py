"""What a run of indexing tells, step by step, and the family of all its events."""

from dataclasses import dataclass
from enum import StrEnum

from vext_desktop.events.accidents import IndexMended, RoomShort
from vext_desktop.events.processes import (
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    ChildStarting,
    CleanupFinished,
    MemoryJudged,
    MemoryPictured,
    MemoryWarned,
)
from vext_desktop.events.rebuilds import IndexSwapped, RebuildHeld
from vext_desktop.events.services import SendingAsked, ServiceAwaited
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import ProgramReading


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has begun.

    Attributes:
        run_id: The run's number in the ledger.
        roots: The folders and files it was asked for.
        rebuild: What it builds beside the index that serves, for people; "" if nothing.
        is_update: Whether nobody asked for it: something has changed in watched folders.
    """

    run_id: int
    roots: tuple[str, ...]
    rebuild: str = ""
    is_update: bool = False


@dataclass(frozen=True, slots=True)
class ScanProgressed:
    """Some more entries of the folders have been looked at."""

    files_found: int
    bytes_found: int


@dataclass(frozen=True, slots=True)
class ScanFinished:
    """All folders have been looked at; what is to do is known.

    Attributes:
        files_found: Files met in the folders.
        files_waiting: Files that will be read now.
        bytes_waiting: Their size.
        files_unchanged: Files that are in the index as they are.
        files_removed: Files that are gone, and whose passages were removed.
        files_set_aside: Files that will not be read, each with its reason in the ledger.
        chunks_estimated: How many chunks the waiting files will give, by size and kind.
    """

    files_found: int
    files_waiting: int
    bytes_waiting: int
    files_unchanged: int
    files_removed: int
    files_set_aside: int
    chunks_estimated: int


@dataclass(frozen=True, slots=True)
class FileStarted:
    """A file is being read."""

    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileFinished:
    """A file has come to its end, well or not; `reason` is a sentence."""

    path: str
    outcome: Outcome
    reason: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; bytes are those of the files that were waiting."""

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    chunks_done: int
    seconds: float

    @property
    def chunks_per_second(self) -> float:
        """Rate since the first batch began."""
        return self.chunks_done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the bytes done; None before anything is known."""
        if self.bytes_done <= 0 or self.seconds <= 0:
            return None
        return max(0, self.bytes_total - self.bytes_done) * self.seconds / self.bytes_done


@dataclass(frozen=True, slots=True)
class BatchFinished:
    """A batch has been embedded.

    Attributes:
        number: Counts from 1 in each run.
        size: Texts in it.
        files: Paths of the files its texts came from.
        seconds: What embedding took.
        pause_s: The delay that pacing asks the driver to keep before the next step.
        reading: All processes after the batch.
        truncated_tokens: Tokens that the model did not read; 0 unless the chunker erred.
        progress: How far the run is.
    """

    number: int
    size: int
    files: tuple[str, ...]
    seconds: float
    pause_s: float
    reading: ProgramReading
    truncated_tokens: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class BatchRetried:
    """A batch failed and is tried again, whole or halved."""

    number: int
    attempt: int
    size: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChunkSetAside:
    """The model cannot process one chunk; the rest of its file goes on."""

    path: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class GroupWritten:
    """A group of rows is safe in the store."""

    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StoreMaintaining:
    """The store is being compacted in the background."""


@dataclass(frozen=True, slots=True)
class StoreMaintained:
    """The store was compacted and its text index brought up to date."""

    seconds: float


class RunEnd(StrEnum):
    """How a run came to its end."""

    FINISHED = "finished"
    STOPPED = "stopped"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class RunHalted:
    """The run cannot go on by itself; it goes on from here when asked again."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run has ended; the same summary is in the ledger and in the JSON of `index`.

    Attributes:
        run_id: The run's number in the ledger.
        end: How it ended.
        summary: Plain JSON values, as DESIGN's promise for `index --json` spells them.
    """

    run_id: int
    end: RunEnd
    summary: dict[str, object]


IndexEvent = (
    RunStarted
    | ScanProgressed
    | ScanFinished
    | FileStarted
    | FileFinished
    | BatchFinished
    | BatchRetried
    | ChunkSetAside
    | MemoryWarned
    | MemoryJudged
    | MemoryPictured
    | CleanupFinished
    | BatchSizeChanged
    | ChildStarting
    | ChildStarted
    | ChildDied
    | GroupWritten
    | StoreMaintaining
    | StoreMaintained
    | IndexSwapped
    | RebuildHeld
    | IndexMended
    | RoomShort
    | ServiceAwaited
    | SendingAsked
    | RunHalted
    | RunFinished
)
