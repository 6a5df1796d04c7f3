"""What is recorded of each process for the verdict, and one such band since the last event."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from vext_desktop.memory.band_samples import BandSamples
from vext_desktop.readings import Band, MemoryReading

if TYPE_CHECKING:
    from vext_desktop.memory.growth import Growth
    from vext_desktop.memory.trend import Trend

# What is judged of each process. RSS is recorded for its slope only: judging it called one clean
# run in six a leak. Native memory is judged as a sum, because malloc moves blocks between its
# arenas and mappings of their own; which part has grown names the owner.
JUDGED = {"heap": Band.PYTHON_OBJECTS, "native": Band.NATIVE_IN_USE}
PARTS = {"blocks": Band.NATIVE_IN_USE, "mapped": Band.LARGE_BLOCKS, "arrow": Band.ARROW_LANCE}

# The least samples that tell which part has grown.
_FEWEST = 12


class RecordedBand:
    """One measure of one process since the last event, and what was known before it.

    Args:
        pid: The process.
        first_batch: Batches of the run before the first sample.
    """

    def __init__(self, pid: int, first_batch: int) -> None:
        self.pid = pid
        self.first_batch = first_batch
        self.samples = BandSamples()
        self.growth: Growth | None = None
        self.earlier: Trend | None = None
        self._last: float | None = None

    def begin_segment(self, batch: int) -> None:
        """Forget the samples; the next one is of the batch after this one."""
        self.first_batch = batch
        self.growth = self._last = None
        self.samples.clear()

    def add(self, value: float, *, is_repeated: bool = False) -> None:
        """Record one batch, in bytes; or the last value once more, if there is one."""
        if self._last is None or not is_repeated:
            self._last = value
        self.samples.add(self._last)

    def rise_since(self, sample: int) -> float:
        """MB by which the last quarter lies above the first, from a sample on."""
        _, values = self.samples.since(max(0, min(sample, self.samples.batches - _FEWEST)))
        part = max(1, len(values) // 4)
        return float(sum(values[-part:]) - sum(values[:part])) / part


def measures_of(
    process: MemoryReading, bounded_bytes: Mapping[str, int]
) -> Iterator[tuple[str, float]]:
    """What is recorded of one reading, by its name, in bytes.

    Args:
        process: The reading.
        bounded_bytes: By "process.heap" or "process.native", what is subtracted.
    """
    yield "rss", process.rss_bytes
    for measure in JUDGED:
        value = getattr(process, f"{measure}_bytes")
        if value is not None:
            yield measure, value - bounded_bytes.get(f"{process.role}.{measure}", 0)
    counters = process.counters
    if counters is not None:
        # What is declared is small blocks of malloc: rows that wait, caches of the store.
        declared = bounded_bytes.get(f"{process.role}.native", 0)
        yield "blocks", counters.blocks_bytes - declared
        yield "mapped", counters.mapped_bytes
        yield "arrow", counters.arrow_bytes
