"""What the monitor costs, in time and over a day: `python tests/benchmarks/bench_monitor.py`.

Three processes as large as ours are read four times a second for three minutes, with pictures of
the owners as often as somebody who looks gets them. Then a day of samples, batches and pictures is
fed to what keeps them, as fast as it goes: some minutes, or some more with `--traced`, which
counts Python's allocations too. With `--torch` the engine is as large as the reference engine.
"""

import gc
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
from rich.console import Console
from rich.table import Table

from vext_desktop.events import BatchFinished, FileStarted, Progress
from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import create_probe, reading_to_json
from vext_desktop.readings import (
    AllocatorCounters,
    Band,
    MemoryReading,
    OwnerBands,
    ProcessRole,
    ProgramBands,
    ProgramReading,
)

# The picture at its beginning counts for the pause that follows it, which may be two minutes.
SECONDS = 180.0
PERIOD_S = 0.25
PICTURE_AGE_S = 5.0
WINDOW_MODULES = ("PySide6.QtWidgets", "pyqtgraph", "lancedb")
CHILD_MODULES = {
    ProcessRole.ENGINE: (
        "torch,sentence_transformers" if "--torch" in sys.argv else "onnxruntime,tokenizers"
    ),
    ProcessRole.READER: "vext_desktop.documents.reader_child,pypdfium2",
}
DAY_S = 24 * 3600
BATCH_EVERY = 2  # samples: two batches a second, more than this model makes on most machines
FILE_EVERY = 20
PICTURE_EVERY = 40
MB = 1_000_000

# A child as ours are, with nothing to do but report.
CHILD = """
import importlib, json, socket, sys, time
for name in sys.argv[3].split(","):
    importlib.import_module(name)
from vext_desktop.memory.probe import create_probe, reading_to_json
from vext_desktop.memory.sparing_probe import SparingProbe
from vext_desktop.readings import ProcessRole
endpoint = socket.socket(fileno=int(sys.argv[2]))
probe = SparingProbe(create_probe(ProcessRole(sys.argv[1])))
while True:
    try:
        endpoint.send(json.dumps(reading_to_json(probe.read())).encode() + b"\\n")
    except OSError:
        break
    time.sleep(0.25)
"""


@contextmanager
def children(monitor: MemoryMonitor) -> Iterator[list[psutil.Process]]:
    """The engine and the reader, loaded and reporting."""
    started = []
    try:
        for role, modules in CHILD_MODULES.items():
            ours, theirs = socket.socketpair()
            with ours, theirs:
                command = [sys.executable, "-c", CHILD, role.value, str(theirs.fileno()), modules]
                child = subprocess.Popen(command, pass_fds=[theirs.fileno()])
                started.append((role, child))
                monitor.register(role, child.pid, ours)
        while any(monitor_word(monitor, role) is None for role in CHILD_MODULES):
            if any(child.poll() is not None for _, child in started):
                raise SystemExit("A child could not import what it needs.")
            time.sleep(0.5)
        yield [psutil.Process(child.pid) for _, child in started]
    finally:
        for role, child in started:
            monitor.unregister(role)
            child.kill()
            child.wait()


def monitor_word(monitor: MemoryMonitor, role: ProcessRole) -> AllocatorCounters | None:
    """What a child says of itself, once it is loaded."""
    reading = monitor.read().of(role)
    return None if reading is None else reading.counters


def measure_time(console: Console) -> None:
    """The time share of sampling, of pictures, and of the children's own reports."""
    for module in WINDOW_MODULES:
        importlib.import_module(module)
    monitor = MemoryMonitor(create_probe(ProcessRole.WINDOW))
    spent = {"read() at 4 Hz": 0.0, "picture() for somebody who looks": 0.0}
    pictures: list[ProgramBands] = []

    def timed(name: str, action: Callable[[], object]) -> object:
        began = time.thread_time()
        found = action()
        spent[name] += time.thread_time() - began
        return found

    def sample() -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            timed("read() at 4 Hz", monitor.read)
            found = timed(
                "picture() for somebody who looks", lambda: monitor.picture(PICTURE_AGE_S)
            )
            if isinstance(found, ProgramBands) and found not in pictures[-1:]:
                pictures.append(found)
            time.sleep(PERIOD_S)

    with children(monitor) as processes:
        before = [sum(process.cpu_times()[:2]) for process in processes]
        thread = threading.Thread(target=sample)
        thread.start()
        thread.join()
        after = [sum(process.cpu_times()[:2]) for process in processes]
    for role, start, end in zip(CHILD_MODULES, before, after, strict=True):
        spent[f"reports of the {role}"] = end - start
    table = Table("what", "CPU s", "% of one processor")
    for name, seconds in spent.items():
        table.add_row(name, f"{seconds:.2f}", f"{100 * seconds / SECONDS:.3f}")
    total = sum(spent.values())
    table.add_row("all", f"{total:.2f}", f"{100 * total / SECONDS:.3f}")
    console.print(f"{SECONDS:.0f} s, {len(pictures)} pictures")
    console.print(table)
    show_pictures(console, pictures)


def show_pictures(console: Console, pictures: list[ProgramBands]) -> None:
    """What one picture cost, and how much of each process it explained at least."""
    costs = sorted(1000 * picture.seconds for picture in pictures)
    console.print(f"One picture: {costs[len(costs) // 2]:.0f} ms (median), {costs[-1]:.0f} (most)")
    table = Table("process", "RSS MB", "explained, least")
    for process in pictures[-1].processes:
        shares = [picture.of(process.role) for picture in pictures]
        least = min(share.explained_share for share in shares if share is not None)
        table.add_row(process.role, f"{process.rss_bytes / MB:.0f}", f"{least:.4f}")
    console.print(table)


class Scripted:
    """A day of readings of three processes, changing all the time."""

    def __init__(self) -> None:
        self.role = ProcessRole.WINDOW
        self.now_s = 0.0
        self.step = 0

    def reading(self, role: ProcessRole, pid: int, rss_mb: int) -> MemoryReading:
        """One process at this step."""
        size = (rss_mb + self.step % 97) * MB
        counters = AllocatorCounters(size // 4, size // 16, size // 3, 0, size // 8)
        return MemoryReading(role, pid, size, size // 8, size // 3, counters=counters)

    def read(self) -> MemoryReading:
        """Our own process, whose number no process has."""
        return self.reading(self.role, 1 << 30, 236)

    def read_exactly(self) -> MemoryReading:
        """The same: nothing is held."""
        return self.read()

    def take(self, reading: MemoryReading, cache_bytes: int = 0) -> OwnerBands:
        """Bands of a process, each a tenth of it."""
        tenth = reading.rss_bytes // len(Band)
        bands = dict.fromkeys(Band, tenth)
        bands[Band.UNEXPLAINED] += reading.rss_bytes - tenth * len(Band)
        return OwnerBands(reading.role, reading.pid, reading.rss_bytes, bands, {"torch": tenth})


class Day:
    """Everything that the program keeps of its memory while it runs, fed by a scripted clock."""

    def __init__(self) -> None:
        self.script = Scripted()
        clock = self.clock
        self.monitor = MemoryMonitor(self.script, clock, self.script)
        self.history = MemoryHistory(0.0)
        self.bands = BandHistory(0.0)
        self.writer = MarkWriter()
        self.ours, self.theirs = socket.socketpair()
        # Any process that lives as long as we do.
        self.engine_pid = os.getppid()
        self.monitor.register(ProcessRole.ENGINE, self.engine_pid, self.ours)

    def clock(self) -> float:
        """The scripted time."""
        return self.script.now_s

    def live_until(self, end_s: float) -> None:
        """Sample, batch and picture until then."""
        while self.script.now_s < end_s:
            self.script.now_s += PERIOD_S
            self.script.step += 1
            self.live()

    def live(self) -> None:
        """A quarter of a second."""
        number, now_s = self.script.step, self.script.now_s
        self.theirs.send(json.dumps({**self.report(), "at_s": now_s}).encode() + b"\n")
        reading = self.monitor.read()
        self.history.add(reading)
        path = f"/docs/Reports/{number // FILE_EVERY}.pdf"
        if number % FILE_EVERY == 0:
            self.mark(FileStarted(path, MB), now_s)
        if number % BATCH_EVERY == 0:
            self.mark(batch(number // BATCH_EVERY, path, reading), now_s)
        if number % PICTURE_EVERY == 0:
            picture = self.monitor.picture(PICTURE_AGE_S)
            if picture is not None:
                self.bands.add(picture)

    def report(self) -> dict[str, object]:
        """What the engine's process says of itself."""
        return reading_to_json(self.script.reading(ProcessRole.ENGINE, self.engine_pid, 480))

    def mark(self, event: BatchFinished | FileStarted, now_s: float) -> None:
        """Keep the marks of an event."""
        for mark in self.writer.marks_for(event, now_s):
            self.history.add_mark(mark)


def batch(number: int, path: str, reading: ProgramReading) -> BatchFinished:
    """A batch of 8 texts that took a third of a second."""
    return BatchFinished(number, 8, (path,), 0.33, 0.0, reading, 0, Progress(0, 0, 0, 0, 0, 0.0))


def measure_day(console: Console, *, is_traced: bool) -> None:
    """Bytes kept at the start, after an hour, and after a day."""
    probe = create_probe(ProcessRole.WINDOW)
    if is_traced:
        tracemalloc.start()
    day = Day()
    columns = ["after", "samples", "batches", "rows kept", "Python kB", "native kB", "RSS MB"]
    table = Table(*columns, *(["traced kB"] if is_traced else []))
    began = time.monotonic()
    for name, end_s in (("1 min", 60.0), ("1 h", 3600.0), ("12 h", DAY_S / 2), ("24 h", DAY_S)):
        day.live_until(end_s)
        gc.collect()
        held = probe.read_exactly()
        traced = f"{tracemalloc.get_traced_memory()[0] / 1000:.0f}"
        table.add_row(
            name,
            f"{day.script.step}",
            f"{day.script.step // BATCH_EVERY}",
            f"{len(day.history)}",
            f"{(held.heap_bytes or 0) / 1000:.0f}",
            f"{(held.native_bytes or 0) / 1000:.0f}",
            f"{held.rss_bytes / MB:.1f}",
            *([traced] if is_traced else []),
        )
    if is_traced:
        tracemalloc.stop()
    console.print(table)
    console.print(f"Fixed tables beside that: {day.history.nbytes / 1000:.0f} kB of samples.")
    console.print(f"A line of a child's report: {len(json.dumps(day.report()))} bytes.")
    console.print(f"The day took {time.monotonic() - began:.0f} s.")


def main() -> None:
    """Measure memory first, while nothing else is in this process."""
    console = Console()
    measure_day(console, is_traced="--traced" in sys.argv[1:])
    measure_time(console)


if __name__ == "__main__":
    main()
