"""The whole job, from files to a searchable table: ours beside the same job written plainly.

    python tests/benchmarks/bench_whole_job.py FOLDER [--engine onnx-int8] [--threads 1]
        [--rounds 1]

Ours is `vext-desktop index FOLDER` in a fresh data folder, with all it does besides: hashing,
ledger, full-text index, memory monitor. Plainly is what one would write with sentence-transformers
and LanceDB: read each file as text, cut it every 800 characters into passages of 1000, encode all
passages of a file in batches of 32, `table.add`. Both take turns on the same files, which must be
plain text. Printed for each: passages, wall time, processor time and the highest memory of all its
processes together, start and imports included, and ours over plainly.

Ours cuts at paragraphs and sentences and never beyond what the model reads, so its passages are
others and somewhat more: what counts is the time for the same files, and for a passage.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from vext_desktop.embedding.default_model import find_model

SIZE, OVERLAP = 1000, 200
SAMPLES_PER_S = 20


@dataclass(frozen=True)
class Job:
    """What a job took, all its processes together."""

    passages: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", default="onnx-int8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--plainly", metavar="DATABASE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.plainly:
        print(json.dumps({"chunks": plainly(arguments.folder, arguments.plainly)}))
        return
    threads = str(arguments.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    print(f"{'job':8} {'passages':>8} {'wall s':>8} {'CPU s':>8} {'ms/passage':>10} {'peak MB':>8}")
    for number in range(arguments.rounds):
        jobs = {}
        for name in ("ours", "plainly") if number % 2 == 0 else ("plainly", "ours"):
            with tempfile.TemporaryDirectory() as place:
                jobs[name] = measure(command_of(name, place, arguments), environment)
            tell(name, jobs[name])
        compare(jobs["ours"], jobs["plainly"])


def command_of(name: str, place: str, arguments: argparse.Namespace) -> list[str]:
    folder = str(arguments.folder.absolute())
    if name == "plainly":
        return [sys.executable, __file__, folder, "--plainly", place]
    return [
        sys.executable, "-P", "-m", "vext_desktop", "index", folder, "--json",
        "--data-dir", place, "--engine", arguments.engine,
        f"--set=engine_threads={arguments.threads}",
    ]  # fmt: skip


def measure(command: list[str], environment: dict[str, str]) -> Job:
    """Run a job to its end."""
    started = time.monotonic()
    before = sum(os.times()[2:4])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    watch = MemoryWatch(process.pid)
    said, _ = process.communicate()
    watch.end()
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    # Of children that have ended and been waited for, theirs included.
    cpu_s = sum(os.times()[2:4]) - before
    passages = json.loads(said.strip().splitlines()[-1])["chunks"]
    return Job(passages, time.monotonic() - started, cpu_s, watch.peak_bytes)


class MemoryWatch:
    """Looks at a process and all below it until told to end.

    Resident memory is summed up, so that pages which several of them share count for each; that
    is against us, who have several processes.
    """

    def __init__(self, pid: int) -> None:
        self.peak_bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(1 / SAMPLES_PER_S):
            total = 0
            with contextlib.suppress(psutil.NoSuchProcess):
                root = psutil.Process(self._pid)
                for process in [root, *root.children(recursive=True)]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        total += process.memory_info().rss
            self.peak_bytes = max(self.peak_bytes, total)


def plainly(folder: Path, database: str) -> int:
    """The job as one would write it in an afternoon; returns the passages stored."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import lancedb
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model("").folder), device="cpu")
    table, count = None, 0
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        passages = [
            text[start : start + SIZE]
            for start in range(0, max(len(text) - OVERLAP, 1), SIZE - OVERLAP)
        ]
        vectors = model.encode(passages, batch_size=32, show_progress_bar=False)
        rows = [
            {"path": str(path), "text": passage, "vector": vector}
            for passage, vector in zip(passages, vectors, strict=True)
        ]
        if table is None:
            table = lancedb.connect(database).create_table("passages", rows)
        else:
            table.add(rows)
        count += len(rows)
    return count


def tell(name: str, job: Job) -> None:
    print(
        f"{name:8} {job.passages:8} {job.wall_s:8.1f} {job.cpu_s:8.1f}"
        f" {1000 * job.cpu_s / job.passages:10.1f} {job.peak_bytes / 1e6:8.0f}",
        flush=True,
    )


def compare(ours: Job, theirs: Job) -> None:
    per_passage = (theirs.cpu_s / theirs.passages) / (ours.cpu_s / ours.passages)
    print(
        f"CPU time for the files: {theirs.cpu_s / ours.cpu_s:.2f} times less; for a passage "
        f"{per_passage:.2f}; wall {theirs.wall_s / ours.wall_s:.2f}; "
        f"memory {ours.peak_bytes / theirs.peak_bytes:.0%} of theirs",
        flush=True,
    )


if __name__ == "__main__":
    main()
