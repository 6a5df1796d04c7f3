"""macOS: resident memory and malloc zones, as psutil reads them. Not yet run on a Mac."""

import os
from collections.abc import Callable

import psutil

from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.readings import MemoryReading, ProcessRole


def resident_bytes() -> int:
    """Resident memory of this process: "Real Memory" in Activity Monitor."""
    return int(psutil.Process().memory_info().rss)


def zones_in_use_bytes() -> int | None:
    """Bytes in use in all malloc zones (`malloc_zone_statistics`); None where not offered.

    Python's own allocator takes its arenas from mmap, so its objects are not counted here.
    """
    if not hasattr(psutil, "heap_info"):  # psutil built without it, as for some BSDs
        return None
    told = psutil.heap_info()
    return int(told.heap_used + told.mmap_used)


class MacosProbe:
    """Reads the process that it lives in.

    Held memory stays unknown: psutil tells what the zones have in use, not what they keep.
    Resident memory falls when the system compresses pages, so leaks are never judged by it.

    Args:
        role: The process's part in the program.
        resident: Resident bytes.
        native: Bytes that malloc has given out, or None.
        heap: Python's own allocator.
    """

    def __init__(
        self,
        role: ProcessRole,
        resident: Callable[[], int] = resident_bytes,
        native: Callable[[], int | None] = zones_in_use_bytes,
        heap: PythonHeap | None = None,
    ) -> None:
        self.role = role
        self._resident = resident
        self._native = native
        self._heap = heap or PythonHeap()

    def read(self) -> MemoryReading:
        """Resident, Python and native memory."""
        return MemoryReading(
            self.role, os.getpid(), self._resident(), self._heap.in_use_bytes(), self._native()
        )

    def read_exactly(self) -> MemoryReading:
        """The same: this system tells nothing more."""
        return self.read()
