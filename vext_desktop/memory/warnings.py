"""The three warnings of the ancestor's write-up, each judged on what it means to find."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from vext_desktop.events import MemoryWarned, WarningKind
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading, format_bytes

# A crossing is over when the value is this far below its line again: noise is no new crossing.
_CALM_SHARE = 0.95
# Batches after the warm-up whose median is the settled level of a process.
_SETTLING_BATCHES = 11
# Growth of RSS that is worth an explanation.
_NOTABLE_BYTES = 20_000_000


class WarningWatch:
    """Compares each batch's reading with the warning lines.

    The native line is above the *settled level* of each process: the median of native bytes in
    use over the first 11 batches after its warm-up. A process that was started anew settles
    anew. Both growth lines look at bytes in use, never at RSS, where memory that the allocator
    merely keeps would accuse every second healthy run.

    Args:
        rss_limit_bytes: RSS of all our processes together above which to warn.
        native_growth_bytes: Growth of one process's native bytes in use above its settled level.
        heap_growth_bytes: Growth of heap and native bytes in use from one batch to the next.
        warm_up_batches: Batches before a process counts as warm.
    """

    def __init__(
        self,
        rss_limit_bytes: int,
        native_growth_bytes: int,
        heap_growth_bytes: int,
        warm_up_batches: int = 50,
    ) -> None:
        self._rss_limit_bytes = rss_limit_bytes
        self._native_growth_bytes = native_growth_bytes
        self._heap_growth_bytes = heap_growth_bytes
        self._warm_up_batches = warm_up_batches
        self._processes: dict[int, _Process] = {}
        self._is_over_rss = False

    def check(
        self, reading: ProgramReading, batch: int, path: str, meanwhile: str = ""
    ) -> list[MemoryWarned]:
        """The lines that were crossed upwards with this batch; once for each crossing.

        Args:
            reading: Taken after the batch.
            batch: Its number.
            path: The file in hand.
            meanwhile: What else goes on in the window process and takes memory for a time, in a
                sentence.
        """
        known = {process.pid: self._processes.get(process.pid) for process in reading.processes}
        found = [
            self._check_rss(reading, batch, path),
            *(self._check_native(process, batch, path, meanwhile) for process in reading.processes),
            self._check_growth(reading, known, batch, path),
        ]
        for process in reading.processes:
            self._processes[process.pid].note(process)
        for pid in self._processes.keys() - known.keys():
            del self._processes[pid]
        return [warning for warning in found if warning is not None]

    def _check_rss(self, reading: ProgramReading, batch: int, path: str) -> MemoryWarned | None:
        rss_bytes, limit_bytes = reading.rss_bytes, self._rss_limit_bytes
        if rss_bytes <= limit_bytes:
            self._is_over_rss = self._is_over_rss and rss_bytes > _CALM_SHARE * limit_bytes
            return None
        if self._is_over_rss:
            return None
        self._is_over_rss = True
        in_use = _total_in_use(reading.processes)
        part = f", of which {format_bytes(in_use)} are in use" if in_use is not None else ""
        largest = max(reading.processes, key=lambda process: process.rss_bytes)
        message = (
            f"Memory reached {format_bytes(rss_bytes)}{part}; the line is "
            f"{format_bytes(limit_bytes)}. The {largest.role} process holds most of it, "
            f"{format_bytes(largest.rss_bytes)} ({_place(batch, path)})."
            f"{self._explanation(reading)}"
        )
        kind = WarningKind.RSS_OVER_LIMIT
        return MemoryWarned(kind, rss_bytes, limit_bytes, batch, path, message)

    def _check_native(
        self, process: MemoryReading, batch: int, path: str, meanwhile: str
    ) -> MemoryWarned | None:
        known = self._processes.setdefault(process.pid, _Process())
        if process.native_bytes is None:
            return None
        settled = known.settle(process.native_bytes, self._warm_up_batches)
        if settled is None:
            return None
        growth = process.native_bytes - settled
        if growth <= self._native_growth_bytes:
            is_calm = growth < _CALM_SHARE * self._native_growth_bytes
            known.is_over_native = known.is_over_native and not is_calm
            return None
        if known.is_over_native:
            return None
        known.is_over_native = True
        reason = (
            meanwhile
            if meanwhile and process.role is ProcessRole.WINDOW
            else "This is memory in use, which Free memory does not give back. Whether it goes on "
            "growing, the verdict says."
        )
        message = (
            f"Native buffers in use by the {process.role} process grew by {format_bytes(growth)} "
            f"above their settled {format_bytes(settled)}; the line is "
            f"{format_bytes(self._native_growth_bytes)} ({_place(batch, path)}). {reason}"
        )
        kind, limit_bytes = WarningKind.NATIVE_GROWTH, self._native_growth_bytes
        return MemoryWarned(kind, growth, limit_bytes, batch, path, message)

    def _check_growth(
        self,
        reading: ProgramReading,
        known: dict[int, "_Process | None"],
        batch: int,
        path: str,
    ) -> MemoryWarned | None:
        growths: dict[str, int] = {}
        for process in reading.processes:
            before, now = known[process.pid], _in_use(process)
            # A process that was not there at the batch before has not grown, it has begun.
            if before is not None and before.in_use_bytes is not None and now is not None:
                growths[process.role] = now - before.in_use_bytes
        growth = sum(growths.values())
        if growth <= self._heap_growth_bytes:
            return None
        most = max(growths, key=growths.__getitem__)
        message = (
            f"Heap and native buffers in use grew by {format_bytes(growth)} with one batch, most "
            f"in the {most} process; the line is {format_bytes(self._heap_growth_bytes)} "
            f"({_place(batch, path)})."
        )
        kind, limit_bytes = WarningKind.HEAP_GROWTH, self._heap_growth_bytes
        return MemoryWarned(kind, growth, limit_bytes, batch, path, message)

    def _explanation(self, reading: ProgramReading) -> str:
        """Says when it is the allocators that keep memory, and no leak."""
        if reading.held_bytes:
            held = format_bytes(reading.held_bytes)
            return f" The allocators keep {held} that nothing uses: Free memory returns it."
        rss_growth = in_use_growth = 0
        for process in reading.processes:
            known, in_use = self._processes.get(process.pid), _in_use(process)
            if known is None or known.first_in_use_bytes is None or in_use is None:
                continue
            rss_growth += process.rss_bytes - known.first_rss_bytes
            in_use_growth += in_use - known.first_in_use_bytes
        if rss_growth < _NOTABLE_BYTES or in_use_growth * 2 > rss_growth:
            return ""
        return (
            f" Since the first batch it grew by {format_bytes(rss_growth)}, but memory in use only "
            f"by {format_bytes(max(0, in_use_growth))}: the allocators keep most of the rest, and "
            "Free memory returns it."
        )


@dataclass(slots=True)
class _Process:
    """What the watch remembers of one process."""

    first_rss_bytes: int = 0
    first_in_use_bytes: int | None = None
    in_use_bytes: int | None = None
    is_over_native: bool = False
    batches: int = 0
    settling: list[int] = field(default_factory=list)
    settled_bytes: int | None = None

    def note(self, process: MemoryReading) -> None:
        """Remember what it held after this batch."""
        self.in_use_bytes = _in_use(process)
        if self.first_in_use_bytes is None:
            self.first_rss_bytes = process.rss_bytes
            self.first_in_use_bytes = self.in_use_bytes

    def settle(self, native_bytes: int, warm_up_batches: int) -> int | None:
        """Count one more batch; the settled level, or None before it is known."""
        self.batches += 1
        if self.settled_bytes is None and self.batches > warm_up_batches:
            self.settling.append(native_bytes)
            if len(self.settling) == _SETTLING_BATCHES:
                self.settled_bytes = round(statistics.median(self.settling))
                self.settling.clear()
        return self.settled_bytes


def _in_use(process: MemoryReading) -> int | None:
    if process.heap_bytes is None or process.native_bytes is None:
        return None
    return process.heap_bytes + process.native_bytes


def _total_in_use(processes: Iterable[MemoryReading]) -> int | None:
    parts = [_in_use(process) for process in processes]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _place(batch: int, path: str) -> str:
    return f"batch {batch}, {path}"
