"""Whether a rise is one that goes on, or a plateau, a cache that fills, or a few steps."""

import math

import numpy as np
from numpy.typing import NDArray

from vext_desktop.memory.theil_sen import Floats, lag_1_autocorrelation, median, slope_of

# A rise flattens if it is slower at its end than this share of its beginning, and its bend is so
# many standard errors from 0: doubting a straight line costs 10 batches, until it is asked again.
_FLATTENED = 0.6
_BENT = 2.0
# So many steps may each have a cause that does not come again.
_FEW_STEPS = 3


def goes_on(positions: Floats, values: Floats, whole: float) -> bool:
    """Whether a rise is one that goes on, and not a plateau, a filling cache or a few steps."""
    middle = len(values) // 2
    first = slope_of(positions[:middle], values[:middle]).value
    second = slope_of(positions[middle:], values[middle:]).value
    smooth = slope_of(positions, without_steps(values)).value
    return (
        second > max(whole, first) / 2 and smooth > whole / 4 and not _slows_down(positions, values)
    )


def without_steps(values: Floats) -> Floats:
    """The series without its three largest upward steps, as far as they stand out.

    To stand out: 6 robust standard deviations (1.4826 median absolute deviations) above the
    median of all steps.
    """
    steps = np.diff(values)
    typical, stands_out = _typical_step(steps)
    largest = np.argsort(steps)[-_FEW_STEPS:]
    steps[largest[(steps[largest] > typical) & stands_out[largest]]] = typical
    return np.concatenate(([0.0], np.cumsum(steps)))


def without_jolts(values: Floats, rise: float) -> Floats:
    """The series without its three largest steps, up or down, as far as they stand out.

    A block that is freed in the midst of a steady rise makes the residuals hang together, and so
    every interval too wide to be certain of anything.

    Args:
        values: The series.
        rise: How far it rises in all; it stays as it is if the steps down are more than a
            quarter of that, for then what rises is the side of a saw's tooth.
    """
    steps = np.diff(values)
    typical, stands_out = _typical_step(steps)
    largest = np.argsort(np.abs(steps - typical))[-_FEW_STEPS:]
    jolts = largest[stands_out[largest]]
    if -float(np.minimum(steps[jolts], 0).sum()) > rise / 4:
        return values
    steps[jolts] = typical
    return np.concatenate(([0.0], np.cumsum(steps)))


def _typical_step(steps: Floats) -> tuple[float, NDArray[np.bool_]]:
    typical = float(median(steps))
    away = np.abs(steps - typical)
    return typical, away > 6 * 1.4826 * median(away)


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
