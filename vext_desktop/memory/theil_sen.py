"""A robust slope with its interval: Theil-Sen, Kendall's variance, widened for memory of noise."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Points that the pairwise slopes are taken over: 150 make 11175 pairs, about 1 ms.
MAX_POINTS = 150
NORMAL_95 = 1.96  # two-sided 95 % point of the normal distribution

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope and its interval, in the unit of the series."""

    value: float
    low: float
    high: float


def block_medians(series: Floats) -> tuple[Floats, Floats]:
    """Medians of equal blocks, at most 150 of them, and the positions of their middles."""
    width = max(1, math.ceil(len(series) / MAX_POINTS))
    count = len(series) // width
    # The oldest samples are left over, not the newest.
    blocks = series[len(series) - count * width :].reshape(count, width)
    middles = np.arange(count, dtype=np.float64) * width + (width - 1) / 2
    return middles, median(blocks)


def median(values: Floats) -> Floats:
    """The median along the last axis.

    numpy's own imports `numpy.ma` when it is first called: 1.1 MB in the middle of a run.
    """
    ordered = np.sort(values, axis=-1)
    count = values.shape[-1]
    return (ordered[..., (count - 1) // 2] + ordered[..., count // 2]) / 2


def theil_sen(positions: Floats, values: Floats, deviations: float = NORMAL_95) -> Slope:
    """The median of all pairwise slopes, with Sen's interval.

    Theil (1950) and Sen (1968): the interval takes the order statistics that lie so many
    standard deviations of Kendall's S from the middle, Var S = n(n-1)(2n+5)/18. That variance is
    multiplied by (1+r)/(1-r), r being the autocorrelation of the residuals at lag 1, because
    readings of one process hang together.

    Args:
        positions: Rising.
        values: As many.
        deviations: Standard deviations to either side; 1.96 for an interval of 95 %.

    Raises:
        ValueError: Fewer than two points.
    """
    count = len(values)
    if count < 2:
        raise ValueError("a slope needs two points")
    first, second = np.triu_indices(count, 1)
    slopes = np.sort((values[second] - values[first]) / (positions[second] - positions[first]))
    slope = float(median(slopes))
    residuals = values - slope * positions
    correlation = lag_1_autocorrelation(residuals - median(residuals))
    variance = count * (count - 1) * (2 * count + 5) / 18
    variance *= (1 + correlation) / (1 - correlation)
    reach = deviations * math.sqrt(variance)
    lower = round((len(slopes) - reach) / 2) - 1
    upper = round((len(slopes) + reach) / 2)
    low = float(slopes[max(0, lower)])
    return Slope(slope, low, float(slopes[min(len(slopes) - 1, upper)]))


def slope_of(positions: Floats, values: Floats, deviations: float = NORMAL_95) -> Slope:
    """Theil-Sen slope in MB per 100 batches."""
    found = theil_sen(positions, values, deviations)
    return Slope(found.value * 100, found.low * 100, found.high * 100)


def lag_1_autocorrelation(residuals: Floats) -> float:
    """Of each value with the next: between 0 and 0.99, as negative correlation narrows nothing."""
    centred = residuals - residuals.mean()
    power = float(np.dot(centred, centred))
    if power == 0:
        return 0.0
    return min(0.99, max(0.0, float(np.dot(centred[:-1], centred[1:])) / power))
