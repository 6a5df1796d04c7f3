"""An engine thread, and what its care for memory says."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Protocol

from engine_thread_stage import Running
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine

if TYPE_CHECKING:
    from vext_desktop.errors import UsageError

# 60 ms: long for a fake, short for a test.
SHORT_MINUTES = 0.001


class Watched(Running):
    """What the memory worker says, beside the rest."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        memory = self.worker.memory
        self.test_events: list[object] = []
        self.reports: list[dict[str, object] | None] = []
        self.refusals: list[str] = []
        self.traces: list[object] = []
        self.trace_failures: list[UsageError] = []
        memory.test_event_raised.connect(self.test_events.append)
        memory.test_ended.connect(self.reports.append)
        memory.test_refused.connect(self.refusals.append)
        memory.trace_ended.connect(self.traces.append)
        memory.trace_failed.connect(self.trace_failures.append)


class Starter(Protocol):
    """Starts an engine thread; it is shut down and joined after the test."""

    def __call__(
        self,
        engine: FakeEngine,
        minutes: float = 0,
        *,
        between_runs: bool = False,
        wait: bool = True,
    ) -> Watched: ...


def unloads(running: Watched) -> list[str]:
    return [name for name in running.engine.calls if name.startswith("unload_model")]


@contextmanager
def started_threads(qtbot: QtBot) -> Iterator[Starter]:
    """What starts engine threads; all of them are shut down and joined at the end."""
    started: list[Watched] = []

    def begin(
        engine: FakeEngine, minutes: float = 0, *, between_runs: bool = False, wait: bool = True
    ) -> Watched:
        engine.settings = SimpleNamespace(
            idle_unload_minutes=minutes, unload_between_runs=between_runs, watch_folders=False
        )
        running = Watched(engine)
        started.append(running)
        running.thread.start()
        if wait:
            qtbot.waitUntil(lambda: "warm" in running.said)
        return running

    yield begin
    for running in started:
        running.thread.begin_shut_down()
        assert running.thread.join()
