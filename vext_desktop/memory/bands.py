"""The owner bands of a process: what every system's source promises, and what two can tell."""

import sys
from typing import Protocol

from vext_desktop.readings import Band, MemoryReading, OwnerBands


class BandSource(Protocol):
    """Tells where the memory of one of our processes is; usable from any thread."""

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands | None:
        """The bands of a process now; up to 100 ms, so neither in a timer nor in a main thread.

        Args:
            reading: What the process last said of itself.
            cache_bytes: What LanceDB's bounded caches hold in it.

        Returns:
            None where this process cannot be told apart, or has ended.
        """


def create_band_source() -> BandSource | None:
    """The source of the system that we run on; None where there is none."""
    if sys.platform.startswith("linux"):
        from vext_desktop.memory.bands_linux import LinuxBands  # noqa: PLC0415 - one system's code

        return LinuxBands()
    if sys.platform == "win32":
        from vext_desktop.memory.bands_windows import WindowsBands  # noqa: PLC0415 - as above

        return WindowsBands()
    if sys.platform == "darwin":
        from vext_desktop.memory.bands_macos import MacosBands  # noqa: PLC0415 - as above

        return MacosBands()
    return None


def bands_of_counts(
    reading: MemoryReading, total_bytes: int, cache_bytes: int
) -> OwnerBands | None:
    """Bands where only the allocators can be asked, and nothing tells what a page is for.

    Model file, libraries, stacks and large blocks are then absent: what of them is in the total
    is in the unexplained rest, which is less than 0 if the allocators count address space that
    is not in the total.

    Args:
        reading: What the process said of itself.
        total_bytes: What the bands shall sum to.
        cache_bytes: What LanceDB's bounded caches hold, out of what malloc has in use.

    Returns:
        None where the process has not said what its allocators count.
    """
    counters = reading.counters
    if counters is None:
        return None
    cache_bytes = min(cache_bytes, counters.blocks_bytes)
    bands = {} if reading.heap_bytes is None else {Band.PYTHON_OBJECTS: reading.heap_bytes}
    bands |= {
        Band.NATIVE_IN_USE: counters.blocks_bytes - cache_bytes,
        Band.NATIVE_HELD: max(0, counters.arenas_bytes - counters.blocks_bytes),
        Band.ARROW_LANCE: counters.arrow_bytes + cache_bytes,
    }
    bands[Band.UNEXPLAINED] = total_bytes - sum(bands.values())
    return OwnerBands(reading.role, reading.pid, total_bytes, bands)
