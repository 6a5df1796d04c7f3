"""Windows: owner bands of a process's private memory. Not yet run on Windows."""

from collections.abc import Callable

import psutil

from vext_desktop.memory.bands import bands_of_counts
from vext_desktop.readings import MemoryReading, OwnerBands


def private_bytes(pid: int) -> int | None:
    """`PrivateUsage` of GetProcessMemoryInfo: what a process has committed for itself alone."""
    try:
        told = getattr(psutil.Process(pid).memory_info(), "private", None)
    except psutil.Error:  # it has ended
        return None
    return None if told is None else int(told)


class WindowsBands:
    """Tells the bands that Windows can tell apart: Python, heaps in use and held, Arrow, the rest.

    They sum to the *private bytes*, "Commit size" in Task Manager's details. The working set
    would be the wrong total: it falls when the system pages out what a process still owns, and
    heaps count what they have committed, in memory or not.

    Args:
        private: Private bytes of a process, or None.
    """

    def __init__(self, private: Callable[[int], int | None] = private_bytes) -> None:
        self._private = private

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands | None:
        """The bands of a process; microseconds. None when it is gone or has told no counts."""
        total_bytes = self._private(reading.pid)
        if total_bytes is None:
            return None
        return bands_of_counts(reading, total_bytes, cache_bytes)
