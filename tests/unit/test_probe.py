"""Probes: one for each system, and readings that travel as JSON."""

import json
import sys

import pytest

from vext_desktop.memory.probe import create_probe, reading_from_json, reading_to_json
from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole

MB = 1_000_000
COUNTERS = (
    "blocks_bytes",
    "mapped_bytes",
    "arenas_bytes",
    "arrow_bytes",
    "python_arenas_bytes",
)


@pytest.mark.parametrize(
    ("platform", "name"),
    [("darwin", "MacosProbe"), ("win32", "WindowsProbe"), ("freebsd14", "MacosProbe")],
)
def test_each_system_has_its_probe(
    platform: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert type(create_probe(ProcessRole.WINDOW)).__name__ == name


def test_a_reading_survives_the_way_through_json() -> None:
    counters = AllocatorCounters(3 * MB, 2 * MB, 9 * MB, 1 * MB, None)
    reading = MemoryReading(ProcessRole.READER, 4711, 99 * MB, 5 * MB, None, 0, counters)
    values = json.loads(json.dumps(reading_to_json(reading)))
    assert reading_from_json(values) == reading
    without = MemoryReading(ProcessRole.READER, 4711, 99 * MB)
    assert reading_from_json(reading_to_json(without)) == without
    assert isinstance(values["at_s"], float)


@pytest.mark.parametrize(
    "change",
    [
        {"rss_bytes": None},
        {"rss_bytes": -1},
        {"rss_bytes": "many"},
        {"rss_bytes": True},
        {"rss_bytes": 10**30},
        {"heap_bytes": 1.5},
        {"pid": None},
        {"role": "burglar"},
        {"counters": 7},
        {"counters": []},
        {"counters": {"blocks_bytes": 1, "mapped_bytes": 1, "arenas_bytes": 1}},
        {"counters": dict.fromkeys(COUNTERS, -1)},
        {"counters": dict.fromkeys(COUNTERS, "all")},
    ],
)
def test_what_is_no_reading_is_refused(change: dict[str, object]) -> None:
    values = reading_to_json(MemoryReading(ProcessRole.READER, 4711, MB))
    with pytest.raises(ValueError, match=r"reading|burglar"):
        reading_from_json({**values, **change})
