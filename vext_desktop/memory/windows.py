"""Windows: working set and heaps. Not yet run on Windows."""

import ctypes
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from vext_desktop.memory.arrow_pool import arrow_pool_bytes
from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole

# A heap walk visits every block, so asking the heaps may take at most this share of the time.
_WALK_SHARE = 0.01
_MAX_HEAPS = 1024


@dataclass(frozen=True, slots=True)
class HeapUse:
    """What the heaps of the process say.

    Attributes:
        allocated_bytes: In live blocks.
        committed_bytes: What the heaps have committed, used or not; None where that is not told.
    """

    allocated_bytes: int
    committed_bytes: int | None


class HeapSummaryStruct(ctypes.Structure):
    """`HEAP_SUMMARY` of heapapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("cbAllocated", ctypes.c_size_t),
        ("cbCommitted", ctypes.c_size_t),
        ("cbReserved", ctypes.c_size_t),
        ("cbMaxReserve", ctypes.c_size_t),
    )


def working_set_bytes() -> int:
    """Working set of this process: "Memory" of the process in Task Manager's details."""
    return int(psutil.Process().memory_info().rss)


def heap_use() -> HeapUse | None:
    """What all heaps have in use: by their summaries, before Windows 11 by a heap walk.

    Of psutil's walk only `heap_used` counts, live blocks of the C runtime's heap: its `mmap_used`
    is every private writable region, so also Python's arenas and what heaps keep for nobody.

    Returns:
        None where neither is offered.
    """
    if sys.platform == "win32":
        summed = sum_heaps(ctypes.WinDLL("kernel32", use_last_error=True))
        if summed is not None:
            return summed
    if not hasattr(psutil, "heap_info"):
        return None
    return HeapUse(int(psutil.heap_info().heap_used), None)


def sum_heaps(kernel32: Any) -> HeapUse | None:
    """The sum of `HeapSummary` over `GetProcessHeaps`; None where this Windows has none of it."""
    if not hasattr(kernel32, "HeapSummary"):
        return None
    kernel32.HeapSummary.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p]
    handles = (ctypes.c_void_p * _MAX_HEAPS)()
    count = kernel32.GetProcessHeaps(_MAX_HEAPS, handles)
    if not 0 < count <= _MAX_HEAPS:
        return None
    allocated = committed = 0
    for handle in handles[:count]:
        told = HeapSummaryStruct(cb=ctypes.sizeof(HeapSummaryStruct))
        # A heap that was destroyed meanwhile has nothing any more.
        if kernel32.HeapSummary(handle, 0, ctypes.byref(told)):
            allocated += told.cbAllocated
            committed += told.cbCommitted
    return HeapUse(allocated, committed)


class WindowsProbe:
    """Reads the process that it lives in.

    Native memory is as old as the cost of asking the heaps makes it: a walk of 50 ms is repeated
    every 5 s at most. Held memory stays unknown: nobody says how much a cleanup would give back.

    Args:
        role: The process's part in the program.
        resident: Working set in bytes.
        heaps: What malloc has given out, or None.
        heap: Python's own allocator.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        role: ProcessRole,
        resident: Callable[[], int] = working_set_bytes,
        heaps: Callable[[], HeapUse | None] = heap_use,
        heap: PythonHeap | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.role = role
        self._resident = resident
        self._heaps = heaps
        self._heap = heap or PythonHeap()
        self._clock = clock
        self._use: HeapUse | None = None
        self._next_at = 0.0

    def read(self) -> MemoryReading:
        """Working set, Python memory, and native memory as of the last time heaps were asked."""
        if self._clock() >= self._next_at:
            self._ask()
        return self._reading()

    def read_exactly(self) -> MemoryReading:
        """The same with heaps asked now."""
        self._ask()
        return self._reading()

    def _ask(self) -> None:
        began = self._clock()
        self._use = self._heaps()
        ended = self._clock()
        self._next_at = ended + (ended - began) / _WALK_SHARE

    def _reading(self) -> MemoryReading:
        native_bytes = counters = None
        use = self._use
        if use is not None:
            arrow_bytes = arrow_pool_bytes()
            native_bytes = use.allocated_bytes + arrow_bytes
            if use.committed_bytes is not None:
                counters = AllocatorCounters(
                    use.allocated_bytes, 0, use.committed_bytes, arrow_bytes
                )
        return MemoryReading(
            self.role,
            os.getpid(),
            self._resident(),
            self._heap.in_use_bytes(),
            native_bytes,
            counters=counters,
        )
