"""Who owned the memory over time: owner bands of each process, bounded for ever. No Qt."""

from itertools import pairwise
from typing import cast

import numpy as np

from vext_desktop.memory.curves import LINES, TOTAL, Floats
from vext_desktop.readings import Band, OwnerBands, ProgramBands

BANDS: tuple[Band, ...] = tuple(Band)
# From the ground up: code and files, which hardly change, carry what comes and goes. A table that
# lists the bands in their own order reads like the stack from its top.
STACKED: tuple[Band, ...] = BANDS[::-1]
ROWS = 1 + len(LINES) * len(BANDS)
# Pictures further apart than this many usual steps have a gap between them, where nobody looked.
GAP_STEPS = 4
# Pictures come every ten seconds, every thirty where they are costly; a step up to this is no gap.
SHORTEST_GAP_S = 90.0


class BandCurves:
    """Owner bands over a stretch of time.

    Args:
        table: Shape (41, n): seconds, then MB for each line and band, NaN where unknown.
    """

    def __init__(self, table: Floats) -> None:
        self._table = table

    def __len__(self) -> int:
        """How many moments there are."""
        return int(self._table.shape[1])

    @property
    def times_s(self) -> Floats:
        """Seconds since the origin of the history, rising; shape (n,)."""
        return cast("Floats", self._table[0])

    def values_mb(self, line: str, band: Band) -> Floats:
        """One band of one process or of all, in MB (10^6 bytes); NaN where it was not told."""
        return cast("Floats", self._table[_row(line, band)])

    def bands(self, line: str) -> list[Band]:
        """The bands that were told at any moment, in their order; the others are absent."""
        return [band for band in BANDS if np.isfinite(self.values_mb(line, band)).any()]

    def stack(self, line: str) -> tuple[list[Band], Floats]:
        """The bands that were told, and for each the height in MB of its upper edge.

        The first band stands on the ground, as in `STACKED`. A band that was not told at a
        moment, or that is below 0 (an owner counted twice), adds nothing there. Shape (bands, n).
        """
        bands = [band for band in STACKED if np.isfinite(self.values_mb(line, band)).any()]
        heights = np.zeros((len(bands), len(self)))
        for number, band in enumerate(bands):
            heights[number] = np.fmax(self.values_mb(line, band), 0.0)
        return bands, np.cumsum(heights, axis=0)

    def pieces(self) -> list[slice]:
        """Stretches without a gap: the moments between which a curve may be drawn."""
        if not len(self):
            return []
        steps = np.diff(self.times_s)
        usual = float(np.sort(steps)[(len(steps) - 1) // 2]) if len(steps) else 0.0
        longest = max(SHORTEST_GAP_S, GAP_STEPS * usual)
        cuts = [0, *(np.flatnonzero(steps > longest) + 1).tolist(), len(self)]
        return [slice(start, end) for start, end in pairwise(cuts)]


class BandHistory:
    """The owner bands of each process and their sum, from the first picture to the last.

    The newest pictures are kept as they came. Each older row is the average of a number of
    pictures, so that bands still stack to the average RSS; that number doubles when the old part
    is full. So memory is constant: 41 numbers for each row.

    Args:
        origin_s: The moment, on the monotonic clock, that all times are counted from.
        recent_rows: Pictures kept one by one (360: an hour at one every ten seconds).
        old_rows: Rows for everything before; an even number.
    """

    def __init__(self, origin_s: float, recent_rows: int = 360, old_rows: int = 1024) -> None:
        self.origin_s = origin_s
        self.latest: ProgramBands | None = None
        self.pictures_per_old_row = 1
        self._recent = np.full((ROWS, recent_rows), np.nan)
        self._old = np.full((ROWS, old_rows), np.nan)
        self._recent_count = 0
        self._old_count = 0
        self._in_last_old_row = 1

    def __len__(self) -> int:
        """Rows kept now."""
        return self._old_count + self._recent_count

    @property
    def nbytes(self) -> int:
        """Memory of the rows; it never changes."""
        return self._recent.nbytes + self._old.nbytes

    @property
    def curves(self) -> BandCurves:
        """All rows."""
        return BandCurves(self._columns(0, len(self)))

    def curves_between(self, start_s: float, end_s: float, most: int) -> BandCurves:
        """The rows of a stretch of time and one on either side, averaged to `most` at most."""
        times = self._times()
        first = max(0, int(np.searchsorted(times, start_s)) - 1)
        last = min(len(self), int(np.searchsorted(times, end_s)) + 1)
        size = -(-(last - first) // max(most, 2))
        if size <= 1:
            return BandCurves(self._columns(first, last))
        # Slices begin at multiples of their size: they stay the same while the stretch moves on.
        first -= first % size
        columns = self._columns(first, last)
        return BandCurves(_average(columns, size))

    def add(self, picture: ProgramBands) -> None:
        """Keep a picture; one that is not later than the last is left out."""
        time_s = picture.at_s - self.origin_s
        if self._recent_count and time_s <= self._recent[0, self._recent_count - 1]:
            return
        if self._recent_count == self._recent.shape[1]:
            self._retire(self._recent_count // 2)
        self._recent[:, self._recent_count] = _column_of(picture, time_s)
        self._recent_count += 1
        self.latest = picture

    def nearest(self, time_s: float) -> BandCurves:
        """The row nearest to a moment, as curves of one point; none inside a gap."""
        for piece in (curves := self.curves).pieces():
            times = curves.times_s[piece]
            reach = SHORTEST_GAP_S / 2
            if times[0] - reach <= time_s <= times[-1] + reach:
                row = piece.start + int(np.abs(times - time_s).argmin())
                return BandCurves(self._columns(row, row + 1))
        return BandCurves(self._columns(0, 0))

    def beside(self, time_s: float | None, *, forward: bool) -> float | None:
        """The moment of the next row, or of the one before; from the end where None is given."""
        times = self._times()
        here = np.inf if time_s is None else time_s
        row = int(np.searchsorted(times, here, side="right" if forward else "left"))
        row -= 0 if forward else 1
        return float(times[row]) if 0 <= row < len(times) else None

    def _times(self) -> Floats:
        return np.concatenate(
            (self._old[0, : self._old_count], self._recent[0, : self._recent_count])
        )

    def _columns(self, first: int, last: int) -> Floats:
        old = self._old[:, first : min(last, self._old_count)]
        start = max(0, first - self._old_count)
        recent = self._recent[:, start : max(start, last - self._old_count)]
        return np.concatenate((old, recent), axis=1)

    def _retire(self, count: int) -> None:
        """Move the oldest of the recent pictures into the old part."""
        for number in range(count):
            self._add_old(self._recent[:, number])
        left = self._recent_count - count
        self._recent[:, :left] = self._recent[:, count : self._recent_count].copy()
        self._recent_count = left

    def _add_old(self, column: Floats) -> None:
        if self._old_count and self._in_last_old_row < self.pictures_per_old_row:
            last = self._old[:, self._old_count - 1]
            last[:] = _mean(last, column, self._in_last_old_row)
            self._in_last_old_row += 1
            return
        if self._old_count == self._old.shape[1]:
            half = self._old_count // 2
            self._old[:, :half] = _average(self._old[:, : self._old_count], 2)
            self._old_count = half
            self.pictures_per_old_row *= 2
        self._old[:, self._old_count] = column
        self._old_count += 1
        self._in_last_old_row = 1


def _row(line: str, band: Band) -> int:
    return 1 + LINES.index(line) * len(BANDS) + BANDS.index(band)


def _column_of(picture: ProgramBands, time_s: float) -> Floats:
    column = np.full(ROWS, np.nan)
    column[0] = time_s
    sources: dict[str, ProgramBands | OwnerBands] = {TOTAL: picture}
    sources.update({process.role.value: process for process in picture.processes})
    for line, source in sources.items():
        for band, count in source.bands.items():
            column[_row(line, band)] = count / 1e6
    return column


def _mean(average: Floats, column: Floats, count: int) -> Floats:
    """An average of `count` columns with one more; what neither knows stays unknown."""
    sums = np.nan_to_num(average) * count + np.nan_to_num(column)
    unknown = np.isnan(average) & np.isnan(column)
    return cast("Floats", np.where(unknown, np.nan, sums / (count + 1)))


def _average(block: Floats, size: int) -> Floats:
    """The average of each `size` columns; a process that ran for a part counts for that part."""
    starts = np.arange(0, block.shape[1], size)
    sums = np.add.reduceat(np.nan_to_num(block), starts, axis=1)
    known = np.logical_or.reduceat(np.isfinite(block), starts, axis=1)
    counts = np.diff(np.append(starts, block.shape[1]))
    return cast("Floats", np.where(known, sums / counts, np.nan))
