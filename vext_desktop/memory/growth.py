"""Growth that goes on: which stretch of a band rises for certain, how fast, and since when."""

import math
from dataclasses import dataclass

import numpy as np

from vext_desktop.memory.band_samples import FINE_BATCHES, BandSamples
from vext_desktop.memory.theil_sen import Floats, Slope, lag_1_autocorrelation, median, theil_sen

# Allocators and caches fill during the first batches after a load.
WARM_UP_BATCHES = 50
NEEDED_BATCHES = 60
# Slopes in MB per 100 batches: a band grows above the first, if the second lies below it with
# near certainty.
GROWING_SLOPE = 1.0
_GROWING_LOW = 0.5
# One in a thousand, on either side. It is asked every 10 batches for as long as a run goes on,
# so one in twenty would be wrong sooner or later.
_CERTAIN = 3.3
# The newest batches are judged for themselves too: in the whole, a leak that began late is
# diluted by what was before it.
_STRETCHES = (NEEDED_BATCHES, 120, 240, FINE_BATCHES)
# How far back a stretch must have no equal, in its own lengths, and from which batch on.
_LOOK_BACK = 4
_LOADED_BATCHES = 20
# So many steps may each have a cause that does not come again.
_FEW_STEPS = 3
# A rise is a cache that fills, or a logarithm, if it has become slower than this share of what it
# was before the stretch; and within the stretch, if at its end it is slower than the second share
# of its beginning, and the bend 2 standard errors from 0.
_SLOWED = 0.8
_FLATTENED = 0.6
_BENT = 2.0
# For finding where a rise began: batches that a line needs, and places to try.
_SHORTEST_RISE = 20
_BENDS = 80


@dataclass(frozen=True, slots=True)
class Growth:
    """A rise that is certain and goes on.

    Attributes:
        slope: MB per 100 batches since `since`, with its 95 % interval.
        since: The batch at which it began, counted from 0 at the last event.
    """

    slope: Slope
    since: int


def find_growth(samples: BandSamples, known: Growth | None = None) -> Growth | None:
    """The growth that a band shows now; None if there is none for certain.

    Args:
        samples: The band.
        known: What was found when it was asked last: that stands as long as the newest batches
            go on rising, with less proof than the first time.
    """
    last = samples.batches
    if last < WARM_UP_BATCHES + NEEDED_BATCHES:
        return None
    if known is not None and _still_rises(samples, known):
        return Growth(_told_slope(samples, known.since), known.since)
    starts = {max(WARM_UP_BATCHES, last - length) for length in _STRETCHES} | {WARM_UP_BATCHES}
    for start in sorted(starts, reverse=True):
        if _is_certain(samples, start):
            since = _find_beginning(samples, start)
            return Growth(_told_slope(samples, since), since)
    return None


def _still_rises(samples: BandSamples, known: Growth) -> bool:
    newest = slope_of(*samples.since(max(known.since, samples.batches - 2 * NEEDED_BATCHES)))
    return newest.value > max(_GROWING_LOW, known.slope.value / 2)


def _told_slope(samples: BandSamples, since: int) -> Slope:
    start = min(since, samples.batches - NEEDED_BATCHES // 2)
    return slope_of(*samples.since(max(WARM_UP_BATCHES, start)))


def slope_of(positions: Floats, values: Floats, deviations: float = 1.96) -> Slope:
    """Theil-Sen slope in MB per 100 batches."""
    found = theil_sen(positions, values, deviations)
    return Slope(found.value * 100, found.low * 100, found.high * 100)


def _is_certain(samples: BandSamples, start: int) -> bool:
    """Whether the stretch from `start` to now rises without doubt, goes on, and is new."""
    positions, values = samples.since(start)
    third = len(values) // 3
    rise = float(median(values[-third:]) - median(values[:third]))
    if rise / (2 / 3 * (positions[-1] - positions[0])) * 100 < _GROWING_LOW:
        return False  # far from it: most askings end here, after some microseconds
    slope = slope_of(positions, values, _CERTAIN)
    newest = slope_of(*samples.since(samples.batches - NEEDED_BATCHES))
    return (
        slope.value > GROWING_SLOPE
        and slope.low > _GROWING_LOW
        and newest.value > slope.value / 4
        and _goes_on(positions, values, slope.value)
        and _is_new(samples, start, slope.value)
    )


def _goes_on(positions: Floats, values: Floats, whole: float) -> bool:
    """Whether a rise is one that goes on, and not a plateau, a filling cache or a few steps."""
    middle = len(values) // 2
    first = slope_of(positions[:middle], values[:middle]).value
    second = slope_of(positions[middle:], values[middle:]).value
    smooth = slope_of(positions, _without_steps(values)).value
    return (
        second > max(whole, first) / 2 and smooth > whole / 4 and not _slows_down(positions, values)
    )


def _slows_down(positions: Floats, values: Floats) -> bool:
    """Whether a rise is rather a curve that flattens, such as a logarithm.

    A parabola is fitted. Its bend counts if it is 2 standard errors from 0, widened for residuals
    that hang together, and if the slope at the end is less than `_FLATTENED` of that at the start.
    """
    count = len(values)
    times = (positions - positions.mean()) / np.ptp(positions)
    bend = times * times - np.mean(times * times)
    bend -= times * (np.dot(bend, times) / np.dot(times, times))
    centred = values - values.mean()
    slope = float(np.dot(times, centred) / np.dot(times, times))
    curvature = float(np.dot(bend, centred) / np.dot(bend, bend))
    residuals = centred - slope * times - curvature * bend
    hang = lag_1_autocorrelation(residuals)
    variance = float(np.dot(residuals, residuals)) / (count - 3) / float(np.dot(bend, bend))
    error = math.sqrt(variance * (1 + hang) / (1 - hang))
    at_start, at_end = slope - curvature, slope + curvature
    return curvature < -_BENT * error and at_end < _FLATTENED * at_start


def _is_new(samples: BandSamples, start: int, slope: float) -> bool:
    """Whether the stretch rises above all that was before it, and no slower than that did."""
    length = samples.batches - start
    _, before = samples.since(max(_LOADED_BATCHES, start - _LOOK_BACK * length), start)
    _, stretch = samples.since(start)
    if median(stretch[-len(stretch) // 3 :]) <= _smoothed(before).max():
        return False
    middle = (WARM_UP_BATCHES + start) // 2
    if start - middle < _SHORTEST_RISE // 2:
        return True
    return slope >= _SLOWED * slope_of(*samples.since(middle, start)).value


def _smoothed(values: Floats) -> Floats:
    """Medians of five neighbours: a single spike is no level that was reached before."""
    count = len(values) // 5
    if count == 0:
        return values
    return median(values[len(values) - 5 * count :].reshape(count, 5))


def _without_steps(values: Floats) -> Floats:
    """The series without its three largest upward steps, as far as they stand out.

    To stand out: 6 robust standard deviations (1.4826 median absolute deviations) above the
    median of all steps.
    """
    steps = np.diff(values)
    typical = median(steps)
    spread = 1.4826 * median(np.abs(steps - typical))
    largest = np.argsort(steps)[-_FEW_STEPS:]
    steps[largest[steps[largest] > typical + 6 * spread]] = typical
    return np.concatenate(([0.0], np.cumsum(steps)))


def _find_beginning(samples: BandSamples, start: int) -> int:
    """Where the rise of a stretch began, inside it or before it.

    A level with a line that rises from it, the place of the bend chosen for the least squares;
    if it is where the search began, the rise is older, and the line is followed back.
    """
    first = max(WARM_UP_BATCHES, start - FINE_BATCHES // 2)
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
    positions, values = samples.since(0)
    offsets = values - slope * positions
    on_line = offsets[positions >= start]
    level = float(median(on_line))
    spread = 1.4826 * float(median(np.abs(on_line - level)))
    away = np.abs(offsets - level) > max(4 * spread, _SHORTEST_RISE * slope)
    earlier = np.flatnonzero(away & (positions < start))
    return round(float(positions[earlier[-1] + 1])) if len(earlier) else 0
