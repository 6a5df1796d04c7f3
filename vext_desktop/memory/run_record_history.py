"""The samples and marks of a record as plain JSON values, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from vext_desktop.memory.curves import LINES, ROWS, Floats, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.row_peaks import RowPeaks

# The rows of the table of curves by name, so that another order of them is no damage.
_CURVES = [f"{line}.{measure.value}" for measure in Measure for line in LINES]
_KB_IN_MB = 1000.0
_MOST_BATCHES = 1 << 31


def history_to_json(history: MemoryHistory) -> dict[str, object]:
    """Plain values of the samples: whole ms and kB; long lists as iterators, to be read once."""
    curves = history.curves
    return {
        "origin_s": history.origin_s,
        "folded_rows": history.folded_rows,
        "samples_per_folded_row": history.samples_per_old_row,
        "times_ms": _whole(curves.times_s),
        "curves_kb": {
            f"{line}.{measure.value}": _whole(curves.values_mb(measure, line))
            for measure in Measure
            for line in LINES
        },
        "peaks": _peaks_to_json(history.peaks),
    }


def history_from_json(values: Mapping[str, Any], marks: Mapping[str, Any]) -> MemoryHistory:
    """Undo `history_to_json` and `marks_to_json`; records without peaks are older.

    Raises:
        ValueError, KeyError, TypeError, IndexError: These are not the values of a history.
    """
    times = _floats(values["times_ms"])
    table = np.full((ROWS, len(times)), np.nan)
    table[0] = times
    if np.isnan(times).any() or (np.diff(times) < 0).any():
        raise ValueError("the times of the samples do not rise")
    for row, name in enumerate(_CURVES, 1):
        curve = values["curves_kb"].get(name)
        if curve is not None:
            table[row] = _floats(curve)
    folded, samples = int(values["folded_rows"]), int(values["samples_per_folded_row"])
    if not 0 <= folded <= len(times) or samples < 1:
        raise ValueError("the counts of the samples do not fit them")
    origin_s = float(values["origin_s"])
    found = _marks_from_json(marks["marks"], marks["paths"], origin_s)
    peaks = None
    if "peaks" in values:
        batches = _marks_from_json(marks["batches_of_peaks"], marks["paths"], origin_s)
        peaks = _peaks_from_json(values["peaks"], list(batches), len(times))
    return MemoryHistory.restored(origin_s, table, folded, samples, found, peaks)


def marks_to_json(history: MemoryHistory) -> dict[str, object]:
    """Plain values of the marks, and of the batches of peaks, which may not be among them.

    Paths stand in a list of their own: a file has many batches.
    """
    batches = history.peaks.marks()
    names = dict.fromkeys(mark.path for mark in chain(_marks_of(history), batches))
    places = {path: place for place, path in enumerate(names)}

    def plain(mark: EventMark) -> list[object]:
        time_ms = round(1000 * history.time_of(mark))
        seconds = round(mark.seconds, 4)
        return [mark.kind.value, time_ms, mark.sentence, mark.batch, places[mark.path], seconds]

    return {
        "paths": list(places),
        "marks": map(plain, _marks_of(history)),
        "batches_of_peaks": map(plain, batches),
    }


def _marks_of(history: MemoryHistory) -> Iterator[EventMark]:
    return (mark for kind in EventKind for mark in history.marks(kind))


def _marks_from_json(
    values: Iterable[Sequence[Any]], paths: Sequence[str], origin_s: float
) -> Iterator[EventMark]:
    for kind, time_ms, sentence, batch, place, seconds in values:
        if not 0 <= batch < _MOST_BATCHES:
            raise ValueError("a mark is of no possible batch")
        yield EventMark(
            EventKind(kind),
            origin_s + time_ms / 1000,
            str(sentence),
            int(batch),
            str(paths[place]),
            float(seconds),
        )


def _peaks_to_json(peaks: RowPeaks) -> dict[str, object]:
    """By measure, the moment of each row's peak and the place of its batch among theirs."""
    _, places = peaks.numbered()
    return {
        measure.value: {"times_ms": _whole(times), "batches": _or_none(numbers)}
        for measure, times, numbers in zip(Measure, peaks.times_s, places, strict=True)
    }


def _peaks_from_json(
    values: Mapping[str, Any], batches: Sequence[EventMark], rows: int
) -> RowPeaks:
    peaks = RowPeaks(rows)
    for place, measure in enumerate(Measure):
        saved = values[measure.value]
        peaks.times_s[place] = _floats(saved["times_ms"])
    found = [values[measure.value]["batches"] for measure in Measure]
    places = np.array([[-1 if number is None else number for number in row] for row in found])
    peaks.number(batches, places)
    return peaks


def _or_none(numbers: Iterable[Any]) -> Iterator[int | None]:
    return (None if number < 0 else int(number) for number in numbers)


def _whole(values: Floats) -> Iterator[int | None]:
    """Thousandths as whole numbers; None where nothing is known."""
    rounded = np.round(values * _KB_IN_MB)
    return (None if value != value else int(value) for value in rounded)  # noqa: PLR0124


def _floats(values: Iterable[int | None]) -> Floats:
    found = [np.nan if value is None else float(value) for value in values]
    return np.asarray(found, dtype=np.float64) / _KB_IN_MB
