"""How long a redraw of the memory details holds up the main thread, and what a long run weighs.

Run with `python tests/benchmarks/bench_plots.py`; it needs no display. Times are those of the
main thread's processor. On a busy machine that too is slow at times, so each repeat is set beside
a loop of known length, measured just before and after it: "as on a calm one" is what remains.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from fake_readings import picture
from PySide6.QtWidgets import QApplication

from vext_desktop.events import BatchFinished, FileStarted, IndexEvent, Progress
from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading
from vext_desktop.window.curves_page import TURN_MS
from vext_desktop.window.memory_plots import MemoryPlots
from vext_desktop.window.plot_thresholds import Thresholds
from vext_desktop.window.time_controls import ALL_OF_IT, FIRST_SPAN

MB = 1_000_000
DAY_S = 24 * 3600
SAMPLES_PER_SECOND = 4
PICTURE_EVERY_S = 10
BATCHES_PER_FILE = 20
REPEATS = 100
# Batches, and the seconds that they take.
RUNS = ((300, 300), (5_000, 5_000), (50_000, DAY_S))
BAR_MS = 16.0
# CPython 3.11 on a server processor of 2023 that has nothing else to do.
CALM_ADDITION_NS = 45
PACE_ADDITIONS = 20_000


class LongRun:
    """A run whose readings waver, with as many batches and seconds as wanted.

    Args:
        batches: How many.
        seconds: How long it has gone on.
    """

    def __init__(self, batches: int, seconds: int) -> None:
        self.history = MemoryHistory(0.0)
        self.bands = BandHistory(0.0)
        self._writer = MarkWriter()
        self._samples_per_batch = seconds * SAMPLES_PER_SECOND / batches
        self._number = 0
        self._batch = 0
        for _ in range(seconds * SAMPLES_PER_SECOND):
            self.go_on()

    def go_on(self) -> None:
        """One more sample, and what comes with it."""
        self._number += 1
        now = _reading(self._number / SAMPLES_PER_SECOND, self._number)
        self.history.add(now)
        if self._number % (PICTURE_EVERY_S * SAMPLES_PER_SECOND) == 0:
            wave = self._number * 37 % 97
            self.bands.add(picture(now.at_s, 200 + wave, 100 - wave / 2, with_reader=True))
        while self._batch < self._number / self._samples_per_batch:
            self._batch += 1
            path = f"/documents/{self._batch // BATCHES_PER_FILE}.txt"
            if self._batch % BATCHES_PER_FILE == 0:
                self._mark(FileStarted(path, 1000), now.at_s)
            progress = Progress(0, 0, 0, 0, 0, 0.0)
            batch = BatchFinished(self._batch, 8, (path,), 0.3, 0.0, now, 0, progress)
            self._mark(batch, now.at_s)

    def _mark(self, event: IndexEvent, now_s: float) -> None:
        for mark in self._writer.marks_for(event, now_s):
            self.history.add_mark(mark)


def _reading(at_s: float, number: int) -> ProgramReading:
    """Three processes whose memory wavers."""
    wave = (number * 37 % 97) / 97
    bases = zip(ProcessRole, (120, 520, 60), strict=True)
    return ProgramReading(
        at_s,
        tuple(
            MemoryReading(role, pid, int((base + 25 * wave) * MB), base * MB // 5, base * MB // 2)
            for pid, (role, base) in enumerate(bases, start=1)
        ),
    )


def cost(pieces: list[Callable[[], None]], before: Callable[[], None]) -> str:
    """Median and 99th percentile of the longest piece of a redraw, in ms of this thread.

    Between two pieces the event loop is free: plots are painted in turns.
    """
    raw, calm = [], []
    for _ in range(REPEATS):
        before()
        pace_ns = _addition_ns()
        raw.append(max(_milliseconds(piece) for piece in pieces))
        pace_ns = (pace_ns + _addition_ns()) / 2
        calm.append(raw[-1] * min(1.0, CALM_ADDITION_NS / pace_ns))
    p99 = statistics.quantiles(calm, n=100)[98]
    verdict = "" if p99 < BAR_MS else f"   OVER {BAR_MS:.0f} ms"
    return (
        f"median {statistics.median(raw):5.1f} ms; as on a calm one: "
        f"median {statistics.median(calm):5.2f}   99 % {p99:5.2f}{verdict}"
    )


def _milliseconds(piece: Callable[[], None]) -> float:
    time.sleep(TURN_MS / 1000)
    began = time.thread_time()
    piece()
    return (time.thread_time() - began) * 1000


def _addition_ns() -> float:
    """How long one addition takes just now."""
    began = time.thread_time_ns()
    total = 0
    for number in range(PACE_ADDITIONS):
        total += number
    return (time.thread_time_ns() - began) / PACE_ADDITIONS


def measure(app: QApplication, batches: int, seconds: int) -> None:
    """Print the figures of one run."""
    began = time.process_time()
    run = LongRun(batches, seconds)
    kept_us = (time.process_time() - began) * 1e6 / (seconds * SAMPLES_PER_SECOND)
    rows = f"{len(run.history)} + {len(run.bands)} rows"
    kilobytes = (run.history.nbytes + run.bands.nbytes) / 1000
    rss_mb = psutil.Process().memory_info().rss / MB
    print(f"\n{batches} batches in {seconds / 3600:.1f} h: {rows}, {kilobytes:.0f} kB of numbers")
    print(f"  a sample with its events is kept in {kept_us:.0f} us; RSS now {rss_mb:.0f} MB")
    plots = MemoryPlots(run.history, run.bands)
    plots.set_thresholds(Thresholds(1200 * MB, 900 * MB, 1200 * MB, 300 * MB, 350 * MB))
    plots.resize(1264, 320)
    plots.show()
    plots.timeline.choose("Everything")

    def redraw() -> None:
        plots.redraw()
        app.processEvents()  # paints what has changed

    pieces = [redraw, app.processEvents, app.processEvents]

    def half_a_second() -> None:
        for _ in range(2):
            run.go_on()
        plots.timeline._refreshed_s = 0.0  # the rarest redraw, which lists the new marks

    for page in range(plots._tabs.count()):
        plots._tabs.setCurrentIndex(page)
        for span in (FIRST_SPAN, ALL_OF_IT):
            plots._time.choose_span(span)
            app.processEvents()
            redraw()
            name = f"{plots._tabs.tabText(page)}, {span.lower()}"
            print(f"  {name:30} {cost(pieces, half_a_second)}")
    plots.close()
    plots.deleteLater()


def main() -> None:
    """Print the figures."""
    app = QApplication([])
    print(
        f"an addition takes {_addition_ns():.0f} ns here and now, {CALM_ADDITION_NS} on a calm one"
    )
    for batches, seconds in RUNS:
        measure(app, batches, seconds)


if __name__ == "__main__":
    main()
