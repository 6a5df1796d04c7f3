"""Curves of memory over time as one table of numbers, and how they get fewer. No Qt."""

from enum import StrEnum
from typing import cast

import numpy as np
import numpy.typing as npt

from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

Floats = npt.NDArray[np.float64]


class Measure(StrEnum):
    """The three curves that everybody sees."""

    RSS = "rss"
    HEAP = "heap"
    NATIVE = "native"


TOTAL = "total"
LINES: tuple[str, ...] = (TOTAL, *(role.value for role in ProcessRole))
ROWS = 1 + len(Measure) * len(LINES)
# A reading is taken apart after every batch and four times a second: no searching then.
_ROW_OF = {
    (measure, line): 1 + row
    for row, (measure, line) in enumerate((each, line) for each in Measure for line in LINES)
}
# The rows of the sum of all processes, one for each measure.
TOTAL_ROWS = [_ROW_OF[measure, TOTAL] for measure in Measure]


class MemoryCurves:
    """The curves of all processes and their sum, in each measure.

    Args:
        table: Shape (13, n): seconds, then MB for each measure and line, NaN where unknown.
            Time runs along the rows, so that every curve is one contiguous view.
    """

    def __init__(self, table: Floats) -> None:
        self._table = table

    @property
    def table(self) -> Floats:
        """All of it, as the constructor took it."""
        return self._table

    @property
    def times_s(self) -> Floats:
        """Seconds since the origin of the history, rising; shape (n,)."""
        return cast("Floats", self._table[0])

    def values_mb(self, measure: Measure, line: str) -> Floats:
        """One curve in MB (10^6 bytes); shape (n,)."""
        return cast("Floats", self._table[_row(measure, line)])


def column_of(reading: ProgramReading, time_s: float) -> Floats:
    """A reading as one column of the table; shape (13,)."""
    column = np.full(ROWS, np.nan)
    column[0] = time_s
    _fill(column, TOTAL, reading)
    for process in reading.processes:
        _fill(column, process.role.value, process)
    return column


def highest(block: Floats, size: int) -> Floats:
    """The highest value of each `size` columns, NaN only if all are; times are the first."""
    starts = np.arange(0, block.shape[1], size)
    columns: Floats = np.fmax.reduceat(block, starts, axis=1)
    columns[0] = block[0, starts]
    return columns


def envelope(block: Floats, size: int) -> Floats:
    """The highest and the lowest value of each `size` columns, one after the other in time."""
    starts = np.arange(0, block.shape[1], size)
    pairs = np.empty((block.shape[0], 2 * len(starts)))
    pairs[:, 0::2] = np.fmax.reduceat(block, starts, axis=1)
    pairs[:, 1::2] = np.fmin.reduceat(block, starts, axis=1)
    pairs[0, 0::2] = block[0, starts]
    pairs[0, 1::2] = block[0, np.minimum(starts + size // 2, block.shape[1] - 1)]
    return pairs


def _row(measure: Measure, line: str) -> int:
    return _ROW_OF[measure, line]


def _fill(column: Floats, line: str, source: ProgramReading | MemoryReading) -> None:
    counts = {
        Measure.RSS: source.rss_bytes,
        Measure.HEAP: source.heap_bytes,
        Measure.NATIVE: source.native_bytes,
    }
    for measure, count in counts.items():
        if count is not None:
            column[_row(measure, line)] = count / 1e6
