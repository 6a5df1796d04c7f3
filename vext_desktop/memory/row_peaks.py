"""When each row of a history was at its highest, and the batch in hand then. No Qt."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vext_desktop.memory.curves import Floats, Measure
from vext_desktop.memory.event_marks import EventMark

Places = npt.NDArray[np.intp]
Objects = npt.NDArray[np.object_]

# Moments are saved to the millisecond, and rounding must not part a sample from its batch.
EDGE_S = 0.001


class Peak(NamedTuple):
    """The highest sum of all processes within one row, in one measure.

    Attributes:
        time_s: When, in seconds since the origin of the history.
        batch: The mark of the batch in hand then, or of the last one before; None before both.
        is_in_hand: Whether the batch was in hand.
    """

    time_s: float
    batch: EventMark | None
    is_in_hand: bool


class RowPeaks:
    """Of each row and measure, the moment of its highest sum and the mark of the batch then.

    A mark that is kept here stays, however many of its kind are thinned out elsewhere: so a peak
    is named rightly for ever, with three marks for each row at most.

    Args:
        rows: How many rows there can be.
    """

    def __init__(self, rows: int) -> None:
        self.times_s: Floats = np.full((len(Measure), rows), np.nan)
        self.batches: Objects = np.full((len(Measure), rows), None, dtype=object)

    @property
    def nbytes(self) -> int:
        """Memory of the table; the marks, which the rows share with others, apart."""
        return self.times_s.nbytes + self.batches.nbytes

    def put(self, row: int, time_s: float, batch: EventMark | None) -> None:
        """A new row of a single sample."""
        self.times_s[:, row] = time_s
        self.batches[:, row] = batch

    def note_batch(self, first: int, end: int, batch: EventMark) -> None:
        """In these rows a batch was in hand, or had been last."""
        self.batches[:, first:end] = batch

    def gather(self, places: Places, target: int) -> None:
        """Let rows from `target` on be those of `places`; shape (measures, n)."""
        end = target + places.shape[1]
        self.times_s[:, target:end] = np.take_along_axis(self.times_s, places, axis=1)
        self.batches[:, target:end] = np.take_along_axis(self.batches, places, axis=1)

    def slide(self, start: int, end: int, target: int) -> None:
        """Move rows to an earlier place."""
        for table in (self.times_s, self.batches):
            table[:, target : target + end - start] = table[:, start:end].copy()

    def marked(self, change: Callable[[EventMark], EventMark]) -> "RowPeaks":
        """The same peaks with other marks."""
        peaks = RowPeaks(self.times_s.shape[1])
        peaks.times_s[:] = self.times_s
        changed = {mark: change(mark) for mark in self.marks()}
        for place, mark in np.ndenumerate(self.batches):
            peaks.batches[place] = None if mark is None else changed[mark]
        return peaks

    def marks(self) -> list[EventMark]:
        """Each mark once."""
        found: list[EventMark | None] = self.batches.T.ravel().tolist()
        return list(dict.fromkeys(mark for mark in found if mark is not None))

    def peak(self, row: int, measure: Measure, origin_s: float) -> Peak:
        """The peak of one row."""
        place = _PLACES[measure]
        time_s: float = float(self.times_s[place, row])
        batch: EventMark | None = self.batches[place, row]
        if batch is None:
            return Peak(time_s, None, False)
        began_s = batch.at_s - batch.seconds - EDGE_S
        return Peak(time_s, batch, began_s <= time_s + origin_s <= batch.at_s + EDGE_S)


def peak_places(totals: Floats, size: int) -> Places:
    """Where the highest of each `size` columns is, the first if all are NaN; shape (rows, n)."""
    rows, count = totals.shape
    starts = np.arange(0, count, size)
    padded = np.full((rows, len(starts) * size), -np.inf)
    padded[:, :count] = np.where(np.isnan(totals), -np.inf, totals)
    places: Places = starts + padded.reshape(rows, len(starts), size).argmax(axis=2)
    return places


_PLACES = {measure: place for place, measure in enumerate(Measure)}
