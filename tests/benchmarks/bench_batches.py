"""Is memory flat? Thousands of batches of real text, stored as in a real run.

    python tests/benchmarks/bench_batches.py FOLDER... [--batches 2000]
        [--engines onnx,torch] [--isolations process,thread] [--chunk-size 1000]
        [--most-minutes 60]

For each engine and isolation, in a program of its own: RSS, heap and native buffers of each
process at some batches; the owner bands at the end; and what the warm batches (from 50 on) grew
by, as Theil-Sen slopes in MB for 100 batches: bytes in use (Python objects and native, bounded
caches among them), both of these for themselves, and RSS without the mapped model file, whose
pages come in as words occur.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from collections import defaultdict
from pathlib import Path

import numpy as np

from vext_desktop.engine import Engine
from vext_desktop.events import (
    BatchFinished,
    BatchSizeChanged,
    ChildDied,
    CleanupFinished,
    MemoryWarned,
    RunFinished,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.memory.theil_sen import theil_sen
from vext_desktop.memory.trend import WARM_UP_BATCHES
from vext_desktop.paths import Paths
from vext_desktop.readings import Band, ProcessRole, ProgramReading
from vext_desktop.settings import Settings

# A full picture takes some 0.1 s; slopes over 80 of them are as good as over 2000.
BATCHES_PER_PICTURE = 25


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--batches", type=int, default=2000)
    parser.add_argument("--engines", default="onnx,torch")
    parser.add_argument("--isolations", default="process,thread")
    parser.add_argument("--chunk-size", type=int, default=1000)
    parser.add_argument("--most-minutes", type=float, default=60.0)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    engines, isolations = arguments.engines.split(","), arguments.isolations.split(",")
    if arguments.alone:
        run = FlatRun(engines[0], isolations[0], arguments.chunk_size)
        run.run(arguments.folders, arguments.batches, 60 * arguments.most_minutes)
        return
    for engine in engines:
        for isolation in isolations:  # each in a program of its own, or one would inherit
            command = [sys.executable, __file__, *map(str, arguments.folders), "--alone"]
            command += ["--engines", engine, "--isolations", isolation]
            command += ["--batches", str(arguments.batches)]
            command += ["--most-minutes", str(arguments.most_minutes)]
            subprocess.run([*command, "--chunk-size", str(arguments.chunk_size)], check=True)


class FlatRun:
    """One run of one engine, and the series that it leaves."""

    def __init__(self, engine: str, isolation: str, chunk_size: int) -> None:
        chosen = {"engine": engine, "isolation": isolation}
        sizes = {"chunk_size": chunk_size, "chunk_overlap": chunk_size // 5}
        self._settings = Settings.model_validate({**chosen, **sizes})
        # Pairs of batch and MB, as bare numbers: lists of tuples would be growth of our own.
        self._in_use: dict[ProcessRole, array[float]] = defaultdict(lambda: array("d"))
        self._heap: dict[ProcessRole, array[float]] = defaultdict(lambda: array("d"))
        self._rss: dict[ProcessRole, array[float]] = defaultdict(lambda: array("d"))
        self._bands: dict[tuple[ProcessRole, Band], array[float]] = defaultdict(lambda: array("d"))
        self._pauses_s = 0.0

    def run(self, folders: list[Path], batches: int, most_s: float) -> None:
        """Index until there were enough batches, or it took too long; print as it goes."""
        settings, began_s = self._settings, time.monotonic()
        print(f"\nengine {settings.engine}, isolation {settings.isolation}: MB as RSS/heap/native")
        stopped = threading.Event()
        with tempfile.TemporaryDirectory() as data_dir:
            engine = Engine(settings, Paths(Path(data_dir)))
            engine.open()
            try:
                for event in engine.index(IndexRequest(tuple(folders)), stopped):
                    if isinstance(event, BatchFinished):
                        self._note(event, engine)
                        if event.number >= batches or time.monotonic() - began_s > most_s:
                            stopped.set()
                    elif isinstance(event, CleanupFinished):
                        print(f"  {event.receipt.trigger}: {event.receipt.sentence}", flush=True)
                    elif isinstance(event, MemoryWarned | BatchSizeChanged | ChildDied):
                        print(f"  {event}", flush=True)
                    elif isinstance(event, RunFinished):
                        self._print_summary(event.summary)
                self._print_slopes()
                print_bands(engine)
                print(f"  then {engine.free_memory().sentence}")
                *_, last = engine.reload_model()
                if isinstance(last, CleanupFinished):
                    print(f"  then {last.receipt.sentence}")
                print(f"  left: {describe(engine.monitor.read())}", flush=True)
            finally:
                engine.close()

    def _note(self, event: BatchFinished, engine: Engine) -> None:
        self._pauses_s += event.pause_s
        time.sleep(event.pause_s)
        number = event.number
        for process in event.reading.processes:
            if process.heap_bytes is not None and process.native_bytes is not None:
                value = (process.heap_bytes + process.native_bytes) / 1e6
                self._in_use[process.role].extend((number, value))
                self._heap[process.role].extend((number, process.heap_bytes / 1e6))
        if number % BATCHES_PER_PICTURE == 0:
            picture = engine.monitor.picture()
            for bands in picture.processes if picture else ():
                value = (bands.rss_bytes - bands.bands.get(Band.MODEL_FILE, 0)) / 1e6
                self._rss[bands.role].extend((number, value))
                for band, count in bands.bands.items():
                    self._bands[bands.role, band].extend((number, count / 1e6))
        if number in {1, 10, 50} or number % 250 == 0:
            print(f"batch {number:5}  {describe(event.reading)}", flush=True)

    def _print_summary(self, summary: dict[str, object]) -> None:
        for key in ("batches", "chunks", "chunks_per_second", "peak_rss_bytes"):
            print(f"  {key}: {summary[key]}")
        verdict = summary["verdict"]
        if isinstance(verdict, dict):
            print(f"  verdict: {verdict['overall']}: {verdict['message']}")
        print(f"  pauses: {self._pauses_s:.1f} s")

    def _print_slopes(self) -> None:
        kinds = (
            ("in use", self._in_use),
            ("Python objects", self._heap),
            ("RSS - model file", self._rss),
        )
        for name, series in kinds:
            for role, points in series.items():
                _print_slope(f"{role:7} {name:17}", points)
        for (role, band), points in self._bands.items():
            _print_slope(f"  {role:7} {band:24}", points, least=0.05)


def _print_slope(name: str, points: "array[float]", least: float = 0.0) -> None:
    """The slope after warm-up, where it is at least so many MB for 100 batches, up or down."""
    pairs = np.array(points).reshape(-1, 2)
    warm = pairs[pairs[:, 0] > WARM_UP_BATCHES]
    if len(warm) < 10:
        return
    thinned = warm[:: max(1, len(warm) // 400)]
    slope = theil_sen(thinned[:, 0], thinned[:, 1])
    if abs(100 * slope.value) >= least:
        print(
            f"  {name} {100 * slope.value:+.3f} MB/100 batches "
            f"({100 * slope.low:+.3f} to {100 * slope.high:+.3f}), "
            f"from {warm[0, 1]:.1f} to {warm[-1, 1]:.1f}, highest {warm[:, 1].max():.1f}"
        )


def print_bands(engine: Engine) -> None:
    """The owner bands of each process, and the share explained."""
    picture = engine.monitor.picture()
    for process in picture.processes if picture else ():
        bands = ", ".join(f"{band} {count / 1e6:.1f}" for band, count in process.bands.items())
        share = 100 * process.explained_share
        print(f"  {process.role:7} {process.rss_bytes / 1e6:.1f} MB, {share:.1f} %: {bands}")


def describe(reading: ProgramReading) -> str:
    parts = [
        f"{process.role} {process.rss_bytes / 1e6:.0f}/{(process.heap_bytes or 0) / 1e6:.0f}"
        f"/{(process.native_bytes or 0) / 1e6:.0f}"
        for process in reading.processes
    ]
    return f"total {reading.rss_bytes / 1e6:.0f}   " + "   ".join(parts)


if __name__ == "__main__":
    main()
