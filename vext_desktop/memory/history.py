"""What memory was and what happened when: bounded, however long the program runs. No Qt."""

from collections.abc import Iterable

import numpy as np

from vext_desktop.memory.curves import (
    ROWS,
    TOTAL,
    TOTAL_ROWS,
    Floats,
    Measure,
    MemoryCurves,
    column_of,
    envelope,
    highest,
)
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.packed_marks import Marks, MarkTrack
from vext_desktop.memory.row_peaks import EDGE_S, Peak, RowPeaks, peak_places
from vext_desktop.readings import ProgramReading


class MemoryHistory:
    """Samples of each process and their sum, and the marks of events.

    The newest samples are kept as they came. Older ones are folded: a row then holds, for each
    curve, the highest of `samples_per_old_row` values, so that no peak disappears. Its time is
    that of its highest RSS of all processes, and the batch in hand then stays known, so that
    every peak can be named however old it is. When the old part is full, its rows are folded by
    two. So memory is constant: 16 numbers and at most three marks for each row.

    Args:
        origin_s: The moment, on the monotonic clock, that all times are counted from.
        recent_rows: Samples kept one by one (1200: five minutes at 4 Hz).
        old_rows: Rows for everything before; more than half of `recent_rows`.
    """

    def __init__(self, origin_s: float, recent_rows: int = 1200, old_rows: int = 1024) -> None:
        self.origin_s = origin_s
        self.samples_per_old_row = 1
        self._recent_limit = recent_rows
        self._fold_size = recent_rows // 2
        self._table = np.full((ROWS, recent_rows + old_rows), np.nan)
        self._peaks = RowPeaks(recent_rows + old_rows)
        self._old_limit = old_rows
        self._count = 0
        self._old_count = 0
        self._in_last_old_row = 0
        self._tracks = {kind: MarkTrack(kind) for kind in EventKind}

    @classmethod
    def restored(
        cls,
        origin_s: float,
        table: Floats,
        folded_rows: int,
        samples_per_old_row: int,
        marks: Iterable[EventMark],
        peaks: RowPeaks | None = None,
    ) -> "MemoryHistory":
        """A history that was saved, to be looked at.

        Args:
            origin_s: The moment that all times are counted from.
            table: As `curves` had it; shape (13, n), times rising.
            folded_rows: The oldest rows that stand for `samples_per_old_row` samples each.
            samples_per_old_row: As the saved history had it.
            marks: In the order of time.
            peaks: As `peaks` had them, n rows; None where they were not saved: then the marks
                tell the batches, as well as they can.
        """
        count = table.shape[1]
        history = cls(origin_s, max(2, count - folded_rows), max(2, count))
        history._table[:, :count] = table
        history._count, history._old_count = count, folded_rows
        history.samples_per_old_row = history._in_last_old_row = samples_per_old_row
        for mark in marks:
            history._tracks[mark.kind].add(mark)
        if peaks is not None:
            history._peaks = peaks
        else:
            for row, time_s in enumerate(table[0].tolist()):
                history._peaks.put(row, time_s, history.batch_at(time_s)[0])
        return history

    def __len__(self) -> int:
        """Rows kept now."""
        return self._count

    @property
    def folded_rows(self) -> int:
        """The oldest rows, each of which stands for `samples_per_old_row` samples."""
        return self._old_count

    @property
    def nbytes(self) -> int:
        """Memory of the samples; it never changes."""
        return self._table.nbytes + self._peaks.nbytes

    @property
    def peaks(self) -> RowPeaks:
        """The peaks of all rows, as copies."""
        peaks = RowPeaks(self._count)
        peaks.times_s[:] = self._peaks.times_s[:, : self._count]
        peaks.batches[:] = self._peaks.batches[:, : self._count]
        return peaks

    @property
    def curves(self) -> MemoryCurves:
        """All rows, as views that hold until the next `add`."""
        return MemoryCurves(self._table[:, : self._count])

    def curves_between(self, start_s: float, end_s: float, most: int) -> MemoryCurves:
        """The rows of a stretch of time and one on either side, thinned to about `most` points.

        Where there are more rows, slices of them are drawn by their highest and lowest values,
        so that neither a peak nor a dip is lost. Slices begin at multiples of their size, so
        that they stay the same while the stretch moves on.
        """
        times = self._table[0, : self._count]
        first = max(0, int(np.searchsorted(times, start_s)) - 1)
        last = min(self._count, int(np.searchsorted(times, end_s)) + 1)
        size = 2 * (last - first) // max(most, 2)
        if size <= 2:
            return MemoryCurves(self._table[:, first:last])
        return MemoryCurves(envelope(self._table[:, first - first % size : last], size))

    def add(self, reading: ProgramReading) -> None:
        """Keep a reading; one that is not later than the last is left out."""
        time_s = reading.at_s - self.origin_s
        if self._count and time_s <= self._table[0, self._count - 1]:
            return
        if self._count - self._old_count == self._recent_limit:
            self._fold()
        self._table[:, self._count] = column_of(reading, time_s)
        self._peaks.put(self._count, time_s, self.batch_at(time_s)[0])
        self._count += 1

    def row_at(self, time_s: float) -> int | None:
        """The row nearest in time; None while there is no row."""
        if not self._count:
            return None
        times = self._table[0, : self._count]
        after = min(int(np.searchsorted(times, time_s)), self._count - 1)
        if after and time_s - times[after - 1] < times[after] - time_s:
            return after - 1
        return after

    def time_near(
        self, measure: Measure, place: tuple[float, float], reach: tuple[float, float]
    ) -> float:
        """The moment of the row whose sum is nearest to a place that was pointed at.

        Where many rows share a pixel, only the height tells a peak from its neighbours.

        Args:
            measure: What is pointed at.
            place: Seconds since the origin, and MB.
            reach: How far away a row may be in either; without one the time stays as it is.
        """
        times = self._table[0, : self._count]
        first, last = np.searchsorted(times, (place[0] - reach[0], place[0] + reach[0]))
        totals = self.curves.values_mb(measure, TOTAL)[first:last]
        across = (times[first:last] - place[0]) / reach[0]
        distances = np.hypot(across, (totals - place[1]) / reach[1])
        if not (distances <= 1).any():
            return place[0]
        return float(times[int(first) + int(np.nanargmin(distances))])

    def peak_of(self, row: int, measure: Measure) -> Peak:
        """When the sum of all processes was highest within a row, and the batch then."""
        return self._peaks.peak(row, measure, self.origin_s)

    def add_mark(self, mark: EventMark) -> None:
        """Keep the mark of an event; old ones of its kind thin out when there are many."""
        if mark.kind is EventKind.BATCH:
            self._note_batch(mark)
        self._tracks[mark.kind].add(mark)

    def marks(self, kind: EventKind) -> Marks:
        """The marks of one kind that are kept, oldest first; good until the next `add_mark`."""
        return self._tracks[kind].marks()

    def marks_between(self, start_s: float, end_s: float, most: int) -> list[EventMark]:
        """The marks of a stretch of time, thinned to about `most` of each kind.

        The first mark of each slice of time is taken. Slices begin at whole multiples of their
        width, a power of two, so that the choice stays the same while the stretch moves on.
        """
        width_s = 2.0 ** np.ceil(np.log2(max(end_s - start_s, 1e-6) / most))
        chosen: list[EventMark] = []
        for track in self._tracks.values():
            marks = track.marks()
            bounds = (start_s + self.origin_s, end_s + self.origin_s)
            first, last = np.searchsorted(marks.moments_s, bounds).tolist()
            slices = (marks.moments_s[first:last] - self.origin_s) // width_s
            _, firsts = np.unique(slices, return_index=True)
            chosen += marks.chosen((first + firsts).tolist())
        return chosen

    def time_of(self, mark: EventMark) -> float:
        """When a mark was made, in seconds since the origin."""
        return mark.at_s - self.origin_s

    def batch_at(self, time_s: float) -> tuple[EventMark | None, bool]:
        """The batch in hand at a time and True, or the last one before it and False."""
        batches = self._tracks[EventKind.BATCH].marks()
        at_s = time_s + self.origin_s
        next_one = int(np.searchsorted(batches.moments_s, at_s))
        if next_one < len(batches):
            batch = batches[next_one]
            if batch.at_s - batch.seconds <= at_s:
                return batch, True
        return (batches[next_one - 1] if next_one else None), False

    def _note_batch(self, mark: EventMark) -> None:
        """Rows since the batch began are its own, but for those of the batch before."""
        began_s = self.time_of(mark) - mark.seconds
        before = self._tracks[EventKind.BATCH].marks()
        if before:
            began_s = max(began_s, self.time_of(before[-1]) + EDGE_S)
        first = int(np.searchsorted(self._table[0, : self._count], began_s))
        self._peaks.note_batch(first, self._count, mark)

    def _fold(self) -> None:
        """Fold the older half of the newest samples into the old part."""
        if self._old_count + self._fold_size // self.samples_per_old_row + 1 > self._old_limit:
            self._halve_old_part()
        start, end = self._old_count, self._old_count + self._fold_size
        room = self.samples_per_old_row - self._in_last_old_row if start else 0
        if room:
            self._gather(start - 1, min(start + room, end), room + 1, start - 1)
            self._in_last_old_row += min(room, self._fold_size)
        if self._fold_size > room:
            self._old_count += self._gather(start + room, end, self.samples_per_old_row, start)
            left_over = (self._fold_size - room) % self.samples_per_old_row
            self._in_last_old_row = left_over or self.samples_per_old_row
        self._slide(end)

    def _halve_old_part(self) -> None:
        if self._old_count % 2 == 0:
            self._in_last_old_row += self.samples_per_old_row
        self.samples_per_old_row *= 2
        end = self._old_count
        self._old_count = self._gather(0, end, 2, 0)
        self._slide(end)

    def _gather(self, start: int, end: int, size: int, target: int) -> int:
        """Make one row of each `size` columns, put them at an earlier place, and count them."""
        places = start + peak_places(self._table[TOTAL_ROWS, start:end], size)
        rows = highest(self._table[:, start:end], size)
        rows[0] = self._table[0, places[0]]  # RSS is the first measure
        self._table[:, target : target + rows.shape[1]] = rows
        self._peaks.gather(places, target)
        return int(rows.shape[1])

    def _slide(self, start: int) -> None:
        """Let the samples from a column on follow the old part."""
        end, self._count = self._count, self._old_count + self._count - start
        self._table[:, self._old_count : self._count] = self._table[:, start:end].copy()
        self._peaks.slide(start, end, self._old_count)
