"""One band's bytes, batch by batch, in bounded memory: the newest all, the older ones thinned."""

import statistics
from array import array

import numpy as np

from vext_desktop.memory.theil_sen import Floats, block_medians

# The longest of the recent stretches that are judged for themselves.
FINE_BATCHES = 480
# Samples of the whole; then neighbours are merged and each stands for twice as many batches.
MAX_SAMPLES = 1200


class BandSamples:
    """What one band held after each batch since the last event that moved its level."""

    def __init__(self) -> None:
        self.batches = 0
        self._fine = array("d")
        self._coarse = array("d")
        self._pending = array("d")
        self._batches_per_sample = 1

    def add(self, value: float) -> None:
        """Record one batch, in bytes."""
        self.batches += 1
        self._fine.append(value)
        if len(self._fine) > 2 * FINE_BATCHES:
            del self._fine[:-FINE_BATCHES]
        self._pending.append(value)
        if len(self._pending) < self._batches_per_sample:
            return
        self._coarse.append(statistics.median(self._pending))
        del self._pending[:]
        if len(self._coarse) == MAX_SAMPLES:  # an even number: none is left over
            pairs = zip(self._coarse[0::2], self._coarse[1::2], strict=True)
            self._coarse = array("d", [(one + other) / 2 for one, other in pairs])
            self._batches_per_sample *= 2

    def clear(self) -> None:
        """Begin a new segment."""
        self.batches = 0
        self._batches_per_sample = 1
        for values in (self._fine, self._coarse, self._pending):
            del values[:]

    def since(self, start: int, end: int | None = None) -> tuple[Floats, Floats]:
        """Batches from `start` up to `end` (counted from 0), as at most 150 block medians.

        Returns:
            The middle of each block as a batch number, and its value in MB.
        """
        end = self.batches if end is None else end
        first_fine = self.batches - len(self._fine)
        if start >= first_fine:
            taken = self._fine[start - first_fine : end - first_fine]
            positions, values = block_medians(np.array(taken))
            return positions + start, values / 1e6
        width = self._batches_per_sample
        first = -(-start // width)
        taken = self._coarse[first : max(first, end // width)]
        positions, values = block_medians(np.array(taken))
        return (positions + first) * width + (width - 1) / 2, values / 1e6
