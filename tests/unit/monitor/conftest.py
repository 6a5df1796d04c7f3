"""A child that says what it holds, and a monitor that listens to it."""

from collections.abc import Iterator

import pytest
from memory_fakes import FakeProbe, Sleeper

from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.readings import ProcessRole


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    sleeper = Sleeper()
    yield sleeper
    sleeper.close()


@pytest.fixture
def monitor(sleeper: Sleeper) -> Iterator[MemoryMonitor]:
    monitor = MemoryMonitor(FakeProbe())
    monitor.register(ProcessRole.ENGINE, sleeper.pid, sleeper.ours)
    yield monitor
    monitor.unregister(ProcessRole.ENGINE)
