"""Parts of the fake engine: its memory monitor, and what the user decides of a rebuild."""

import time
from collections.abc import Callable, Iterator

from fake_readings import picture
from made_answers import make_reading, make_swapped

from vext_desktop.events import (
    IndexEvent,
)
from vext_desktop.readings import (
    ProgramBands,
    ProgramReading,
)
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
