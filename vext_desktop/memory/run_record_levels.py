"""The figures of a recorded run: peaks, settled levels, slopes, batches over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.curves import LINES, Floats, Measure
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.memory.run_record import RunTimeline

# The settled level is that of the end of a run: of its second half, the newest samples that were
# kept one by one. Older rows hold the highest of many, which would set it too high.
MOST_SETTLED_SAMPLES = 600


@dataclass(frozen=True, slots=True)
class Level:
    """What one curve of a process or of all came to.

    Attributes:
        line: A process, or "total".
        measure: RSS, heap or native buffers.
        peak_mb: Its highest value.
        settled_mb: Its median over the end of the run.
    """

    line: str
    measure: Measure
    peak_mb: float
    settled_mb: float


@dataclass(frozen=True, slots=True)
class Growth:
    """What a run's verdict says of one band of memory in use.

    Attributes:
        band: Process and measure, such as "engine.native".
        verdict: "steady", "growing" or "unknown"; "" where only the slope is known.
        slope: MB per 100 batches; None before there was enough to tell.
        low: Lower end of its 95 % interval.
        high: Upper end of it.
    """

    band: str
    verdict: str
    slope: float | None
    low: float | None = None
    high: float | None = None

    @property
    def label(self) -> str:
        """The band for people: "engine, native"."""
        return self.band.replace(".", ", ")


def levels_of(timeline: RunTimeline) -> list[Level]:
    """The levels of all curves that were ever known."""
    history = timeline.history
    curves = history.curves
    count = len(history)
    # Of RSS the kernel knows peaks between two batches too.
    marks = timeline.heading.peak_rss_bytes
    start = max(history.folded_rows, count // 2, count - MOST_SETTLED_SAMPLES)
    found = []
    for measure in Measure:
        for line in LINES:
            values = curves.values_mb(measure, line)
            settled = values[start:]
            settled = settled[np.isfinite(settled)]
            if np.isfinite(values).any():
                level = float(np.median(settled)) if len(settled) else float("nan")
                marked = marks.get(line, 0) / 1e6 if measure is Measure.RSS else 0.0
                peak = max(float(np.nanmax(values)), marked)
                found.append(Level(line, measure, peak, level))
    return found


def growths_of(timeline: RunTimeline) -> list[Growth]:
    """What the verdict says of each band; empty when the run never came to its summary."""
    bands = timeline.verdict.get("bands")
    slopes = timeline.summary.get("slope_mb_per_100_batches")
    found = {}
    for name, slope in slopes.items() if isinstance(slopes, dict) else ():
        found[name] = Growth(name, "", slope)
    for name, values in bands.items() if isinstance(bands, dict) else ():
        if isinstance(values, dict):
            found[name] = _growth(name, values)
    return list(found.values())


def times_of_batches(timeline: RunTimeline) -> tuple[Floats, Floats]:
    """Seconds since the origin and the batch that ended then, both rising, for interpolation."""
    marks = timeline.history.marks(EventKind.BATCH)
    times = np.array([0.0, *(timeline.history.time_of(mark) for mark in marks)])
    return times, np.array([0.0, *(float(mark.batch) for mark in marks)])


def batches_at(timeline: RunTimeline, times_s: Floats) -> Floats:
    """How many batches had ended at these moments; between those kept, interpolated."""
    times, batches = times_of_batches(timeline)
    found: Floats = np.interp(times_s, times, batches)
    return found


def band_history_of(timeline: RunTimeline) -> BandHistory:
    """The pictures of a run as a history of owner bands, as plots take it."""
    history = BandHistory(timeline.history.origin_s)
    for pictured in timeline.pictures:
        history.add(pictured.bands)
    return history


def _growth(name: str, values: Mapping[str, Any]) -> Growth:
    return Growth(
        name,
        str(values.get("verdict", "")),
        _number(values.get("slope_mb_per_100_batches")),
        _number(values.get("low")),
        _number(values.get("high")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
