"""Parts of the fake engine: its memory monitor, its memory test, and its rebuilds."""

import threading
import time
from collections.abc import Callable, Iterator

from fake_readings import picture
from made_answers import make_reading, make_receipt, make_report, make_swapped

from vext_desktop.events import (
    BatchFinished,
    ChildStarted,
    CleanupFinished,
    IndexEvent,
    Progress,
    RunEnd,
    RunFinished,
)
from vext_desktop.readings import CleanupAction, ProcessRole, ProgramBands, ProgramReading
from vext_desktop.settings import Settings


class FakeMonitor:
    """A memory monitor that always reads the same."""

    def __init__(self) -> None:
        self.rss_mb = 640.0
        self.reads = 0

    def read(self) -> ProgramReading:
        self.reads += 1
        return make_reading(self.rss_mb)

    def picture(self, max_age_s: float) -> ProgramBands | None:
        return picture(time.monotonic() - max_age_s)


class FakeRebuilding:
    """What the user decides of a rebuild, remembered; see `FakeEngine.calls`."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self.undone = Settings()

    def undo(self) -> Settings:
        self._note("undo")
        return self.undone

    def remove_kept(self) -> int:
        self._note("remove_kept")
        return 120_000_000

    def use_now(self) -> Iterator[IndexEvent]:
        self._note("use_now")
        yield make_swapped()


def memory_test_events(
    batches: int, stopped: threading.Event, work: Callable[[], None]
) -> Iterator[IndexEvent]:
    """A memory test of so many batches, each of which takes the time of `work`."""
    yield ChildStarted(ProcessRole.ENGINE, 101, 0.2)
    done = 0
    for number in range(1, batches + 1):
        if stopped.is_set():
            break
        work()
        done = number
        progress = Progress(number, batches, number, batches, 8 * number, 0.1 * number)
        text = ("practice text",)
        yield BatchFinished(number, 8, text, 0.1, 0.0, make_reading(), 0, progress)
    yield CleanupFinished(make_receipt(CleanupAction.FREE_MEMORY, 460.0))
    end = RunEnd.FINISHED if done == batches else RunEnd.STOPPED
    yield RunFinished(0, end, make_report(done))
