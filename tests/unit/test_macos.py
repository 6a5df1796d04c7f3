"""The probe for macOS, over readings made up by the test."""

import os

import psutil
import pytest

from vext_desktop.memory.macos import MacosProbe
from vext_desktop.memory.python_heap import MEAN_BLOCK_BYTES, PythonHeap
from vext_desktop.readings import MemoryReading, ProcessRole

MB = 1_000_000


def test_on_macos_held_memory_is_unknown_and_the_rest_is_told() -> None:
    heap = PythonHeap(None, lambda: 1000)
    probe = MacosProbe(ProcessRole.ENGINE, lambda: 300 * MB, lambda: 120 * MB, heap)
    expected = MemoryReading(
        ProcessRole.ENGINE, os.getpid(), 300 * MB, 1000 * MEAN_BLOCK_BYTES, 120 * MB, None
    )
    assert probe.read() == expected
    assert probe.read_exactly() == expected


def test_on_macos_native_memory_is_unknown_where_psutil_cannot_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(psutil, "heap_info", raising=False)
    reading = MacosProbe(ProcessRole.ENGINE).read()
    assert reading.native_bytes is None
    assert reading.rss_bytes > MB
