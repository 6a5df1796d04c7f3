"""macOS: resident memory and malloc zones. Not yet run on a Mac."""

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from vext_desktop.memory.arrow_pool import arrow_pool_bytes
from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole


@dataclass(frozen=True, slots=True)
class ZoneUse:
    """What all malloc zones together say.

    Attributes:
        in_use_bytes: Given out and not got back.
        allocated_bytes: What the zones have reserved, used or not; None where that is not told.
    """

    in_use_bytes: int
    allocated_bytes: int | None


class MallocStatistics(ctypes.Structure):
    """`malloc_statistics_t` of <malloc/malloc.h>."""

    _fields_ = (
        ("blocks_in_use", ctypes.c_uint),
        ("size_in_use", ctypes.c_size_t),
        ("max_size_in_use", ctypes.c_size_t),
        ("size_allocated", ctypes.c_size_t),
    )


def resident_bytes() -> int:
    """Resident memory of this process: "Real Memory" in Activity Monitor."""
    return int(psutil.Process().memory_info().rss)


def zone_use() -> ZoneUse | None:
    """What malloc's zones have in use; None where the system does not tell.

    Python's own allocator takes its arenas from mmap, so its objects are not counted here.
    """
    if sys.platform == "darwin":
        return read_zones(ctypes.CDLL(None))
    if not hasattr(psutil, "heap_info"):  # psutil built without it, as for some BSDs
        return None
    told = psutil.heap_info()
    return ZoneUse(int(told.heap_used + told.mmap_used), None)


def read_zones(library: Any) -> ZoneUse:
    """Ask `malloc_zone_statistics`, which sums over all zones when none is named."""
    told = MallocStatistics()
    library.malloc_zone_statistics(None, ctypes.byref(told))
    return ZoneUse(told.size_in_use, told.size_allocated)


class MacosProbe:
    """Reads the process that it lives in.

    Held memory stays unknown: what the zones have reserved is address space, of which nobody
    says how much a cleanup would give back. Resident memory falls when the system compresses
    pages, so leaks are never judged by it.

    Args:
        role: The process's part in the program.
        resident: Resident bytes.
        zones: What malloc has given out, or None.
        heap: Python's own allocator.
    """

    def __init__(
        self,
        role: ProcessRole,
        resident: Callable[[], int] = resident_bytes,
        zones: Callable[[], ZoneUse | None] = zone_use,
        heap: PythonHeap | None = None,
    ) -> None:
        self.role = role
        self._resident = resident
        self._zones = zones
        self._heap = heap or PythonHeap()

    def read(self) -> MemoryReading:
        """Resident, Python and native memory."""
        native_bytes = counters = None
        use = self._zones()
        if use is not None:
            arrow_bytes = arrow_pool_bytes()
            native_bytes = use.in_use_bytes + arrow_bytes
            if use.allocated_bytes is not None:
                counters = AllocatorCounters(use.in_use_bytes, 0, use.allocated_bytes, arrow_bytes)
        return MemoryReading(
            self.role,
            os.getpid(),
            self._resident(),
            self._heap.in_use_bytes(),
            native_bytes,
            counters=counters,
        )

    def read_exactly(self) -> MemoryReading:
        """The same: this system tells nothing more."""
        return self.read()
