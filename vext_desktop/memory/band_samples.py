"""One band's bytes, batch by batch, in constant memory: the newest all, the older ones thinned."""

import statistics
from array import array

import numpy as np

from vext_desktop.memory.theil_sen import Floats, block_medians

# The longest of the recent stretches that are judged for themselves.
FINE_BATCHES = 480
# Samples of the whole; then neighbours are merged and each stands for twice as many batches.
MAX_SAMPLES = 1200


class BandSamples:
    """What one band held after each batch since the last event that moved its level.

    The room for all of them is taken at once: what measures growth must not grow itself.
    """

    def __init__(self) -> None:
        self.batches = 0
        self._fine: Floats = np.full(2 * FINE_BATCHES, np.nan)
        self._fine_count = 0
        self._coarse: Floats = np.full(MAX_SAMPLES, np.nan)
        self._coarse_count = 0
        self._pending = array("d")
        self._batches_per_sample = 1

    def add(self, value: float) -> None:
        """Record one batch, in bytes."""
        self.batches += 1
        if self._fine_count == len(self._fine):
            kept = FINE_BATCHES - 1
            self._fine[:kept] = self._fine[-kept:]
            self._fine_count = kept
        self._fine[self._fine_count] = value
        self._fine_count += 1
        self._pending.append(value)
        if len(self._pending) < self._batches_per_sample:
            return
        self._coarse[self._coarse_count] = statistics.median(self._pending)
        self._coarse_count += 1
        del self._pending[:]
        if self._coarse_count == MAX_SAMPLES:  # an even number: none is left over
            self._coarse_count //= 2
            self._coarse[: self._coarse_count] = self._coarse.reshape(-1, 2).mean(axis=1)
            self._batches_per_sample *= 2

    def clear(self) -> None:
        """Begin a new segment."""
        self.batches = self._fine_count = self._coarse_count = 0
        self._batches_per_sample = 1
        del self._pending[:]

    def since(self, start: int, end: int | None = None) -> tuple[Floats, Floats]:
        """Batches from `start` up to `end` (counted from 0), as at most 150 block medians.

        Returns:
            The middle of each block as a batch number, and its value in MB.
        """
        end = self.batches if end is None else end
        first_fine = self.batches - self._fine_count
        if start >= first_fine:
            taken = self._fine[start - first_fine : end - first_fine]
            positions, values = block_medians(taken)
            return positions + start, values / 1e6
        width = self._batches_per_sample
        first = -(-start // width)
        taken = self._coarse[first : max(first, end // width)]
        positions, values = block_medians(taken)
        return (positions + first) * width + (width - 1) / 2, values / 1e6
