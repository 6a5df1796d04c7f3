"""The probe for Windows, over readings made up by the test."""

from types import SimpleNamespace

import psutil
import pytest

from vext_desktop.memory.python_heap import PythonHeap
from vext_desktop.memory.windows import WindowsProbe
from vext_desktop.readings import ProcessRole

MB = 1_000_000


class HeapWalk:
    """A heap walk that takes 0.05 s of the clock it owns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.walks = 0

    def clock(self) -> float:
        return self.now

    def walk(self) -> int:
        self.walks += 1
        self.now += 0.05
        return self.walks * 10 * MB


def test_on_windows_the_heap_is_walked_for_a_hundredth_of_the_time_at_most() -> None:
    fake = HeapWalk()
    heap = PythonHeap(None, lambda: 1000)
    probe = WindowsProbe(ProcessRole.ENGINE, lambda: 300 * MB, fake.walk, heap, fake.clock)
    assert probe.read().native_bytes == 10 * MB
    fake.now += 4.9
    assert probe.read().native_bytes == 10 * MB
    fake.now += 0.2
    assert probe.read().native_bytes == 20 * MB
    assert probe.read_exactly().native_bytes == 30 * MB, "a decision gets a walk of its own"
    assert fake.walks == 3


def test_on_windows_only_the_c_heap_counts_as_native(monkeypatch: pytest.MonkeyPatch) -> None:
    told = SimpleNamespace(heap_used=40 * MB, mmap_used=900 * MB, heap_count=3)
    monkeypatch.setattr(psutil, "heap_info", lambda: told, raising=False)
    assert WindowsProbe(ProcessRole.ENGINE).read().native_bytes == 40 * MB
