"""What a run tells of our processes: their memory, their starts and their ends."""

from dataclasses import dataclass
from enum import StrEnum

from vext_desktop.readings import Band, CleanupReceipt, ProcessRole, ProgramBands, ProgramReading


class WarningKind(StrEnum):
    """The three warnings that the ancestor's write-up asks for."""

    RSS_OVER_LIMIT = "rss_over_limit"
    NATIVE_GROWTH = "native_growth"
    HEAP_GROWTH = "heap_growth"


@dataclass(frozen=True, slots=True)
class MemoryWarned:
    """A reading crossed one of the warning lines.

    Attributes:
        kind: Which line.
        measured_bytes: What was measured.
        limit_bytes: The line.
        batch: Number of the batch at which it happened.
        path: The file in hand.
        message: All of it in a sentence.
    """

    kind: WarningKind
    measured_bytes: int
    limit_bytes: int
    batch: int
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class MemoryJudged:
    """What the leak verdict is by now.

    Attributes:
        verdict: "steady", "growing" or "unknown".
        message: Why, in a sentence; for "growing" it names process, owner and since when.
        role: The process that grows; None unless something does.
        owner: The band that grows in it.
        since_batch: The batch at which the growth began.
        batches_left: After how many more batches the limit will be met; None if not growing.
    """

    verdict: str
    message: str
    role: ProcessRole | None = None
    owner: Band | None = None
    since_batch: int | None = None
    batches_left: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryPictured:
    """The owner bands of all processes have been taken, between two batches."""

    bands: ProgramBands
    batch: int


@dataclass(frozen=True, slots=True)
class CleanupFinished:
    """Memory was freed, or the model reloaded or unloaded; the receipt says what came of it."""

    receipt: CleanupReceipt


@dataclass(frozen=True, slots=True)
class BatchSizeChanged:
    """Memory stayed over the budget, so batches shrink; or it is calm, and they grow back."""

    size: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChildStarting:
    """A child process is getting ready; `seconds` since it was started.

    `note` says what it does besides loading, if anything.
    """

    role: ProcessRole
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChildStarted:
    """A child process is ready; `note` says what is not as it was asked for, if anything.

    `fresh_rss_bytes` is what it held then, where it was measured; `works_on` says what computes,
    and on what, for people.
    """

    role: ProcessRole
    pid: int
    seconds: float
    note: str = ""
    fresh_rss_bytes: int | None = None
    works_on: str = ""


@dataclass(frozen=True, slots=True)
class ChildDied:
    """A child process ended, or hung and was ended.

    Attributes:
        role: Which one.
        cause: Signal, exit code or time limit, in words.
        last_rss_bytes: Its last known resident memory; None when it was never read.
        batch: The batch in hand; 0 before the first.
        files: The files in hand.
        log_tail: The last lines it wrote.
        last_readings: Its readings in its last seconds, oldest first, each with it alone.
    """

    role: ProcessRole
    cause: str
    last_rss_bytes: int | None
    batch: int
    files: tuple[str, ...]
    log_tail: str
    last_readings: tuple[ProgramReading, ...] = ()
