"""What memory readings look like: the words shared by probes, events, plots and reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vext_desktop.owners import Band, ProcessRole

__all__ = [
    "AllocatorCounters",
    "Band",
    "CleanupAction",
    "CleanupReceipt",
    "MemoryReading",
    "OwnerBands",
    "ProcessRole",
    "ProgramBands",
    "ProgramReading",
    "format_bytes",
    "format_seconds",
]


@dataclass(frozen=True, slots=True)
class AllocatorCounters:
    """What the allocators of one process count themselves, in bytes; all cheap to read.

    Attributes:
        blocks_bytes: malloc: allocated and not freed, inside its arenas.
        mapped_bytes: malloc: large blocks, each in a mapping of its own.
        arenas_bytes: malloc: address space of its arenas, used or not.
        arrow_bytes: Arrow's pool: given out and not got back.
        python_arenas_bytes: pymalloc: its arenas, used or not; None where it cannot be asked.
    """

    blocks_bytes: int
    mapped_bytes: int
    arenas_bytes: int
    arrow_bytes: int = 0
    python_arenas_bytes: int | None = None


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
        counters: What the allocators count, of which `native_bytes` is the sum of what is in
            use; the owner bands are made with them. None where the system has no such counts.
    """

    role: ProcessRole
    pid: int
    rss_bytes: int
    heap_bytes: int | None = None
    native_bytes: int | None = None
    held_bytes: int | None = None
    counters: AllocatorCounters | None = None


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


@dataclass(frozen=True, slots=True)
class OwnerBands:
    """The resident memory of one process by owner, at one moment.

    Attributes:
        role: The process's part in the program.
        pid: Its process number.
        rss_bytes: Resident memory, as the sum over all its mappings.
        bands: Bytes of each band that this system can tell apart; they sum to `rss_bytes`.
        libraries: The band LIBRARIES by family ("torch", "Qt", "Arrow", ...), where it is told.
    """

    role: ProcessRole
    pid: int
    rss_bytes: int
    bands: Mapping[Band, int]
    libraries: Mapping[str, int] = field(default_factory=dict)

    @property
    def explained_share(self) -> float:
        """The share of resident memory that has an owner, 0 to 1."""
        unexplained = abs(self.bands.get(Band.UNEXPLAINED, 0))
        return 1 - unexplained / self.rss_bytes if self.rss_bytes else 1.0


@dataclass(frozen=True, slots=True)
class ProgramBands:
    """The owner bands of all our processes at one moment: the full picture.

    Attributes:
        at_s: Seconds on the monotonic clock when the picture was complete.
        processes: One for each process alive at that moment.
        seconds: What taking the picture cost.
    """

    at_s: float
    processes: tuple[OwnerBands, ...]
    seconds: float = 0.0

    @property
    def rss_bytes(self) -> int:
        """Resident memory of all processes together."""
        return sum(process.rss_bytes for process in self.processes)

    @property
    def bands(self) -> dict[Band, int]:
        """The bands of all processes together, in the order of `Band`; absent ones are absent."""
        present = [band for band in Band if any(band in each.bands for each in self.processes)]
        return {
            band: sum(process.bands.get(band, 0) for process in self.processes) for band in present
        }

    @property
    def explained_share(self) -> float:
        """The share of all resident memory that has an owner, 0 to 1."""
        unexplained = sum(abs(each.bands.get(Band.UNEXPLAINED, 0)) for each in self.processes)
        return 1 - unexplained / self.rss_bytes if self.rss_bytes else 1.0

    def of(self, role: ProcessRole) -> OwnerBands | None:
        """The bands of one process, or None when it is not in the picture."""
        return next((process for process in self.processes if process.role is role), None)


class CleanupAction(StrEnum):
    """What was done to get memory back."""

    FREE_MEMORY = "free_memory"
    RELOAD_MODEL = "reload_model"
    UNLOAD_MODEL = "unload_model"


@dataclass(frozen=True, slots=True)
class CleanupReceipt:
    """What a cleanup or a reload really gave back.

    Attributes:
        action: What was done.
        trigger: Who asked: "you", "budget", "pressure", "retry", "idle" or "run_end".
        before: All processes just before.
        after: All processes just after.
        seconds: How long it took.
        promised_bytes: What was said beforehand that it could return, where that was known.
        bands_before: The owner bands just before, where they were taken.
        bands_after: The owner bands just after, where they were taken.
        unused_s: How long nobody had used the model, where that is why it was unloaded.
    """

    action: CleanupAction
    trigger: str
    before: ProgramReading
    after: ProgramReading
    seconds: float
    promised_bytes: int | None = None
    bands_before: ProgramBands | None = None
    bands_after: ProgramBands | None = None
    unused_s: float | None = None

    @property
    def returned_bytes(self) -> int:
        """Bytes given back to the system: the fall of RSS, 0 when it did not fall."""
        return max(0, self.before.rss_bytes - self.after.rss_bytes)

    @property
    def largest_gain(self) -> tuple[ProcessRole, Band, int] | None:
        """Which band of which process gave back most, and how many bytes; None if none did."""
        if self.bands_before is None or self.bands_after is None:
            return None
        gains = [
            (process.role, band, held - after.bands.get(band, 0))
            for process in self.bands_before.processes
            if (after := self.bands_after.of(process.role)) and after.pid == process.pid
            for band, held in process.bands.items()
            if band is not Band.UNEXPLAINED
        ]
        found = max(gains, key=lambda gain: gain[2], default=None)
        return found if found and found[2] > 0 else None

    @property
    def sentence(self) -> str:
        """The receipt in one sentence, also when it is "nothing"."""
        given = format_bytes(self.returned_bytes) if self.returned_bytes else "nothing"
        if self.action is CleanupAction.UNLOAD_MODEL and self.trigger in _UNLOAD_WHY:
            unused = f"{format_seconds(self.unused_s)} " if self.unused_s is not None else ""
            why = _UNLOAD_WHY[self.trigger].format(unused=unused)
            return f"Model unloaded after {why}: {given} given back."
        done = f"{_ACTION_WORDS[self.action]} gave back {given} in {format_seconds(self.seconds)}"
        is_worth_more = self.returned_bytes >= _WORTH_A_DETAIL_BYTES
        detail = self._exchange() or self._gain() if is_worth_more else ""
        return f"{done}: {detail}." if detail else f"{done}."

    def _exchange(self) -> str:
        """How one engine process was traded for another; empty if it was not."""
        old, new = self.before.of(ProcessRole.ENGINE), self.after.of(ProcessRole.ENGINE)
        if old is None or new is None or old.pid == new.pid:
            return ""
        freed, taken = format_bytes(old.rss_bytes), format_bytes(new.rss_bytes)
        exchange = f"all {freed} of the old engine went back, the new one took {taken}"
        others = self.returned_bytes - (old.rss_bytes - new.rss_bytes)
        if abs(others) < _WORTH_A_DETAIL_BYTES:
            return exchange
        did = "gave back" if others > 0 else "took"
        return f"{exchange}, the other processes {did} {format_bytes(abs(others))}"

    def _gain(self) -> str:
        gain = self.largest_gain
        if gain is None:
            return ""
        role, band, count = gain
        return f"{format_bytes(count)} of {band.phrase} in the {role}"


_ACTION_WORDS = {
    CleanupAction.FREE_MEMORY: "Free memory",
    CleanupAction.RELOAD_MODEL: "Reload model",
    CleanupAction.UNLOAD_MODEL: "Unload model",
}
# Below it, what came back and which band shrank are both mostly chance.
_WORTH_A_DETAIL_BYTES = 1_000_000
_UNLOAD_WHY = {"idle": "{unused}without use", "run_end": "the run"}


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
