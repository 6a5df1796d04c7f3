"""The probe and the owner bands for Windows, over readings as its interfaces lay them out."""

import ctypes
import struct
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from vext_desktop.memory.bands_windows import WindowsBands, private_bytes
from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.memory.windows import HeapUse, WindowsProbe, sum_heaps
from vext_desktop.readings import AllocatorCounters, Band, MemoryReading, ProcessRole

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1_000_000
PID = 4711


class HeapWalk:
    """A heap walk that takes 0.05 s of the clock it owns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.walks = 0

    def clock(self) -> float:
        return self.now

    def walk(self) -> HeapUse:
        self.walks += 1
        self.now += 0.05
        return HeapUse(self.walks * 10 * MB, None)


def test_on_windows_the_heap_is_walked_for_a_hundredth_of_the_time_at_most() -> None:
    fake = HeapWalk()
    heap = PythonHeap(None, lambda: 1000)
    probe = WindowsProbe(ProcessRole.ENGINE, lambda: 300 * MB, fake.walk, heap, fake.clock)
    first = probe.read()
    assert first.counters is None, "a walk does not tell what the heaps have committed"
    arrow_bytes = (first.native_bytes or 0) - 10 * MB
    fake.now += 4.9
    assert probe.read().native_bytes == 10 * MB + arrow_bytes
    fake.now += 0.2
    assert probe.read().native_bytes == 20 * MB + arrow_bytes
    assert probe.read_exactly().native_bytes == 30 * MB + arrow_bytes, "a walk of its own"
    assert fake.walks == 3


def test_on_windows_only_the_c_heap_of_a_walk_counts_as_native(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = SimpleNamespace(heap_used=40 * MB, mmap_used=900 * MB, heap_count=3)
    monkeypatch.setattr("sys.platform", "win32 of long ago")
    monkeypatch.setattr(psutil, "heap_info", lambda: told, raising=False)
    monkeypatch.setattr("vext_desktop.memory.windows.arrow_pool_bytes", int)
    assert WindowsProbe(ProcessRole.ENGINE).read().native_bytes == 40 * MB


def summary(allocated: int, committed: int) -> bytes:
    """HEAP_SUMMARY: its size, padding, allocated, committed, reserved, the most to reserve."""
    return struct.pack("<I4x4Q", 40, allocated, committed, 2 * committed, 0)


class RecordedKernel:
    """Answers as kernel32 would, out of recorded bytes; one heap is destroyed meanwhile."""

    def __init__(self) -> None:
        self.heaps = {
            0x10000: summary(90 * MB, 110 * MB),
            0x20000: summary(5 * MB, 6 * MB),
            0x30000: b"",
        }

        def heap_summary(handle: int, flags: int, buffer: Any) -> int:
            assert flags == 0
            recorded = self.heaps[handle]
            if recorded:
                ctypes.memmove(buffer, recorded, len(recorded))
            return int(bool(recorded))

        self.HeapSummary: Callable[..., int] = heap_summary

    def GetProcessHeaps(self, room: int, handles: Any) -> int:
        assert room >= len(self.heaps)
        for place, handle in enumerate(self.heaps):
            handles[place] = handle
        return len(self.heaps)


def test_on_windows_the_summaries_of_all_heaps_are_added_up() -> None:
    assert sum_heaps(RecordedKernel()) == HeapUse(95 * MB, 116 * MB)


def test_a_windows_without_heap_summaries_says_so() -> None:
    assert sum_heaps(SimpleNamespace()) is None


def test_on_windows_what_the_heaps_have_committed_is_told_with_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vext_desktop.memory.windows.arrow_pool_bytes", lambda: 4 * MB)
    probe = WindowsProbe(
        ProcessRole.ENGINE, lambda: 300 * MB, lambda: HeapUse(95 * MB, 116 * MB), PythonHeap()
    )
    reading = probe.read()
    assert reading.native_bytes == 99 * MB
    assert reading.counters == AllocatorCounters(95 * MB, 0, 116 * MB, 4 * MB)
    assert reading.held_bytes is None


def test_on_windows_the_bands_that_can_be_told_sum_to_the_private_bytes() -> None:
    counters = AllocatorCounters(95 * MB, 0, 116 * MB, 4 * MB)
    reading = MemoryReading(ProcessRole.WINDOW, PID, 200 * MB, 40 * MB, counters=counters)
    found = WindowsBands({PID: 230 * MB}.get).take(reading, cache_bytes=16 * MB)
    assert found is not None
    assert found.rss_bytes == 230 * MB
    assert found.bands == {
        Band.PYTHON_OBJECTS: 40 * MB,
        Band.NATIVE_IN_USE: 79 * MB,
        Band.NATIVE_HELD: 21 * MB,
        Band.ARROW_LANCE: 20 * MB,
        Band.UNEXPLAINED: 70 * MB,
    }


def test_on_windows_a_process_that_is_gone_or_silent_has_no_bands() -> None:
    silent = MemoryReading(ProcessRole.WINDOW, PID, 200 * MB)
    assert WindowsBands({PID: 230 * MB}.get).take(silent) is None
    assert WindowsBands({}.get).take(silent) is None


def test_private_bytes_are_those_that_psutil_tells_of_windows_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = SimpleNamespace(rss=200 * MB, private=230 * MB)
    process = SimpleNamespace(memory_info=lambda: told)
    fake = SimpleNamespace(Process=lambda pid: process, Error=psutil.Error)
    monkeypatch.setattr("vext_desktop.memory.bands_windows.psutil", fake)
    assert private_bytes(PID) == 230 * MB
    del told.private
    assert private_bytes(PID) is None
