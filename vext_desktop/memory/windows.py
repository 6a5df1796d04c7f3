"""Windows: working set and heap walk, as psutil reads them. Not yet run on Windows."""

import os
import time
from collections.abc import Callable

import psutil

from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.readings import MemoryReading, ProcessRole

# A heap walk visits every block, so it may take at most this share of the time.
_WALK_SHARE = 0.01


def working_set_bytes() -> int:
    """Working set of this process: "Memory" of the process in Task Manager's details."""
    return int(psutil.Process().memory_info().rss)


def c_heap_in_use_bytes() -> int | None:
    """Bytes in live blocks of the C runtime's heap (`_heapwalk`); None where not offered.

    psutil's `mmap_used` is left out: on Windows it counts every private writable region, so
    also the arenas of Python's own allocator and what heaps keep for nobody.
    """
    if not hasattr(psutil, "heap_info"):
        return None
    return int(psutil.heap_info().heap_used)


class WindowsProbe:
    """Reads the process that it lives in.

    Native memory is as old as the cost of the heap walk asks for: a walk of 50 ms is repeated
    every 5 s at most. Held memory stays unknown: nothing here tells committed from used.

    Args:
        role: The process's part in the program.
        resident: Working set in bytes.
        native: Bytes that malloc has given out, or None.
        heap: Python's own allocator.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        role: ProcessRole,
        resident: Callable[[], int] = working_set_bytes,
        native: Callable[[], int | None] = c_heap_in_use_bytes,
        heap: PythonHeap | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.role = role
        self._resident = resident
        self._native = native
        self._heap = heap or PythonHeap()
        self._clock = clock
        self._native_bytes: int | None = None
        self._next_walk_at = 0.0

    def read(self) -> MemoryReading:
        """Working set, Python memory, and native memory as of the last walk."""
        if self._clock() >= self._next_walk_at:
            self._walk()
        return self._reading()

    def read_exactly(self) -> MemoryReading:
        """The same with a heap walk made now."""
        self._walk()
        return self._reading()

    def _walk(self) -> None:
        began = self._clock()
        self._native_bytes = self._native()
        ended = self._clock()
        self._next_walk_at = ended + (ended - began) / _WALK_SHARE

    def _reading(self) -> MemoryReading:
        return MemoryReading(
            self.role,
            os.getpid(),
            self._resident(),
            self._heap.in_use_bytes(),
            self._native_bytes,
        )
