"""How long the window keeps people waiting while it indexes.

`bench_stalls.py FOLDER [--seconds S] [--data-dir D] [--listed N]`: opens the window on the display
there is and indexes FOLDER. For S seconds nobody touches it, then everything that can be opened is
opened (with a data folder that has two recorded runs, they too). For each part: how late the
ticks of a 10 ms timer come, as the window's own freeze meter counts them, and how much processor
time the main thread spent between two of them, which other programs on the machine do not change
much. The longest ones are named with the lines of code that were seen in them.
"""

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from rich.console import Console
from stall_openings import Openings, list_documents

from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.window.app import _create_application, _engine_builder
from vext_desktop.window.freeze_meter import TICK_MS
from vext_desktop.window.garbage import MainThreadCollector
from vext_desktop.window.main_window import MainWindow

SETTLING_MS = 8000
BETWEEN_MS = 1500
# The 99th percentile is to keep within it.
LONG_S = 0.016
NAMED = 12


@dataclass
class Waits:
    """What one part of the time was like."""

    late_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    longest: list[tuple[float, float, str]] = field(default_factory=list)
    long_by_doing: Counter[str] = field(default_factory=Counter)

    def print(self, console: Console, title: str) -> None:
        """Percentiles, and the longest with their lines."""
        console.print(f"\n{title}: {len(self.late_s)} ticks")
        for name, values in (("late", self.late_s), ("main thread's processor", self.cpu_s)):
            ranked = sorted(values)
            figures = [ranked[int(share * (len(ranked) - 1))] * 1000 for share in (0.5, 0.99, 1)]
            console.print("  {}: median {:.1f}, 99 % {:.1f}, most {:.0f} ms".format(name, *figures))
        if self.long_by_doing:
            shares = ", ".join(f"{count} {name}" for name, count in self.long_by_doing.items())
            console.print(f"  {self.long_by_doing.total()} of them took over 16 ms: {shares}")
        for cpu_s, late_s, lines in sorted(self.longest, reverse=True)[:NAMED]:
            console.print(
                f"  {cpu_s * 1000:.0f} ms of processor, {late_s * 1000:.0f} late: {lines}"
            )


class Meter(QObject):
    """Ticks on the main thread; a second thread looks what that does when a tick is late."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = Waits()
        self.doing = ""
        self._seen: list[str] = []
        self._at_s, self._cpu_s = time.monotonic(), time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start(TICK_MS)
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._look, args=(threading.get_ident(),))
        self._watch.start()

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()
        self._is_over.set()
        self._watch.join()

    def _on_tick(self) -> None:
        at_s, cpu_s = time.monotonic(), time.thread_time()
        late_s, spent_s = max(0.0, at_s - self._at_s - TICK_MS / 1000), cpu_s - self._cpu_s
        self.waits.late_s.append(late_s)
        self.waits.cpu_s.append(spent_s)
        if spent_s > LONG_S:
            common = Counter(self._seen).most_common(1)
            seen = common[0][0] if common else "in Qt"
            self.waits.long_by_doing[self.doing or "nothing"] += 1
            self.waits.longest.append((spent_s, late_s, f"({self.doing}) {seen}"))
        self._seen.clear()
        self._at_s, self._cpu_s = at_s, cpu_s

    def _look(self, main: int) -> None:
        while not self._is_over.wait(0.005):
            if time.monotonic() - self._at_s > LONG_S:
                frames = traceback.extract_stack(sys._current_frames()[main])[-4:]
                named = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
                self._seen.append(" > ".join(named))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--listed", type=int, default=0)
    arguments = parser.parse_args()
    folder = arguments.data_dir or Path(tempfile.mkdtemp())
    app = _create_application()
    collector = MainThreadCollector(app)
    paths, loaded = Paths(folder), LoadedSettings(Settings(), ())
    paths.create()
    if arguments.listed:
        list_documents(paths, arguments.listed)
    build = _engine_builder(loaded, paths, collector)
    window = MainWindow(loaded, paths, build, [arguments.folder])
    slow_ms = loop_ms() / 2
    parts = measure(window, app.quit, Openings(window, arguments.folder), arguments.seconds)
    window.show()
    app.exec()
    slow_ms += loop_ms() / 2
    window.join()
    collector.close()
    console = Console(highlight=False, width=200)
    for title, waits in parts.items():
        waits.print(console, title)
    console.print(
        f"\nload of the machine {os.getloadavg()[0]:.1f}; a fixed loop took {slow_ms:.0f} ms of "
        "processor on the average, before and after (14 ms where nobody presses)"
    )
    if arguments.data_dir is None:
        shutil.rmtree(folder)


def loop_ms() -> float:
    """Processor time of a fixed loop: 14 ms on a calm machine of 2024, more where others press."""
    began, total = time.thread_time(), 0
    for number in range(300_000):
        total += number
    return (time.thread_time() - began) * 1000


def measure(
    window: MainWindow, finish: Callable[[], None], openings: Openings, rest_s: float
) -> dict[str, Waits]:
    """Plan what happens when; what is measured is in the answer when the window has closed."""
    parts: dict[str, Waits] = {}
    meters: list[Meter] = []

    def begin() -> None:
        meters.append(Meter())

    def touch() -> None:
        parts["Nobody touches it"] = meters[0].waits
        meters[0].waits = parts["Everything is opened"] = Waits()

    def do(name: str, action: Callable[[], None]) -> None:
        meters[0].doing = name
        action()

    def end() -> None:
        meters[0].stop()
        window.close()

    window.first_painted.connect(window.start)
    window.closed.connect(finish)
    at_ms = SETTLING_MS
    plan: list[tuple[int, Callable[[], None]]] = [
        (at_ms, begin),
        (at_ms := at_ms + round(rest_s * 1000), touch),
    ]
    for name, action in openings.all():
        plan.append((at_ms := at_ms + BETWEEN_MS, partial(do, name, action)))
    plan.append((at_ms + 2 * BETWEEN_MS, end))
    for moment_ms, step in plan:
        QTimer.singleShot(moment_ms, step)
    return parts


if __name__ == "__main__":
    main()
