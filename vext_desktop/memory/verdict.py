"""Remembers a run's readings batch by batch, and says whether memory in use grows without end."""

from collections.abc import Mapping

from vext_desktop.events import MemoryJudged
from vext_desktop.memory.growth import Growth, find_growth
from vext_desktop.memory.kept_memory import describe_kept
from vext_desktop.memory.recorded_band import JUDGED, PARTS, RecordedBand, measures_of
from vext_desktop.memory.trend import Prospect, Trend, describe_place, judge, slope_after_warm_up
from vext_desktop.readings import Band, ProcessRole, ProgramReading


class VerdictRecorder:
    """Bands of memory of each process over the batches of a run.

    Memory is bounded: some 20 kB for each band. A process that was started anew begins a new
    segment by itself. One thread.

    Args:
        limit_bytes: The budget, to say when growth would meet it.
    """

    def __init__(self, limit_bytes: int | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._bands: dict[tuple[ProcessRole, str], RecordedBand] = {}
        self._first: ProgramReading | None = None
        self._last: ProgramReading | None = None
        self._path = ""
        self._batches = 0

    def add(
        self,
        reading: ProgramReading,
        bounded_bytes: Mapping[str, int] | None = None,
        path: str = "",
    ) -> None:
        """Record the reading that was taken after one batch.

        Args:
            reading: All processes.
            bounded_bytes: By "process.heap" or "process.native", what known caches and buffers
                with a bound hold in it at this moment; it is subtracted, because a cache that
                fills is no leak.
            path: The file in hand. What the reader holds in its middle is that of the batch at
                which the file was begun: a long PDF takes more with each page, until its end.
        """
        is_same_file = bool(path) and path == self._path
        self._path = path
        self._first = self._first or reading
        self._last = reading
        self._batches += 1
        for process in reading.processes:
            for measure, value in measures_of(process, bounded_bytes or {}):
                band = self._bands.get((process.role, measure))
                if band is None:
                    band = self._bands[process.role, measure] = RecordedBand(
                        process.pid, self._batches - 1
                    )
                elif band.pid != process.pid:
                    self._begin_segment(process.role, measure, self._batches - 1)
                    band.pid = process.pid
                is_for_file = is_same_file and process.role is ProcessRole.READER
                band.add(value, is_repeated=is_for_file)

    def mark_event(self, role: ProcessRole | None = None) -> None:
        """Something has moved the level: a reload, a changed setting.

        Args:
            role: The process that it happened in; all if None.
        """
        for one, measure in self._bands:
            if role is None or role is one:
                self._begin_segment(one, measure, self._batches)

    def judged(self) -> MemoryJudged:
        """What is known of the whole; some 10 ms, so not at every batch."""
        return self._overall(self._trends())

    def verdicts(self) -> dict[str, object]:
        """What is known, as plain JSON values; some 10 ms, so not at every batch.

        Returns:
            `overall` ("steady", "growing" or "unknown"), `message` (a sentence), `process`,
            `owner`, `since_batch` and `batches_left` (None unless growing), and `bands`: by
            "process.heap" and "process.native", its verdict, slope in MB per 100 batches,
            interval and message. A segment too short to judge shows the verdict of the one
            before it, and says so.
        """
        trends = self._trends()
        overall = self._overall(trends)
        return {
            "overall": overall.verdict,
            "message": overall.message,
            "process": overall.role and overall.role.value,
            "owner": overall.owner and overall.owner.value,
            "since_batch": overall.since_batch,
            "batches_left": overall.batches_left,
            "bands": {f"{role}.{kind}": _as_json(trend) for (role, kind), trend in trends.items()},
        }

    def slopes(self) -> dict[str, float | None]:
        """Slopes in MB per 100 batches since the last event, by band, RSS too.

        None with fewer than 10 batches after the warm-up.
        """
        found: dict[str, float | None] = {}
        for (role, measure), band in self._bands.items():
            if measure not in PARTS:
                slope = slope_after_warm_up(band.samples)
                found[f"{role}.{measure}"] = None if slope is None else round(slope.value, 3)
        return found

    def _trends(self) -> dict[tuple[ProcessRole, str], Trend]:
        return {
            (role, measure): self._trend(role, measure)
            for role, measure in self._bands
            if measure in JUDGED
        }

    def _trend(self, role: ProcessRole, measure: str) -> Trend:
        band = self._bands[role, measure]
        trend = self._judge(role, measure, self._prospect())
        band.growth = trend.growth
        if not trend.is_known and band.earlier is not None:
            return band.earlier
        return trend

    def _judge(self, role: ProcessRole, measure: str, prospect: Prospect | None) -> Trend:
        band = self._bands[role, measure]
        growth = find_growth(band.samples, band.growth)
        owner = JUDGED[measure]
        if measure == "native" and growth is not None:
            owner = self._owner_of_native(role, growth)
        return judge(
            band.samples, role, owner, growth, first_batch=band.first_batch, prospect=prospect
        )

    def _owner_of_native(self, role: ProcessRole, growth: Growth) -> Band:
        """The part of native memory that made up most of a growth."""
        rises = {
            owner: self._bands[role, part].rise_since(growth.since)
            for part, owner in PARTS.items()
            if (role, part) in self._bands
        }
        if not rises:
            return Band.NATIVE_IN_USE
        return max(rises, key=rises.__getitem__)

    def _begin_segment(self, role: ProcessRole, measure: str, batch: int) -> None:
        band = self._bands[role, measure]
        if measure in JUDGED:
            trend = self._judge(role, measure, None)
            if trend.is_known:
                band.earlier = trend.up_to(batch)
        band.begin_segment(batch)

    def _prospect(self) -> Prospect | None:
        if self._limit_bytes is None or self._last is None or self._first is None:
            return None
        seconds_per_batch = None
        if self._batches > 1:
            seconds_per_batch = (self._last.at_s - self._first.at_s) / (self._batches - 1)
        room_bytes = self._limit_bytes - self._last.rss_bytes
        return Prospect(self._limit_bytes, room_bytes, seconds_per_batch)

    def _overall(self, trends: Mapping[tuple[ProcessRole, str], Trend]) -> MemoryJudged:
        growing = [trend for trend in trends.values() if trend.verdict == "growing"]
        if growing:
            worst = max(growing, key=_slope_value)
            return MemoryJudged(
                "growing",
                worst.message,
                worst.role,
                worst.band,
                worst.since_batch,
                worst.batches_left,
            )
        if not trends:
            return MemoryJudged("unknown", "Not yet known: no batch has been read.")
        unknown = [trend for trend in trends.values() if trend.verdict == "unknown"]
        if unknown:
            # The one that is furthest from an answer says most about the whole.
            return MemoryJudged("unknown", min(unknown, key=lambda trend: trend.samples).message)
        steepest = max(trends.values(), key=_slope_value)
        message = (
            "Memory in use is steady: what moves most is "
            f"{describe_place(steepest.role, steepest.band)}, by {_slope_value(steepest):+.1f} MB "
            f"per 100 batches.{describe_kept(self._first, self._last)}"
        )
        return MemoryJudged("steady", message)


def _slope_value(trend: Trend) -> float:
    return trend.slope.value if trend.slope is not None else 0.0


def _as_json(trend: Trend) -> dict[str, object]:
    slope = trend.slope
    return {
        "verdict": trend.verdict,
        "slope_mb_per_100_batches": slope and round(slope.value, 3),
        "low": slope and round(slope.low, 3),
        "high": slope and round(slope.high, 3),
        "message": trend.message,
    }
