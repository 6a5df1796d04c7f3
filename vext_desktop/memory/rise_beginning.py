"""Where a rise began."""

import numpy as np

from vext_desktop.memory.band_samples import FINE_BATCHES, BandSamples
from vext_desktop.memory.theil_sen import median

# Batches that a line needs, and places to try.
_SHORTEST_RISE = 20
_BENDS = 80


def find_beginning(samples: BandSamples, start: int, warm_up_batches: int) -> int:
    """Where the rise of the stretch from `start` to now began, inside it or before it.

    A level with a line that rises from it, the place of the bend chosen for the least squares;
    if it is where the search began, the rise is older, and the line is followed back.
    """
    first = max(warm_up_batches, start - FINE_BATCHES // 2)
    positions, values = samples.since(first)
    bends = np.linspace(positions[0], samples.batches - _SHORTEST_RISE, _BENDS)
    rises = np.maximum(0.0, positions - bends[:, np.newaxis])
    rises -= rises.mean(axis=1, keepdims=True)
    slopes = rises @ values / np.sum(rises * rises, axis=1)
    lost = np.sum((values - values.mean() - slopes[:, np.newaxis] * rises) ** 2, axis=1)
    best = int(np.argmin(lost))
    if bends[best] - first > _SHORTEST_RISE:
        return round(float(bends[best]))
    return _follow_back(samples, float(bends[best]), float(slopes[best]))


def _follow_back(samples: BandSamples, start: float, slope: float) -> int:
    """The batch from which on a band lies on the line that rises from `start` to the end."""
    positions, values = samples.since(round(start))
    on_line = values - slope * positions
    level = float(median(on_line))
    spread = 1.4826 * float(median(np.abs(on_line - level)))
    positions, values = samples.since(0)
    away = np.abs(values - slope * positions - level) > max(4 * spread, _SHORTEST_RISE * slope)
    earlier = np.flatnonzero(away & (positions < start))
    if not len(earlier):
        return 0
    return round(float(positions[min(earlier[-1] + 1, len(positions) - 1)]))
