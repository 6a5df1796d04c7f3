"""How long the window keeps people waiting while it indexes: `bench_stalls.py FOLDER [SECONDS]`.

Opens the window on the display there is and indexes FOLDER. For the first half of the time nobody
touches it, then everything that can be opened is opened. For each half: how late the ticks of a
10 ms timer come, as the window's own freeze meter counts them, and how much processor time the
main thread spent between two of them, which other programs on the machine do not change much.
The longest ones are named with the lines of code that were seen in them.
"""

import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from rich.console import Console

from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.window.app import _create_application, _engine_builder
from vext_desktop.window.freeze_meter import TICK_MS
from vext_desktop.window.garbage import MainThreadCollector
from vext_desktop.window.main_window import MainWindow

SECONDS = 40.0
SETTLING_MS = 8000
LONG_S = 0.03
NAMED = 6


@dataclass
class Waits:
    """What one part of the time was like."""

    late_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    longest: list[tuple[float, float, str]] = field(default_factory=list)

    def print(self, console: Console, title: str) -> None:
        """Percentiles, and the longest with their lines."""
        console.print(f"\n{title}: {len(self.late_s)} ticks")
        for name, values in (("late", self.late_s), ("main thread's processor", self.cpu_s)):
            ranked = sorted(values)
            figures = [ranked[int(share * (len(ranked) - 1))] * 1000 for share in (0.5, 0.99, 1)]
            console.print("  {}: median {:.1f}, 99 % {:.1f}, most {:.0f} ms".format(name, *figures))
        for cpu_s, late_s, lines in sorted(self.longest, reverse=True)[:NAMED]:
            console.print(
                f"  {cpu_s * 1000:.0f} ms of processor, {late_s * 1000:.0f} late: {lines}"
            )


class Meter(QObject):
    """Ticks on the main thread; a second thread looks what that does when a tick is late."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = Waits()
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
            self.waits.longest.append((spent_s, late_s, common[0][0] if common else "in Qt"))
        self._seen.clear()
        self._at_s, self._cpu_s = at_s, cpu_s

    def _look(self, main: int) -> None:
        while not self._is_over.wait(0.01):
            if time.monotonic() - self._at_s > LONG_S:
                frames = traceback.extract_stack(sys._current_frames()[main])[-3:]
                named = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
                self._seen.append(" > ".join(named))


def main() -> None:
    """Measure and print."""
    documents = Path(sys.argv[1])
    half_ms = round(1000 * float(sys.argv[2] if len(sys.argv) > 2 else SECONDS) / 2)
    folder = Path(tempfile.mkdtemp())
    app = _create_application()
    collector = MainThreadCollector(app)
    paths, loaded = Paths(folder), LoadedSettings(Settings(), ())
    paths.create()
    build = _engine_builder(loaded, paths, collector)
    window = MainWindow(loaded, paths, build, [documents])
    parts: list[Waits] = []
    meters: list[Meter] = []

    def begin() -> None:
        meters.append(Meter())

    def touch() -> None:
        parts.append(meters[0].waits)
        meters[0].waits = Waits()
        verbs = window.menus
        order = (
            verbs.show_memory,
            verbs.show_documents,
            verbs.show_runs,
            verbs.open_settings,
            verbs.show_results,
        )
        for number, verb in enumerate(order):
            QTimer.singleShot(half_ms * number // len(order), verb.trigger)

    def end() -> None:
        parts.append(meters[0].waits)
        meters[0].stop()
        if window.settings_flow.dialog is not None:
            window.settings_flow.dialog.reject()
        window.close()

    window.first_painted.connect(window.start)
    window.closed.connect(app.quit)
    for delay_ms, step in ((0, begin), (half_ms, touch), (2 * half_ms, end)):
        QTimer.singleShot(SETTLING_MS + delay_ms, step)
    window.show()
    app.exec()
    window.join()
    collector.close()
    console = Console(highlight=False)
    for title, waits in zip(("Nobody touches it", "Everything is opened"), parts, strict=True):
        waits.print(console, title)
    console.print(f"\nload of the machine {os.getloadavg()[0]:.1f}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
