"""Memory over many batches of real text, stored as in a real run, in both isolation modes.

    python tests/benchmarks/bench_batches.py FOLDER [--batches 300]

Prints RSS, heap and native buffers of each process at a few batches, and the verdict.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, CleanupFinished, RunFinished
from vext_desktop.index.indexer import IndexRequest
from vext_desktop.paths import Paths
from vext_desktop.readings import ProgramReading
from vext_desktop.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batches", type=int, default=300)
    parser.add_argument("--isolation", choices=["process", "thread"])
    arguments = parser.parse_args()
    if arguments.isolation:
        run(arguments.folder, arguments.batches, arguments.isolation)
        return
    for isolation in ("process", "thread"):  # each in a program of its own, or one would inherit
        command = [sys.executable, __file__, str(arguments.folder), "--isolation", isolation]
        subprocess.run([*command, "--batches", str(arguments.batches)], check=True)


def run(folder: Path, batches: int, isolation: str) -> None:
    marks = {1, 10, *range(100, batches + 1, 100)}
    stopped = threading.Event()
    print(f"isolation {isolation}: MB as RSS / heap / native", flush=True)
    with tempfile.TemporaryDirectory() as data_dir:
        engine = Engine(Settings(isolation=isolation), Paths(Path(data_dir)))
        engine.open()
        pauses_s = 0.0
        try:
            for event in engine.index(IndexRequest((folder,)), stopped):
                if isinstance(event, BatchFinished):
                    pauses_s += event.pause_s
                    time.sleep(event.pause_s)
                    if event.number in marks:
                        print(f"batch {event.number:5}  {describe(event.reading)}", flush=True)
                    if event.number >= batches:
                        stopped.set()
                elif isinstance(event, CleanupFinished):
                    print(f"  {event.receipt.trigger}: {event.receipt.sentence}", flush=True)
                elif isinstance(event, RunFinished):
                    for key in ("chunks_per_second", "peak_rss_bytes", "verdict"):
                        print(f"  {key}: {event.summary[key]}")
            print(f"  pauses: {pauses_s:.1f} s")
            print(f"  then {engine.free_memory().sentence}")
            print(f"  then {engine.reload_model().sentence}")
            print(f"  left: {describe(engine.monitor.read())}", flush=True)
        finally:
            engine.close()


def describe(reading: ProgramReading) -> str:
    parts = [
        f"{process.role} {process.rss_bytes / 1e6:.0f} / {(process.heap_bytes or 0) / 1e6:.0f}"
        f" / {(process.native_bytes or 0) / 1e6:.0f}"
        for process in reading.processes
    ]
    return f"total {reading.rss_bytes / 1e6:.0f}   " + "   ".join(parts)


if __name__ == "__main__":
    main()
