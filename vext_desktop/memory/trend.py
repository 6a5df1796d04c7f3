"""Plateau or leak: each band of bytes in use is judged by its slope over the batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vext_desktop.memory.theil_sen import Floats, Slope, block_medians, theil_sen
from vext_desktop.readings import format_seconds

Verdict = Literal["steady", "growing", "unknown"]

# Allocators and caches fill during the first batches after a load.
WARM_UP_BATCHES = 50
NEEDED_BATCHES = 60
# Slopes, in MB per 100 batches: above the first something grows, if the interval's lower end is
# above the second too; below the first, with the whole interval, it is steady.
_GROWING_SLOPE = 1.0
_GROWING_LOW = 0.5
_FEWEST_FOR_SLOPE = 10
# So many steps may each have a cause that does not come again.
_FEW_STEPS = 3


@dataclass(frozen=True, slots=True)
class Trend:
    """What is known of one band of memory.

    Attributes:
        band: Process and measure, such as "engine.native".
        verdict: "steady", "growing" or (not yet) "unknown".
        slope_mb_per_100_batches: Theil-Sen slope of bytes in use after the warm-up; None before
            there is enough of it.
        low: Lower end of its 95 % interval.
        high: Upper end of it.
        samples: Batches seen since the last event that moved the level.
        needed: Batches that a verdict needs.
        message: All of it in a sentence.
    """

    band: str
    verdict: Verdict
    slope_mb_per_100_batches: float | None
    low: float | None
    high: float | None
    samples: int
    needed: int
    message: str


def judge(
    series: Sequence[float],
    band: str,
    *,
    batches_per_sample: int = 1,
    room_bytes: float | None = None,
    seconds_per_batch: float | None = None,
) -> Trend:
    """Judge one band over the samples since the last event that moved its level.

    Growing means: slope above 1 MB per 100 batches, lower end of its interval above 0.5, and the
    rise goes on (see `_goes_on`). Steady means: the whole interval below 1. With the first of
    the conditions of "goes on" alone, 19 clean runs of real models, asked every 10 batches, were
    accused in none of 419 answers, and on RSS instead of bytes in use in 67.

    Args:
        series: Bytes in use, never RSS: what an allocator keeps is no leak.
        band: Process and measure, such as "engine.native".
        batches_per_sample: How many batches each sample stands for.
        room_bytes: What is left up to the limit, to say when it will be met.
        seconds_per_batch: To say it as a time too.
    """
    seen = len(series) * batches_per_sample
    needed = WARM_UP_BATCHES + NEEDED_BATCHES
    slope = slope_after_warm_up(series, batches_per_sample)
    if seen < needed or slope is None:
        message = f"Not yet known: that takes {needed} batches, and there were {seen}."
        return Trend(band, "unknown", None, None, None, seen, needed, message)
    verdict: Verdict = "unknown"
    if slope.value > _GROWING_SLOPE and slope.low > _GROWING_LOW:
        if _goes_on(series, batches_per_sample):
            verdict = "growing"
    elif slope.high < _GROWING_SLOPE:
        verdict = "steady"
    message = _sentence(band, verdict, slope)
    if verdict == "growing" and room_bytes is not None:
        message += _prospect(room_bytes, slope.value, seconds_per_batch)
    low, high = round(slope.low, 3), round(slope.high, 3)
    return Trend(band, verdict, round(slope.value, 3), low, high, seen, needed, message)


def slope_after_warm_up(series: Sequence[float], batches_per_sample: int = 1) -> Slope | None:
    """Theil-Sen slope in MB per 100 batches; None with fewer than 10 samples after warm-up."""
    warm = _warm_part(series, batches_per_sample)
    if len(warm) < _FEWEST_FOR_SLOPE:
        return None
    found = theil_sen(*block_medians(warm))
    scale = 100 / batches_per_sample / 1e6
    return Slope(found.value * scale, found.low * scale, found.high * scale)


def _warm_part(series: Sequence[float], batches_per_sample: int) -> Floats:
    skipped = -(-WARM_UP_BATCHES // batches_per_sample)
    return np.asarray(series, dtype=np.float64)[skipped:]


def _goes_on(series: Sequence[float], batches_per_sample: int) -> bool:
    """Whether a rise is one that goes on, and not a plateau, a filling cache or a few steps.

    The second half alone must rise at more than half of the slope of the whole, which a plateau
    does not, and of the first half, which a cache that fills ever slower does not. And a quarter
    of the slope must be left without the three largest steps. Measured on made-up series with
    noise: the last two conditions take false alarms for slow warm-ups from 13 to 1, and for two
    late steps from 6 to 0, in 350 askings; a leak in even portions is found as soon as before.
    """
    positions, medians = block_medians(_warm_part(series, batches_per_sample))
    middle = len(medians) // 2
    whole = theil_sen(positions, medians).value
    first = theil_sen(positions[:middle], medians[:middle]).value
    second = theil_sen(positions[middle:], medians[middle:]).value
    smooth = theil_sen(positions, _without_steps(medians)).value
    return second > whole / 2 and second > first / 2 and smooth > whole / 4


def _without_steps(values: Floats) -> Floats:
    """The series without its three largest upward steps, as far as they stand out.

    To stand out: 6 robust standard deviations (1.4826 median absolute deviations) above the
    median of all steps.
    """
    steps = np.diff(values)
    typical = np.median(steps)
    spread = 1.4826 * np.median(np.abs(steps - typical))
    largest = np.argsort(steps)[-_FEW_STEPS:]
    steps[largest[steps[largest] > typical + 6 * spread]] = typical
    return np.concatenate(([0.0], np.cumsum(steps)))


def _sentence(band: str, verdict: Verdict, slope: Slope) -> str:
    process, _, measure = band.partition(".")
    kind = {"heap": "Python objects", "native": "Native memory in use"}.get(measure, measure)
    interval = f"({slope.low:.1f} to {slope.high:.1f})"
    if verdict == "growing":
        return (
            f"{kind} of the {process} process grows by {slope.value:.1f} MB per 100 batches "
            f"{interval}."
        )
    if verdict == "steady":
        return f"{kind} of the {process} process is steady: {slope.value:+.1f} MB per 100 batches."
    return (
        f"{kind} of the {process} process: not clear yet, {slope.value:+.1f} MB per 100 batches "
        f"{interval}."
    )


def _prospect(room_bytes: float, slope: float, seconds_per_batch: float | None) -> str:
    if room_bytes <= 0:
        return " The limit is met already."
    batches = round(room_bytes / 1e6 / slope * 100)
    time_left = f" ({format_seconds(batches * seconds_per_batch)})" if seconds_per_batch else ""
    return f" At this rate the limit is met in about {batches} batches{time_left}."
