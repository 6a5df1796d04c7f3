"""What the monitor keeps of the past is bounded, however long the program runs."""

import pathlib
import tracemalloc
from dataclasses import replace

from memory_fakes import MB, FakeProbe

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.readings import Band, MemoryReading, OwnerBands


class WholeUnexplained:
    """Bands of a process, at no cost."""

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands:
        bands = {Band.UNEXPLAINED: reading.rss_bytes}
        return OwnerBands(reading.role, reading.pid, reading.rss_bytes, bands)


class Life:
    """A process that is read, marked and pictured at every step of a second."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.probe = FakeProbe()
        self.monitor = MemoryMonitor(self.probe, lambda: self.now_s, WholeUnexplained())
        self.history = MemoryHistory(0.0, recent_rows=100, old_rows=80)
        self.bands = BandHistory(0.0)

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.now_s += 1.0
            size = 400 * MB + round(self.now_s) % 50 * MB
            self.probe.reading = replace(self.probe.reading, rss_bytes=size)
            self.history.add(self.monitor.read())
            name = f"/docs/{self.now_s}.pdf"
            for kind in (EventKind.BATCH, EventKind.FILE_START):
                self.history.add_mark(EventMark(kind, self.now_s, f"{name} began.", path=name))
            picture = self.monitor.picture(max_age_s=10.0)
            assert picture is not None
            self.bands.add(picture)


def kept_bytes() -> int:
    """What is traced now, but for the interpreter's table of words, which paths are kept in."""
    no_words = tracemalloc.Filter(inclusive=False, filename_pattern=pathlib.__file__)
    traces = tracemalloc.take_snapshot().filter_traces([no_words])
    return sum(trace.size for trace in traces.statistics("filename"))


def test_a_life_three_times_as_long_keeps_no_more_memory() -> None:
    tracemalloc.start()
    try:
        life = Life()
        life.live(1100)  # every store has been full, and thinned out, at least once
        before_bytes = kept_bytes()
        life.live(2200)
        grown_bytes = kept_bytes() - before_bytes
    finally:
        tracemalloc.stop()
    assert grown_bytes < 100_000
    assert len(life.history.marks(EventKind.BATCH)) <= 1025
