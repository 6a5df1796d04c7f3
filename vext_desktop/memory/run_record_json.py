"""A record as plain JSON values, section by section, and back."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from vext_desktop.memory.run_record import (
    NOTABLE_EVENTS,
    NotedEvent,
    NotedPicture,
    NotedReading,
    RunContext,
    RunHeading,
    RunTimeline,
)

Noted = TypeVar("Noted", NotedReading, NotedPicture)
_FASTEST = 1


def heading_to_json(heading: RunHeading) -> object:
    """Plain values of a heading."""
    return _adapter(RunHeading).dump_python(heading)


def heading_from_json(values: object) -> RunHeading:
    """Undo `heading_to_json`; ValueError if it is none."""
    heading: RunHeading = _adapter(RunHeading).validate_python(values)
    return heading


def sections_of(timeline: RunTimeline) -> Iterator[tuple[str, object]]:
    """All but the heading, as (name, plain values); long lists as iterators, to be read once."""
    # Here, since it brings numpy: the window's list of runs needs only headings, at its start.
    from vext_desktop.memory.run_record_history import (  # noqa: PLC0415
        history_to_json,
        marks_to_json,
    )

    yield "context", _adapter(RunContext).dump_python(timeline.context)
    yield "summary", timeline.summary
    yield "outcomes", timeline.outcomes
    yield "left_out", timeline.left_out
    yield "is_redacted", timeline.is_redacted
    yield "history", history_to_json(timeline.history)
    yield "marks", marks_to_json(timeline.history)
    yield "events", map(_event_to_json, timeline.events)
    yield "readings", map(_adapter(NotedReading).dump_python, timeline.readings)
    yield "pictures", map(_adapter(NotedPicture).dump_python, timeline.pictures)


def timeline_from_sections(heading: RunHeading, sections: Mapping[str, Any]) -> RunTimeline:
    """Undo `sections_of`.

    Raises:
        ValueError, KeyError, TypeError, IndexError: These are not the sections of a record.
    """
    from vext_desktop.memory.run_record_history import history_from_json  # noqa: PLC0415 - numpy

    events = map(_event_from_json, sections["events"])
    return RunTimeline(
        heading=heading,
        context=_adapter(RunContext).validate_python(sections["context"]),
        summary=dict(sections["summary"]),
        outcomes=_adapter(dict[str, int]).validate_python(sections["outcomes"]),
        history=history_from_json(sections["history"], sections["marks"]),
        events=tuple(noted for noted in events if noted is not None),
        left_out=_adapter(dict[str, int]).validate_python(sections["left_out"]),
        readings=_adapter(tuple[NotedReading, ...]).validate_python(sections["readings"]),
        pictures=_adapter(tuple[NotedPicture, ...]).validate_python(sections["pictures"]),
        is_redacted=bool(sections["is_redacted"]),
    )


def packed(noted: NotedReading | NotedPicture) -> bytes:
    """Some 250 bytes, where the object with all its numbers takes 1.7 to 3 kB."""
    kind: Any = type(noted)  # for mypy, to whom a frozen dataclass cannot be hashed
    return zlib.compress(_adapter(kind).dump_json(noted), _FASTEST)


def unpacked(kind: type[Noted], values: bytes) -> Noted:
    """Undo `packed`."""
    same: Any = kind
    noted: Noted = _adapter(same).validate_json(zlib.decompress(values))
    return noted


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _event_adapters() -> dict[str, TypeAdapter[Any]]:
    return {kind.__name__: TypeAdapter(kind) for kind in NOTABLE_EVENTS}


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
