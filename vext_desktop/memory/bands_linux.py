"""Linux: the resident memory of a process by owner; one look at its mappings, and its counters."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial
from pathlib import Path

from vext_desktop.memory.elf import BssSizes
from vext_desktop.memory.library_family import FamilyBook
from vext_desktop.memory.malloc_heaps import find_heaps
from vext_desktop.memory.smaps import PROC, MappedRange, read_smaps, resident_bytes
from vext_desktop.readings import AllocatorCounters, Band, MemoryReading, OwnerBands

# Weights of models: safetensors, ONNX with its external data, ONNX Runtime's own format.
MODEL_SUFFIXES = (".safetensors", ".onnx", ".data", ".bin", ".ort")

# mimalloc, which libarrow brings, takes its memory from reservations of 1 GiB.
_MIMALLOC_RESERVE_BYTES = 1 << 30
# Guard pages of threads are one page; so large a gap is something else's reservation.
_MAX_GUARD_BYTES = 1 << 20
# ARCH_STACK_DEFAULT_SIZE of glibc: the size of stacks where the limit is "unlimited".
_UNLIMITED_STACK_BYTES = 2 << 20

logger = logging.getLogger("vext.memory")


class _Kind(Enum):
    """What the pages of a mapping are, as far as the mapping itself tells."""

    HEAP = auto()
    MIMALLOC = auto()
    MODEL = auto()
    STACK_OR_CODE = auto()
    ANONYMOUS = auto()


class LinuxBands:
    """Tells the owner bands of any of our processes, from outside: that one pays nothing.

    Args:
        proc: Where the kernel tells of processes.
    """

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._bss = BssSizes()
        self._families = FamilyBook()

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands | None:
        """The bands of a process; 20 to 100 ms.

        Args:
            reading: What the process last said of itself, at most some tenths of a second old.
            cache_bytes: What LanceDB's bounded caches hold in it.

        Returns:
            None when the process has ended, or the kernel does not let us look.
        """
        try:
            ranges = read_smaps(reading.pid, self._proc)
            pages = _Pages(
                ranges,
                reading.counters.arenas_bytes if reading.counters else 0,
                self._bss.after,
                self._families.of,
                partial(resident_bytes, reading.pid, proc=self._proc),
                self._stack_bytes(reading.pid),
            )
        except (OSError, ValueError) as error:
            logger.info("no owner bands of the %s process: %s", reading.role, error)
            return None
        return _to_bands(reading, pages, cache_bytes) if ranges else None

    def _stack_bytes(self, pid: int) -> int:
        """How large the stack of a new thread is: "Max stack size" of /proc/PID/limits."""
        _, _, rest = (self._proc / str(pid) / "limits").read_bytes().partition(b"Max stack size")
        soft = rest.split(maxsplit=1)[:1]  # nothing is told of a process that has just ended
        return int(soft[0]) if soft and soft[0].isdigit() else _UNLIMITED_STACK_BYTES


class _Pages:
    """Resident pages of a process, sorted by what their mappings tell.

    Args:
        ranges: All mappings, lowest address first.
        arenas_bytes: What malloc says that its arenas span.
        bss_after: Bytes of bss behind a mapping of this file that ends at this offset.
        family_of: The family of a mapped file.
        resident: Resident bytes between two addresses.
        stack_bytes: The largest a thread's stack can be.
    """

    def __init__(
        self,
        ranges: Sequence[MappedRange],
        arenas_bytes: int,
        bss_after: Callable[[str, int], int],
        family_of: Callable[[str], str],
        resident: Callable[[int, int], int],
        stack_bytes: int,
    ) -> None:
        self.rss_bytes = sum(each.rss_bytes for each in ranges)
        self.libraries: Counter[str] = Counter()
        self._kinds: Counter[_Kind] = Counter()
        self._bss_after = bss_after
        self._family_of = family_of
        self._resident = resident
        self._stack_bytes = stack_bytes
        addresses = ((each.start, each.end, each.rights, each.name) for each in ranges)
        self._heap_starts = {end: start for start, end in find_heaps(addresses, arenas_bytes)}
        before: MappedRange | None = None
        for each in ranges:
            if each.rss_bytes:
                self._sort(each, before if before and before.end == each.start else None)
            before = each

    def of(self, kind: _Kind) -> int:
        """Resident bytes of this kind."""
        return self._kinds[kind]

    def _sort(self, each: MappedRange, below: MappedRange | None) -> None:
        if each.end in self._heap_starts:
            self._split_heap(each, self._heap_starts[each.end])
        elif each.name == "[stack]" or _is_generated_code(each):
            self._kinds[_Kind.STACK_OR_CODE] += each.rss_bytes
        elif each.name.endswith(MODEL_SUFFIXES):
            self._kinds[_Kind.MODEL] += each.rss_bytes
        elif each.name.startswith("[anon:mi"):
            self._kinds[_Kind.MIMALLOC] += each.rss_bytes
        elif each.name and not each.name.startswith("[anon:"):
            self.libraries[self._family_of(each.name)] += each.rss_bytes
        elif not each.name and (each.end - each.start) % _MIMALLOC_RESERVE_BYTES == 0:
            self._kinds[_Kind.MIMALLOC] += each.rss_bytes
        else:
            self._sort_anonymous(each, below)

    def _split_heap(self, each: MappedRange, heap_start: int) -> None:
        other = 0
        if heap_start > each.start:
            other = min(each.rss_bytes, self._resident(each.start, heap_start))
        self._kinds[_Kind.ANONYMOUS] += other
        self._kinds[_Kind.HEAP] += each.rss_bytes - other

    def _sort_anonymous(self, each: MappedRange, below: MappedRange | None) -> None:
        """Bss begins behind a library, a stack behind its guard page; more may follow in it."""
        rest = each.rss_bytes
        if below is not None and below.name.startswith("/") and "w" in below.rights:
            bss = self._bss_after(below.name, below.offset + below.end - below.start)
            found = self._first_part(each, bss)
            self.libraries[self._family_of(below.name)] += found
            rest -= found
        elif below is not None and _is_guard(below):
            found = self._first_part(each, self._stack_bytes)
            self._kinds[_Kind.STACK_OR_CODE] += found
            rest -= found
        self._kinds[_Kind.ANONYMOUS] += rest

    def _first_part(self, each: MappedRange, size: int) -> int:
        if size <= 0:
            return 0
        if size >= each.end - each.start:
            return each.rss_bytes
        return min(each.rss_bytes, self._resident(each.start, each.start + size))


def _is_generated_code(each: MappedRange) -> bool:
    return "x" in each.rights and (not each.name or each.name.startswith("/memfd:"))


def _is_guard(each: MappedRange) -> bool:
    is_small = each.end - each.start <= _MAX_GUARD_BYTES
    return each.rights == "---p" and not each.name and is_small


def _to_bands(reading: MemoryReading, pages: _Pages, cache_bytes: int) -> OwnerBands:
    bands = {
        Band.ARROW_LANCE: pages.of(_Kind.MIMALLOC),
        Band.MODEL_FILE: pages.of(_Kind.MODEL),
        Band.LIBRARIES: pages.libraries.total(),
        Band.STACKS_JIT: pages.of(_Kind.STACK_OR_CODE),
    }
    counters = reading.counters
    if counters is not None:
        cache_bytes = min(cache_bytes, counters.blocks_bytes)
        bands[Band.ARROW_LANCE] += cache_bytes
        bands[Band.NATIVE_IN_USE] = counters.blocks_bytes - cache_bytes
        # Less than 0 says that malloc has taken more since it was asked: left to the remainder.
        bands[Band.NATIVE_HELD] = max(0, pages.of(_Kind.HEAP) - counters.blocks_bytes)
        # A block that is only partly used yet, as an engine's arena, is only partly resident: with
        # what objects use, large blocks can fill no more than these pages.
        room_bytes = max(0, pages.of(_Kind.ANONYMOUS) - (reading.heap_bytes or 0))
        bands[Band.LARGE_BLOCKS] = min(counters.mapped_bytes, room_bytes)
        bands |= _python_bands(reading.heap_bytes, counters, pages.of(_Kind.ANONYMOUS))
    bands[Band.UNEXPLAINED] = pages.rss_bytes - sum(bands.values())
    return OwnerBands(
        reading.role,
        reading.pid,
        pages.rss_bytes,
        {band: bands[band] for band in Band if band in bands},
        dict(pages.libraries.most_common()),
    )


def _python_bands(
    heap_bytes: int | None, counters: AllocatorCounters, anonymous_bytes: int
) -> dict[Band, int]:
    """Python's part of the anonymous pages that are neither malloc's arenas nor stacks.

    How much of its arenas is resident cannot be asked: at least what objects use, at most all of
    them. So what these pages hold beyond objects and malloc's large blocks is Python's up to that
    bound, and what is beyond the bound stays unexplained.
    """
    if heap_bytes is None or counters.python_arenas_bytes is None:
        return {}
    free_bytes = max(0, counters.python_arenas_bytes - heap_bytes)
    left = anonymous_bytes - heap_bytes - counters.mapped_bytes
    return {Band.PYTHON_OBJECTS: heap_bytes, Band.PYTHON_HELD: min(max(0, left), free_bytes)}
