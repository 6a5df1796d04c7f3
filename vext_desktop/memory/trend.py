"""Plateau or leak: what is known of one band of bytes in use, in numbers and in a sentence."""

from dataclasses import dataclass, replace
from typing import Literal

from vext_desktop.memory.band_samples import BandSamples
from vext_desktop.memory.growth import (
    NEEDED_BATCHES,
    WARM_UP_BATCHES,
    Growth,
    find_steadiness,
)
from vext_desktop.memory.theil_sen import Slope, slope_of
from vext_desktop.readings import Band, ProcessRole, format_bytes, format_seconds

Verdict = Literal["steady", "growing", "unknown"]

_FEWEST_FOR_SLOPE = 10
# What the sentence of each owner that may grow begins with.
_GROWTH_OF = {
    Band.PYTHON_OBJECTS: "memory of Python objects rises",
    Band.NATIVE_IN_USE: "native heap in use rises",
    Band.LARGE_BLOCKS: "memory in large native blocks rises",
    Band.ARROW_LANCE: "memory of Arrow and LanceDB rises",
}


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is needed to say when growth would meet the limit.

    Attributes:
        limit_bytes: The limit of all our processes.
        room_bytes: What is left up to it.
        seconds_per_batch: None where it is not known.
    """

    limit_bytes: int
    room_bytes: int
    seconds_per_batch: float | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """What is known of one band of memory.

    Attributes:
        role: The process.
        band: What grows or not.
        verdict: "steady", "growing" or (not yet) "unknown".
        samples: Batches seen since the last event that moved the level.
        message: All of it in a sentence.
        slope: MB per 100 batches, with its 95 % interval: of bytes in use since the growth began,
            or after the warm-up if there is none; None before there is enough of it.
        growth: The growth, where there is one.
        since_batch: The batch of the run at which it began.
        batches_left: After how many more batches the limit will be met; None if not growing, or
            if there is no limit.
    """

    role: ProcessRole
    band: Band
    verdict: Verdict
    samples: int
    message: str
    slope: Slope | None = None
    growth: Growth | None = None
    since_batch: int | None = None
    batches_left: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether there were batches enough for a verdict."""
        return self.slope is not None

    def up_to(self, batch: int) -> "Trend":
        """The same when something has changed after that batch: told as what was."""
        words = self.message.replace(" is ", " was ", 1).removesuffix(".")
        message = f"{words}, up to the change at batch {batch}."
        return replace(self, message=message, batches_left=None)


def judge(
    samples: BandSamples,
    role: ProcessRole,
    band: Band,
    growth: Growth | None,
    *,
    first_batch: int = 0,
    prospect: Prospect | None = None,
) -> Trend:
    """Judge one band over the samples since the last event that moved its level.

    Growing means: a stretch that ends now, the whole since the warm-up or one of the newest,
    rises by more than 1 MB per 100 batches with near certainty, and the rise goes on. Steady
    means: the whole interval of its slope is below 1.

    Args:
        samples: Bytes in use, never RSS: what an allocator keeps is no leak.
        role: The process.
        band: What the bytes are, or what of them has grown.
        growth: What `find_growth` has found in them.
        first_batch: How many batches of the run were before the first sample.
        prospect: To say when the limit would be met.
    """
    seen, needed = samples.batches, WARM_UP_BATCHES + NEEDED_BATCHES
    if seen < needed:
        message = f"Not yet known: that takes {needed} batches, and there were {seen}."
        return Trend(role, band, "unknown", seen, message)
    if growth is not None:
        left = _batches_left(growth.slope, prospect)
        since = first_batch + growth.since + 1
        message = (
            f"The {role} process is growing: {_GROWTH_OF[band]} by {growth.slope.value:.1f} MB per "
            f"100 batches ({growth.slope.low:.1f} to {growth.slope.high:.1f}) since about batch "
            f"{since}."
        )
        if prospect is not None and left is not None:
            message += _describe_prospect(prospect, left)
        return Trend(role, band, "growing", seen, message, growth.slope, growth, since, left)
    place = describe_place(role, band)
    place = place[0].upper() + place[1:]
    slope = find_steadiness(samples)
    if slope is not None:
        message = f"{place} is steady: {slope.value:+.1f} MB per 100 batches."
        return Trend(role, band, "steady", seen, message, slope)
    slope = slope_of(*samples.since(WARM_UP_BATCHES))
    message = (
        f"{place}: not clear yet, {slope.value:+.1f} MB per 100 batches "
        f"({slope.low:.1f} to {slope.high:.1f})."
    )
    return Trend(role, band, "unknown", seen, message, slope)


def slope_after_warm_up(samples: BandSamples) -> Slope | None:
    """Theil-Sen slope in MB per 100 batches; None with fewer than 10 batches after warm-up."""
    if samples.batches < WARM_UP_BATCHES + _FEWEST_FOR_SLOPE:
        return None
    return slope_of(*samples.since(WARM_UP_BATCHES))


def describe_place(role: ProcessRole, band: Band) -> str:
    """A band of a process, in the middle of a sentence."""
    label = "memory of Python objects" if band is Band.PYTHON_OBJECTS else band.label
    return f"{label[0].lower()}{label[1:]} of the {role} process"


def _batches_left(slope: Slope, prospect: Prospect | None) -> int | None:
    if prospect is None:
        return None
    return max(0, round(float(prospect.room_bytes) / 1e6 / slope.value * 100))


def _describe_prospect(prospect: Prospect, batches: int) -> str:
    limit = f"the {format_bytes(prospect.limit_bytes)} limit"
    if batches == 0:
        return f" T{limit[1:]} is met already."
    about = _rounded(batches)
    per_batch = prospect.seconds_per_batch
    time_left = f" ({format_seconds(about * per_batch)})" if per_batch else ""
    return f" At this rate {limit} is met in about {about} batches{time_left}."


def _rounded(count: int) -> int:
    """Two digits are as much as an estimate can promise."""
    scale: int = 10 ** max(0, len(str(count)) - 2)
    return round(count / scale) * scale
