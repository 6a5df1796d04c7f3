"""A record as plain JSON values, section by section, and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from vext_desktop.memory.curves import LINES, ROWS, Floats, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.run_record import (
    NOTABLE_EVENTS,
    NotedEvent,
    NotedPicture,
    NotedReading,
    RunContext,
    RunHeading,
    RunTimeline,
)

# The rows of the table of curves by name, so that another order of them is no damage.
_CURVES = [f"{line}.{measure.value}" for measure in Measure for line in LINES]
_KB_IN_MB = 1000.0


def heading_to_json(heading: RunHeading) -> object:
    """Plain values of a heading."""
    return _adapter(RunHeading).dump_python(heading)


def heading_from_json(values: object) -> RunHeading:
    """Undo `heading_to_json`; ValueError if it is none."""
    heading: RunHeading = _adapter(RunHeading).validate_python(values)
    return heading


def sections_of(timeline: RunTimeline) -> Iterator[tuple[str, object]]:
    """All but the heading, as (name, plain values)."""
    yield "context", _adapter(RunContext).dump_python(timeline.context)
    yield "summary", timeline.summary
    yield "outcomes", timeline.outcomes
    yield "left_out", timeline.left_out
    yield "is_redacted", timeline.is_redacted
    yield "history", _history_to_json(timeline.history)
    yield "marks", _marks_to_json(timeline.history)
    yield "events", [_event_to_json(noted) for noted in timeline.events]
    yield "readings", _adapter(tuple[NotedReading, ...]).dump_python(timeline.readings)
    yield "pictures", _adapter(tuple[NotedPicture, ...]).dump_python(timeline.pictures)


def timeline_from_sections(heading: RunHeading, sections: Mapping[str, Any]) -> RunTimeline:
    """Undo `sections_of`.

    Raises:
        ValueError, KeyError, TypeError, IndexError: These are not the sections of a record.
    """
    events = map(_event_from_json, sections["events"])
    return RunTimeline(
        heading=heading,
        context=_adapter(RunContext).validate_python(sections["context"]),
        summary=dict(sections["summary"]),
        outcomes=_adapter(dict[str, int]).validate_python(sections["outcomes"]),
        history=_history_from_json(sections["history"], sections["marks"]),
        events=tuple(noted for noted in events if noted is not None),
        left_out=_adapter(dict[str, int]).validate_python(sections["left_out"]),
        readings=_adapter(tuple[NotedReading, ...]).validate_python(sections["readings"]),
        pictures=_adapter(tuple[NotedPicture, ...]).validate_python(sections["pictures"]),
        is_redacted=bool(sections["is_redacted"]),
    )


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _event_adapters() -> dict[str, TypeAdapter[Any]]:
    return {kind.__name__: TypeAdapter(kind) for kind in NOTABLE_EVENTS}


def _history_to_json(history: MemoryHistory) -> dict[str, object]:
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
    }


def _history_from_json(values: Mapping[str, Any], marks: Mapping[str, Any]) -> MemoryHistory:
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
    return MemoryHistory.restored(
        origin_s, table, folded, samples, _marks_from_json(marks, origin_s)
    )


def _marks_to_json(history: MemoryHistory) -> dict[str, object]:
    """Paths stand in a list of their own: a file has many batches."""
    marks = [mark for kind in EventKind for mark in history.marks(kind)]
    places = {path: place for place, path in enumerate(dict.fromkeys(m.path for m in marks))}
    return {
        "paths": list(places),
        "marks": [
            [
                mark.kind.value,
                round(1000 * history.time_of(mark)),
                mark.sentence,
                mark.batch,
                places[mark.path],
                round(mark.seconds, 4),
            ]
            for mark in marks
        ],
    }


def _marks_from_json(values: Mapping[str, Any], origin_s: float) -> Iterator[EventMark]:
    paths = [str(path) for path in values["paths"]]
    for kind, time_ms, sentence, batch, place, seconds in values["marks"]:
        yield EventMark(
            EventKind(kind),
            origin_s + time_ms / 1000,
            str(sentence),
            int(batch),
            paths[place],
            float(seconds),
        )


def _event_to_json(noted: NotedEvent) -> list[object]:
    name = type(noted.event).__name__
    content = _event_adapters()[name].dump_python(noted.event)
    return [name, noted.at_s, noted.batch, noted.path, content]


def _event_from_json(values: Sequence[Any]) -> NotedEvent | None:
    """None for an event that another version wrote in a way unknown here."""
    name, at_s, batch, path, content = values
    adapter = _event_adapters().get(name)
    if adapter is None:
        return None
    try:
        event = adapter.validate_python(content)
    except ValidationError:
        return None
    return NotedEvent(float(at_s), int(batch), str(path), event)


def _whole(values: Floats) -> list[int | None]:
    """Thousandths as whole numbers; None where nothing is known."""
    rounded = np.round(values * _KB_IN_MB)
    return [None if value != value else int(value) for value in rounded.tolist()]  # noqa: PLR0124


def _floats(values: Iterable[int | None]) -> Floats:
    found = [np.nan if value is None else float(value) for value in values]
    return np.asarray(found, dtype=np.float64) / _KB_IN_MB
