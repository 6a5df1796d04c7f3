"""Linux: resident pages from /proc, native memory from the C library, what it keeps for nobody."""

import contextlib
import mmap
import os
import weakref
from collections.abc import Iterable
from pathlib import Path

from vext_desktop.memory.arrow_pool import arrow_pool_bytes
from vext_desktop.memory.glibc import Glibc, MallocUse
from vext_desktop.memory.malloc_heaps import (
    find_heaps,
    is_aligned,
    spanned_bytes,
    tolerance_bytes,
)
from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole


class LinuxProbe:
    """Reads the process that it lives in; after a fork it reads the new one.

    Native memory is what malloc has given out and not got back (glibc's `mallinfo2`), with what
    the Arrow pool has given out where pyarrow is loaded. Held memory is what `malloc_trim` would
    give back: whole resident pages inside free blocks.
    """

    def __init__(self, role: ProcessRole) -> None:
        self.role = role
        self._pid = 0
        self._statm = -1
        self._after_trim_bytes = 0
        self._glibc: Glibc | None = None
        with contextlib.suppress(OSError):  # another C library: native memory cannot be told
            self._glibc = Glibc()
        self._heap = PythonHeap(self._glibc.pymalloc_use if self._glibc else None)

    def read(self) -> MemoryReading:
        """Resident, Python and native memory; about 50 us, once a second about 1 ms."""
        return self._read(exactly=False)

    def read_exactly(self) -> MemoryReading:
        """The same with held memory; 1 to 5 ms, longer with very many free blocks."""
        return self._read(exactly=True)

    def note_trimmed(self) -> None:
        """Native memory has just been trimmed: whatever seems to be held now is an error.

        It comes of blocks in use whose pages were never touched, and stays the same over many
        batches: -0.6 MB in an engine with torch, -5 MB beside LanceDB.
        """
        use = self._glibc.use() if self._glibc else None
        if self._glibc is not None and use is not None:
            self._after_trim_bytes = returnable_bytes(self._glibc, use) or 0

    def _read(self, *, exactly: bool) -> MemoryReading:
        rss_bytes = self._rss_bytes()
        heap_bytes = self._heap.in_use_bytes(exactly=exactly)
        native_bytes = held_bytes = counters = None
        use = self._glibc.use(rss_bytes) if self._glibc else None
        if self._glibc is not None and use is not None:
            counters = AllocatorCounters(
                blocks_bytes=use.blocks_bytes,
                mapped_bytes=use.mapped_bytes,
                arenas_bytes=use.arenas_bytes,
                arrow_bytes=arrow_pool_bytes(),
                python_arenas_bytes=self._heap.arenas_bytes,
            )
            native_bytes = use.blocks_bytes + use.mapped_bytes + counters.arrow_bytes
            if exactly:
                held_bytes = self._held_bytes(self._glibc, use)
        return MemoryReading(
            self.role, self._pid, rss_bytes, heap_bytes, native_bytes, held_bytes, counters
        )

    def _held_bytes(self, glibc: Glibc, use: MallocUse) -> int | None:
        found = returnable_bytes(glibc, use)
        return None if found is None else max(0, found - self._after_trim_bytes)

    def _rss_bytes(self) -> int:
        if self._pid != os.getpid():  # a descriptor kept over a fork still reads the parent
            self._statm = os.open("/proc/self/statm", os.O_RDONLY)
            self._pid = os.getpid()
            weakref.finalize(self, os.close, self._statm)
        return int(os.pread(self._statm, 128, 0).split()[1]) * mmap.PAGESIZE


def returnable_bytes(glibc: Glibc, use: MallocUse) -> int | None:
    """What `malloc_trim` would give back now.

    Two bounds, the lower one counts: resident pages minus bytes in use; and whole pages inside
    free blocks, less the pages among them that were given back before. The first alone promises
    62 MB of 100 MB in 64-byte blocks of which every other one is free, and nothing comes back.

    Returns:
        Too little by what blocks in use have pages that were never touched, since they count as
        given back: below 0 after a trim. None where the arenas cannot be found in the address
        space.
    """
    heaps = malloc_heaps(_read_maps(), use.arenas_bytes)
    if heaps is None:
        return None
    resident = 0
    for start, end in heaps:
        found = glibc.resident_bytes(start, end)
        if found is None:
            return None
        resident += found
    spanned = spanned_bytes(heaps)
    held = resident - use.blocks_bytes
    # The free end of any other arena than the main one is neither trimmed nor a free block; most
    # of it was never touched.
    beyond = sum(glibc.absent_tail_bytes(*heap) for heap in heaps if is_aligned(heap[0]))
    absent = spanned - resident - beyond
    whole_pages = glibc.free_pages_bytes() + use.top_bytes - absent
    return min(held, whole_pages)


def malloc_heaps(maps: Iterable[str], arenas_bytes: int) -> list[tuple[int, int]] | None:
    """The address ranges in which malloc's arenas lie, from lines of /proc/self/maps.

    Args:
        maps: The lines.
        arenas_bytes: How much there should be, as `mallinfo2` counts it.

    Returns:
        None when the sum differs from `arenas_bytes` by more than the tolerance: then something
        is not understood.
    """
    # Nine of ten mappings are files', and no heap is.
    heaps = find_heaps((_parse_range(line) for line in maps if "/" not in line), arenas_bytes)
    gap = abs(spanned_bytes(heaps) - arenas_bytes)
    return heaps if gap <= tolerance_bytes(arenas_bytes) else None


def _parse_range(line: str) -> tuple[int, int, str, str]:
    fields = line.split(maxsplit=5)
    start, _, end = fields[0].partition("-")
    name = fields[5].strip() if len(fields) > 5 else ""
    return int(start, 16), int(end, 16), fields[1], name


def _read_maps() -> list[str]:
    with Path("/proc/self/maps").open(encoding="utf-8", errors="surrogateescape") as maps:
        return maps.readlines()
