"""Growth that goes on: which stretch of a band rises for certain, how fast, and since when."""

from dataclasses import dataclass

from vext_desktop.memory.band_samples import FINE_BATCHES, BandSamples
from vext_desktop.memory.rise_beginning import find_beginning
from vext_desktop.memory.rise_shape import goes_on, without_jolts, without_steps
from vext_desktop.memory.theil_sen import Floats, Slope, median, slope_of

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
# A rise is a cache that fills, or a logarithm, if it has become slower than this share of what it
# was before, as far as there are so many batches to tell.
_SLOWED = 0.8
_FEWEST_BEFORE = 10
# The newest batches that are enough to be called steady.
_STEADY_BATCHES = 240


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
            since = find_beginning(samples, start, WARM_UP_BATCHES)
            return Growth(_told_slope(samples, since), since)
    return None


def _still_rises(samples: BandSamples, known: Growth) -> bool:
    newest = slope_of(*samples.since(max(known.since, samples.batches - 2 * NEEDED_BATCHES)))
    return newest.value > max(_GROWING_LOW, known.slope.value / 2)


def _told_slope(samples: BandSamples, since: int) -> Slope:
    start = min(since, samples.batches - NEEDED_BATCHES // 2)
    return slope_of(*samples.since(max(WARM_UP_BATCHES, start)))


def find_steadiness(samples: BandSamples) -> Slope | None:
    """The slope of a band that stays where it is; None if its interval reaches up to growth.

    The newest batches alone are enough, whatever was long before them. And if a few steps have
    made the interval wide, it is that of the band without them: a step is no slope.
    """
    for start in sorted({WARM_UP_BATCHES, max(WARM_UP_BATCHES, samples.batches - _STEADY_BATCHES)}):
        positions, values = samples.since(start)
        slope = slope_of(positions, values)
        if slope.high >= GROWING_SLOPE and slope.value < GROWING_SLOPE:
            slope = slope_of(positions, without_steps(values))
        if slope.high < GROWING_SLOPE:
            return slope
    return None


def _is_certain(samples: BandSamples, start: int) -> bool:
    """Whether the stretch from `start` to now rises without doubt, goes on, and is new."""
    positions, values = samples.since(start)
    third = len(values) // 3
    rise = float(median(values[-third:]) - median(values[:third]))
    if rise / (2 / 3 * (positions[-1] - positions[0])) * 100 < _GROWING_LOW:
        return False  # far from it: most askings end here, after some microseconds
    slope = slope_of(positions, values, _CERTAIN)
    if slope.value > GROWING_SLOPE and slope.low <= _GROWING_LOW:
        slope = slope_of(positions, without_jolts(values, rise), _CERTAIN)
    newest = slope_of(*samples.since(samples.batches - NEEDED_BATCHES))
    return (
        slope.value > GROWING_SLOPE
        and slope.low > _GROWING_LOW
        and newest.value > slope.value / 4
        and goes_on(positions, values, slope.value)
        and _is_new(samples, start, slope.value)
    )


def _is_new(samples: BandSamples, start: int, slope: float) -> bool:
    """Whether the stretch rises above all that was before it, and no slower than that did."""
    length = samples.batches - start
    _, before = samples.since(max(_LOADED_BATCHES, start - _LOOK_BACK * length), start)
    _, stretch = samples.since(start)
    if len(before) and median(stretch[-len(stretch) // 3 :]) <= _smoothed(before).max():
        return False
    middle = (WARM_UP_BATCHES + start) // 2
    if start - middle < _FEWEST_BEFORE:
        return True
    return slope >= _SLOWED * slope_of(*samples.since(middle, start)).value


def _smoothed(values: Floats) -> Floats:
    """Medians of five neighbours: a single spike is no level that was reached before."""
    count = len(values) // 5
    if count == 0:
        return values
    return median(values[len(values) - 5 * count :].reshape(count, 5))
