"""The owner bands of a process: what every system's source promises."""

import sys
from typing import Protocol

from vext_desktop.readings import MemoryReading, OwnerBands


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
    """The source of the system that we run on; None where there is none yet."""
    if sys.platform.startswith("linux"):
        from vext_desktop.memory.bands_linux import LinuxBands  # noqa: PLC0415 - one system's code

        return LinuxBands()
    return None
