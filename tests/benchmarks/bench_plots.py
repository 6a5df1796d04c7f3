"""What one redraw of the memory plots costs, and what a day of history weighs.

Run with `python tests/benchmarks/bench_plots.py`; it needs no display.
"""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from vext_desktop.events import BatchFinished, Progress
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading
from vext_desktop.window.memory_plots import SPANS, MemoryPlots
from vext_desktop.window.plot_thresholds import Thresholds

MB = 1_000_000
DAY_S = 24 * 3600
SAMPLES_PER_SECOND = 4
REPEATS = 30


def reading(at_s: float, number: int) -> ProgramReading:
    """Three processes whose memory wavers."""
    wave = (number * 37 % 97) / 97
    return ProgramReading(
        at_s,
        tuple(
            MemoryReading(role, pid, int((base + 25 * wave) * MB), base * MB // 5, base * MB // 2)
            for pid, (role, base) in enumerate(
                zip(ProcessRole, (120, 520, 60), strict=True), start=1
            )
        ),
    )


def fill(history: MemoryHistory, seconds: int) -> float:
    """Add samples and two batches a second; seconds that one sample took."""
    writer = MarkWriter()
    progress = Progress(0, 0, 0, 0, 0, 0.0)
    began = time.process_time()
    for number in range(seconds * SAMPLES_PER_SECOND):
        now = reading(number / SAMPLES_PER_SECOND, number)
        history.add(now)
        if number % 2 == 0:
            path = f"/documents/{number // 200}.txt"
            batch = BatchFinished(number, 8, (path,), 0.3, 0.0, now, 0, progress)
            for mark in writer.marks_for(batch, now.at_s):
                history.add_mark(mark)
    return (time.process_time() - began) / (seconds * SAMPLES_PER_SECOND)


def cost(work: Callable[[], None]) -> str:
    """Median and worst processor time of some repeats, in ms."""
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return f"median {statistics.median(times):6.2f} ms   worst {max(times):6.2f} ms"


def main() -> None:
    """Print the figures."""
    app = QApplication([])
    history = MemoryHistory(0.0)
    plots = MemoryPlots(history)
    plots.set_thresholds(Thresholds(1200 * MB, 900 * MB, 1200 * MB, 300 * MB, 350 * MB))
    plots.resize(900, 320)
    plots.show()

    def painted() -> None:
        plots.redraw()
        for plot in plots.plots:
            plot.view.viewport().repaint()

    per_sample = fill(history, DAY_S)
    print(f"24 h at {SAMPLES_PER_SECOND} Hz: {len(history)} rows, {history.nbytes / 1000:.0f} kB")
    print(f"one sample with its events kept in {per_sample * 1e6:.0f} us")
    for span in SPANS:
        plots._span.setCurrentText(span)
        app.processEvents()
        painted()
        points = len(plots.plots[0]._curves["total"].xData)
        print(f"{span:16} {points:4} points a curve, one redraw in {plots.redraw_interval_ms} ms")
        print(f"    new data         {cost(plots.redraw)}")
        print(f"    and painting     {cost(painted)}")
    plots.close()


if __name__ == "__main__":
    main()
