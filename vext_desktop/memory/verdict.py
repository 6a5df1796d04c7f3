"""Remembers a run's readings batch by batch, and says whether memory in use grows without end."""

import dataclasses
import statistics
from array import array
from collections.abc import Mapping, Sequence

from vext_desktop.memory.trend import Trend, Verdict, judge, slope_after_warm_up
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

__all__ = ["Trend", "Verdict", "VerdictRecorder", "judge"]

# RSS is recorded for its slope only: judging it called one clean run in six a leak.
_JUDGED = ("heap", "native")
_RECORDED = (*_JUDGED, "rss")
# Samples kept of one band; then neighbours are merged and each stands for twice as many batches.
_MAX_SAMPLES = 1200


class VerdictRecorder:
    """Bands of memory, two judged and one recorded for each process, over the batches of a run.

    Memory is bounded: at most 1200 samples of each band. A process that was started anew begins
    a new segment by itself. One thread.

    Args:
        limit_bytes: The budget, to say when growth would meet it.
    """

    def __init__(self, limit_bytes: int | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._bands: dict[str, _Band] = {}
        self._first: ProgramReading | None = None
        self._last: ProgramReading | None = None
        self._batches = 0

    def add(self, reading: ProgramReading, bounded_bytes: Mapping[str, int] | None = None) -> None:
        """Record the reading that was taken after one batch.

        Args:
            reading: All processes.
            bounded_bytes: By band, what known caches and buffers with a bound hold in it at this
                moment; it is subtracted, because a cache that fills is no leak.
        """
        self._first = self._first or reading
        self._last = reading
        self._batches += 1
        for process in reading.processes:
            for measure in _RECORDED:
                value = getattr(process, f"{measure}_bytes")
                if value is not None:
                    name = f"{process.role}.{measure}"
                    value -= (bounded_bytes or {}).get(name, 0)
                    self._take(name, process, value)

    def mark_event(self, role: ProcessRole | None = None) -> None:
        """Something has moved the level: a reload, a changed setting, maintenance of the store.

        Args:
            role: The process that it happened in; all if None.
        """
        for name, band in self._bands.items():
            if role is None or name.startswith(f"{role}."):
                band.begin_segment(name, self._batches)

    def verdicts(self) -> dict[str, object]:
        """What is known, as plain JSON values; some 10 ms, so not at every batch.

        Returns:
            `overall` ("steady", "growing" or "unknown"), `message` (a sentence) and `bands`: by
            band, its verdict, slope in MB per 100 batches, interval and message. A segment too
            short to judge shows the verdict of the one before it, and says so.
        """
        trends = [self._trend(name) for name in self._judged_names()]
        overall, message = _overall(trends)
        return {
            "overall": overall,
            "message": message,
            "bands": {
                trend.band: {
                    "verdict": trend.verdict,
                    "slope_mb_per_100_batches": trend.slope_mb_per_100_batches,
                    "low": trend.low,
                    "high": trend.high,
                    "message": trend.message,
                }
                for trend in trends
            },
        }

    def slopes(self) -> dict[str, float | None]:
        """Slopes in MB per 100 batches since the last event, by band, RSS too.

        None with fewer than 10 samples after the warm-up.
        """
        found: dict[str, float | None] = {}
        for name, band in self._bands.items():
            slope = slope_after_warm_up(band.samples, band.batches_per_sample)
            found[name] = None if slope is None else round(slope.value, 3)
        return found

    def _take(self, name: str, process: MemoryReading, value: int) -> None:
        band = self._bands.get(name)
        if band is None:
            band = self._bands[name] = _Band(process.pid)
        elif band.pid != process.pid:
            band.begin_segment(name, self._batches - 1)
            band.pid = process.pid
        band.add(value)

    def _judged_names(self) -> list[str]:
        return [name for name in self._bands if name.rpartition(".")[2] in _JUDGED]

    def _trend(self, name: str) -> Trend:
        band = self._bands[name]
        room_bytes = seconds_per_batch = None
        if self._limit_bytes is not None and self._last is not None:
            room_bytes = self._limit_bytes - self._last.rss_bytes
        if self._first is not None and self._last is not None and self._batches > 1:
            seconds_per_batch = (self._last.at_s - self._first.at_s) / (self._batches - 1)
        trend = judge(
            band.samples,
            name,
            batches_per_sample=band.batches_per_sample,
            room_bytes=room_bytes,
            seconds_per_batch=seconds_per_batch,
        )
        if trend.samples < trend.needed and band.earlier is not None:
            return band.earlier
        return trend


class _Band:
    """The samples of one band since the last event, and what was known before it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.earlier: Trend | None = None
        self.batches_per_sample = 1
        self._samples = array("d")
        self._pending = array("d")

    @property
    def samples(self) -> Sequence[float]:
        """Bytes, oldest first; each is the median of `batches_per_sample` batches."""
        return self._samples

    def add(self, value: int) -> None:
        """Record one batch."""
        self._pending.append(value)
        if len(self._pending) < self.batches_per_sample:
            return
        self._samples.append(statistics.median(self._pending))
        del self._pending[:]
        if len(self._samples) > _MAX_SAMPLES:
            even = len(self._samples) // 2 * 2
            pairs = zip(self._samples[0:even:2], self._samples[1:even:2], strict=True)
            self._samples = array("d", [(one + other) / 2 for one, other in pairs])
            self.batches_per_sample *= 2

    def begin_segment(self, name: str, batch: int) -> None:
        """Forget the samples, but keep what they told."""
        trend = judge(self._samples, name, batches_per_sample=self.batches_per_sample)
        if trend.samples >= trend.needed:
            message = f"{trend.message.removesuffix('.')}, up to the change at batch {batch}."
            self.earlier = dataclasses.replace(trend, message=message)
        self.batches_per_sample = 1
        del self._samples[:]
        del self._pending[:]


def _overall(trends: Sequence[Trend]) -> tuple[Verdict, str]:
    growing = [trend for trend in trends if trend.verdict == "growing"]
    if growing:
        worst = max(growing, key=lambda trend: trend.slope_mb_per_100_batches or 0.0)
        return "growing", worst.message
    unknown = [trend for trend in trends if trend.verdict == "unknown"]
    if not trends:
        return "unknown", "Not yet known: no batch has been read."
    if unknown:
        # The one that is nearest to an answer says least about the whole.
        return "unknown", min(unknown, key=lambda trend: trend.samples).message
    steepest = max(trends, key=lambda trend: trend.slope_mb_per_100_batches or 0.0)
    slope = steepest.slope_mb_per_100_batches or 0.0
    return "steady", (
        f"Memory in use is steady: what moves most is {steepest.band.replace('.', ' ')}, by "
        f"{slope:+.1f} MB per 100 batches."
    )
