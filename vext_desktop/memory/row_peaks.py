"""When each row of a history was at its highest, and the batch in hand then. No Qt."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vext_desktop.memory.curves import Floats, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark

Places = npt.NDArray[np.intp]
_Packed = tuple[float, str, float, int]

# A batch as a row of 24 bytes: its number is 0 where none was known.
_BATCH = np.dtype([("at_s", "f8"), ("path", "O"), ("seconds", "f4"), ("batch", "i4")])
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
    """Of each row and measure, the moment of its highest sum and the batch then.

    A batch that is kept here stays, however many marks are thinned out elsewhere: so a peak is
    named rightly for ever. The room for all rows is taken at once.

    Args:
        rows: How many rows there can be.
    """

    def __init__(self, rows: int) -> None:
        self.times_s: Floats = np.full((len(Measure), rows), np.nan)
        self.batches: npt.NDArray[np.void] = np.zeros((len(Measure), rows), _BATCH)

    @property
    def nbytes(self) -> int:
        """Memory of the table; the paths, which the rows share with others, apart."""
        return self.times_s.nbytes + self.batches.nbytes

    def put(self, row: int, time_s: float, batch: EventMark | None) -> None:
        """A new row of a single sample."""
        self.times_s[:, row] = time_s
        self.batches[:, row] = _packed(batch)

    def note_batch(self, first: int, end: int, batch: EventMark) -> None:
        """In these rows a batch was in hand, or had been last."""
        self.batches[:, first:end] = _packed(batch)

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
        marks, places = self.numbered()
        peaks.number([change(mark) for mark in marks], places)
        return peaks

    def marks(self) -> list[EventMark]:
        """The mark of each batch once."""
        return self.numbered()[0]

    def numbered(self) -> tuple[list[EventMark], Places]:
        """The mark of each batch once; and by measure, the place of each row's, -1 for none."""
        known = self.batches["batch"] > 0
        found = self.batches[known]
        _, firsts, numbers = np.unique(found["at_s"], return_index=True, return_inverse=True)
        once = (_unpacked(found[first].item()) for first in firsts.tolist())
        places: Places = np.full(known.shape, -1)
        places[known] = numbers
        return [mark for mark in once if mark is not None], places

    def number(self, marks: Sequence[EventMark], places: Places) -> None:
        """Undo `numbered`.

        Raises:
            ValueError, IndexError: These are not as many places as there are rows, or not places.
        """
        if places.shape != self.batches.shape:
            raise ValueError("the peaks are not as many as the samples")
        for place, number in np.ndenumerate(places):
            self.batches[place] = _packed(None if number < 0 else marks[int(number)])

    def peak(self, row: int, measure: Measure, origin_s: float) -> Peak:
        """The peak of one row."""
        place = _PLACES[measure]
        time_s: float = float(self.times_s[place, row])
        batch = _unpacked(self.batches[place, row].item())
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


def _packed(mark: EventMark | None) -> "_Packed":
    return (0.0, "", 0.0, 0) if mark is None else (mark.at_s, mark.path, mark.seconds, mark.batch)


def _unpacked(packed: "_Packed") -> EventMark | None:
    at_s, path, seconds, batch = packed
    if not batch:
        return None
    return EventMark(EventKind.BATCH, at_s, "", batch, path, seconds)


_PLACES = {measure: place for place, measure in enumerate(Measure)}
