"""The garbage collector stays in the main thread."""

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from vext_desktop.window.garbage import MainThreadCollector


class Cycle:
    """Garbage that only the collector finds; notes the thread that it ends in."""

    ended_in: list[str]

    def __init__(self, ended_in: list[str]) -> None:
        self.ended_in = ended_in
        self.itself = self

    def __del__(self) -> None:
        self.ended_in.append(threading.current_thread().name)


@pytest.fixture
def collector() -> Iterator[MainThreadCollector]:
    collector = MainThreadCollector()
    yield collector
    collector.close()
    assert gc.isenabled()


def test_garbage_of_another_thread_is_collected_in_the_main_thread(
    qtbot: QtBot, collector: MainThreadCollector
) -> None:
    ended_in: list[str] = []

    def work() -> None:
        Cycle(ended_in)
        collector.collect()

    thread = threading.Thread(target=work, name="engine")
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive())
    assert ended_in == ["MainThread"]


def test_much_allocation_in_another_thread_collects_nothing_there(
    collector: MainThreadCollector,
) -> None:
    ended_in: list[str] = []

    def work() -> None:
        Cycle(ended_in)
        kept = [[] for _ in range(200_000)]
        del kept

    thread = threading.Thread(target=work, name="engine")
    thread.start()
    thread.join()
    assert ended_in == []
    collector.collect()
    assert ended_in == ["MainThread"]


def test_garbage_is_collected_by_and_by(qtbot: QtBot, collector: MainThreadCollector) -> None:
    ended_in: list[str] = []
    Cycle(ended_in)
    ballast = [[] for _ in range(5000)]
    qtbot.waitUntil(lambda: ended_in == ["MainThread"], timeout=5000)
    assert len(ballast) == 5000
