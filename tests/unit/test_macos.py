"""The probe and the owner bands for macOS, over readings as its interfaces lay them out."""

import ctypes
import os
import struct
from typing import Any

import psutil
import pytest

from vext_desktop.memory.bands_macos import MacosBands
from vext_desktop.memory.macos import MacosProbe, ZoneUse, read_zones
from vext_desktop.memory.python_heap import MEAN_BLOCK_BYTES, PythonHeap
from vext_desktop.readings import AllocatorCounters, Band, MemoryReading, ProcessRole

MB = 1_000_000
PID = 4711

# struct rusage_info_v0: a UUID, then times, wake-ups, page-ins, wired, resident, footprint,
# start and end.
RUSAGE = struct.pack("<16s10Q", bytes(16), 1, 2, 3, 4, 5, 6, 480 * MB, 330 * MB, 7, 0)
# malloc_statistics_t: a count, its padding, then in use, the most ever in use, and reserved.
STATISTICS = struct.pack("<I4x3Q", 90_000, 120 * MB, 200 * MB, 150 * MB)


class RecordedSystem:
    """Answers as the system's library would, out of recorded bytes."""

    def __init__(self, result: int = 0) -> None:
        self.result = result

    def proc_pid_rusage(self, pid: int, flavor: int, buffer: Any) -> int:
        assert (pid, flavor) == (PID, 0)
        ctypes.memmove(buffer, RUSAGE, len(RUSAGE))
        return self.result

    def malloc_zone_statistics(self, zone: None, buffer: Any) -> None:
        ctypes.memmove(buffer, STATISTICS, len(STATISTICS))


def test_on_macos_the_statistics_of_all_zones_are_read() -> None:
    assert read_zones(RecordedSystem()) == ZoneUse(120 * MB, 150 * MB)


def test_on_macos_held_memory_is_unknown_and_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vext_desktop.memory.macos.arrow_pool_bytes", lambda: 4 * MB)
    heap = PythonHeap(None, lambda: 1000)
    probe = MacosProbe(
        ProcessRole.ENGINE, lambda: 300 * MB, lambda: ZoneUse(120 * MB, 150 * MB), heap
    )
    expected = MemoryReading(
        ProcessRole.ENGINE,
        os.getpid(),
        300 * MB,
        1000 * MEAN_BLOCK_BYTES,
        124 * MB,
        None,
        AllocatorCounters(120 * MB, 0, 150 * MB, 4 * MB),
    )
    assert probe.read() == expected
    assert probe.read_exactly() == expected


def test_where_psutil_tells_no_more_than_what_is_in_use_there_are_no_counters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading = MacosProbe(ProcessRole.ENGINE, zones=lambda: ZoneUse(9 * MB, None)).read()
    assert reading.native_bytes is not None
    assert reading.native_bytes >= 9 * MB
    assert reading.counters is None


def test_native_memory_is_unknown_where_psutil_cannot_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.platform", "netbsd10")
    monkeypatch.delattr(psutil, "heap_info", raising=False)
    reading = MacosProbe(ProcessRole.ENGINE).read()
    assert reading.native_bytes is None
    assert reading.rss_bytes > MB


def told(**changes: Any) -> MemoryReading:
    values: dict[str, Any] = {
        "heap_bytes": 40 * MB,
        "counters": AllocatorCounters(120 * MB, 0, 150 * MB, 4 * MB),
        **changes,
    }
    return MemoryReading(ProcessRole.WINDOW, PID, 480 * MB, **values)


def test_on_macos_the_bands_that_can_be_told_sum_to_the_footprint() -> None:
    found = MacosBands(RecordedSystem()).take(told(), cache_bytes=16 * MB)
    assert found is not None
    assert found.rss_bytes == 330 * MB
    assert found.bands == {
        Band.PYTHON_OBJECTS: 40 * MB,
        Band.NATIVE_IN_USE: 104 * MB,
        Band.NATIVE_HELD: 30 * MB,
        Band.ARROW_LANCE: 20 * MB,
        Band.UNEXPLAINED: 136 * MB,
    }
    assert found.libraries == {}


def test_on_macos_zones_that_count_more_than_the_footprint_leave_a_rest_below_0() -> None:
    counters = AllocatorCounters(120 * MB, 0, 500 * MB)
    found = MacosBands(RecordedSystem()).take(told(counters=counters))
    assert found is not None
    assert found.bands[Band.UNEXPLAINED] == -210 * MB


def test_on_macos_without_python_s_own_allocator_its_band_is_absent() -> None:
    found = MacosBands(RecordedSystem()).take(told(heap_bytes=None))
    assert found is not None
    assert Band.PYTHON_OBJECTS not in found.bands


def test_on_macos_a_process_that_is_gone_or_silent_has_no_bands() -> None:
    assert MacosBands(RecordedSystem(result=-1)).take(told()) is None
    assert MacosBands(RecordedSystem()).take(told(counters=None)) is None
