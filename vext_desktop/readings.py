"""What memory readings look like: the words shared by probes, events, plots and reports."""

from dataclasses import dataclass
from enum import StrEnum


class ProcessRole(StrEnum):
    """Which of our processes a reading speaks of."""

    WINDOW = "window"
    ENGINE = "engine"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """What one process held at one moment.

    A field that this system cannot tell is None, never a guess and never 0.

    Attributes:
        role: The process's part in the program.
        pid: Its process number.
        rss_bytes: Resident memory, as the system counts it.
        heap_bytes: What Python's own allocator has given to live objects.
        native_bytes: What native libraries have allocated and not freed (malloc and own
            mappings), which Python's collector cannot see.
        held_bytes: What the allocator keeps although nothing uses it: what a cleanup can
            give back. Costly to measure, so only readings taken for a decision carry it.
    """

    role: ProcessRole
    pid: int
    rss_bytes: int
    heap_bytes: int | None = None
    native_bytes: int | None = None
    held_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ProgramReading:
    """What all our processes held at one moment.

    Attributes:
        at_s: Seconds on the monotonic clock of the process that took the reading.
        processes: One reading for each process alive at that moment.
    """

    at_s: float
    processes: tuple[MemoryReading, ...]

    @property
    def rss_bytes(self) -> int:
        """Resident memory of all processes together (shared pages counted in each)."""
        return sum(process.rss_bytes for process in self.processes)

    @property
    def heap_bytes(self) -> int | None:
        """Live Python objects of all processes; None where no process can tell."""
        return _sum_known([process.heap_bytes for process in self.processes])

    @property
    def native_bytes(self) -> int | None:
        """Live native allocations of all processes; None where no process can tell."""
        return _sum_known([process.native_bytes for process in self.processes])

    @property
    def held_bytes(self) -> int | None:
        """What the allocators hold for nobody; None where no process can tell."""
        return _sum_known([process.held_bytes for process in self.processes])

    def of(self, role: ProcessRole) -> MemoryReading | None:
        """The reading of one process, or None when it is not running."""
        return next((process for process in self.processes if process.role is role), None)


class CleanupAction(StrEnum):
    """What was done to get memory back."""

    FREE_MEMORY = "free_memory"
    RELOAD_MODEL = "reload_model"


@dataclass(frozen=True, slots=True)
class CleanupReceipt:
    """What a cleanup or a reload really gave back.

    Attributes:
        action: What was done.
        trigger: Who asked: "you", "budget", "pressure" or "retry".
        before: All processes just before.
        after: All processes just after.
        seconds: How long it took.
        promised_bytes: What was said beforehand that it could return, where that was known.
    """

    action: CleanupAction
    trigger: str
    before: ProgramReading
    after: ProgramReading
    seconds: float
    promised_bytes: int | None = None

    @property
    def returned_bytes(self) -> int:
        """Bytes given back to the system: the fall of RSS, 0 when it did not fall."""
        return max(0, self.before.rss_bytes - self.after.rss_bytes)

    @property
    def sentence(self) -> str:
        """The receipt in one sentence, also when it is "nothing"."""
        what = {
            CleanupAction.FREE_MEMORY: "Free memory",
            CleanupAction.RELOAD_MODEL: "Reload model",
        }[self.action]
        given = format_bytes(self.returned_bytes) if self.returned_bytes else "nothing"
        return f"{what} gave back {given} in {format_seconds(self.seconds)}."


def format_bytes(count: int) -> str:
    """A number of bytes for people, in decimal units as file managers show them."""
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    if count < 1_000_000_000:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e9:.1f} GB"


def format_seconds(seconds: float) -> str:
    """A duration for people."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _sum_known(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
