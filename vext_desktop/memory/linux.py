"""Linux: resident pages from /proc, native memory from the C library, what it keeps for nobody."""

import contextlib
import mmap
import os
import sys
import weakref
from collections.abc import Iterable
from pathlib import Path

from vext_desktop.memory.glibc import Glibc, MallocUse
from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole

# HEAP_MAX_SIZE of glibc's arena.c on 64-bit systems: heaps of all arenas but the main one begin
# at multiples of it and reserve that much address space.
_HEAP_BYTES = 64 << 20


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
                held_bytes = returnable_bytes(self._glibc, use)
        return MemoryReading(
            self.role, self._pid, rss_bytes, heap_bytes, native_bytes, held_bytes, counters
        )

    def _rss_bytes(self) -> int:
        if self._pid != os.getpid():  # a descriptor kept over a fork still reads the parent
            self._statm = os.open("/proc/self/statm", os.O_RDONLY)
            self._pid = os.getpid()
            weakref.finalize(self, os.close, self._statm)
        return int(os.pread(self._statm, 128, 0).split()[1]) * mmap.PAGESIZE


def arrow_pool_bytes() -> int:
    """Bytes in use in Arrow's own memory pool; 0 while pyarrow is not loaded.

    A pool that lies on malloc is counted there already. LanceDB's Rust side does not use it.
    """
    create_pool = getattr(sys.modules.get("pyarrow"), "default_memory_pool", None)
    if create_pool is None:
        return 0
    pool = create_pool()
    return 0 if pool.backend_name == "system" else int(pool.bytes_allocated())


def returnable_bytes(glibc: Glibc, use: MallocUse) -> int | None:
    """What `malloc_trim` would give back now.

    Two bounds, the lower one counts: resident pages minus bytes in use; and whole pages inside
    free blocks, less the pages among them that were given back before. The first alone promises
    62 MB of 100 MB in 64-byte blocks of which every other one is free, and nothing comes back.

    Returns:
        None where the arenas cannot be found in the address space.
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
    spanned = sum(end - start for start, end in heaps)
    held = resident - use.blocks_bytes
    whole_pages = glibc.free_pages_bytes() + use.top_bytes - (spanned - resident)
    return max(0, min(held, whole_pages))


def malloc_heaps(maps: Iterable[str], arenas_bytes: int) -> list[tuple[int, int]] | None:
    """The address ranges in which malloc's arenas lie.

    Args:
        maps: Lines of /proc/self/maps.
        arenas_bytes: How much there should be, as `mallinfo2` counts it.

    Returns:
        `[heap]`; anonymous ranges that begin at a multiple of 64 MiB and whose reserved rest
        ends at one; and full ones without a rest, as far as they are needed. None when the sum
        differs from `arenas_bytes` by more than 2 % and 1 MB: then something is not understood.
    """
    heaps: list[tuple[int, int]] = []
    full: list[tuple[int, int]] = []
    pending: tuple[int, int] | None = None
    for line in maps:
        fields = line.split(maxsplit=5)
        start, end = (int(number, 16) for number in fields[0].split("-"))
        name = fields[5].strip() if len(fields) > 5 else ""
        if name == "[heap]":
            heaps.append((start, end))
        is_reserve = fields[1] == "---p" and not name and end % _HEAP_BYTES == 0
        if pending is not None and is_reserve and pending[1] == start:
            heaps.append(pending)
        elif pending is not None and pending[1] % _HEAP_BYTES == 0:
            full.append(pending)
        pending = None
        if fields[1] == "rw-p" and not name and -(-start // _HEAP_BYTES) * _HEAP_BYTES < end:
            # What lies below the first multiple belongs to somebody else and was merged with it.
            pending = (-(-start // _HEAP_BYTES) * _HEAP_BYTES, end)
    spanned = sum(end - start for start, end in heaps)
    tolerance = arenas_bytes // 50 + 1_000_000
    for start, end in full:
        if spanned + (end - start) <= arenas_bytes + tolerance:
            heaps.append((start, end))
            spanned += end - start
    return heaps if abs(spanned - arenas_bytes) <= tolerance else None


def _read_maps() -> list[str]:
    with Path("/proc/self/maps").open(encoding="utf-8", errors="surrogateescape") as maps:
        return maps.readlines()
