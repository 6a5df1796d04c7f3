"""Runs that a memory limit kills when nothing is given back, and that the budget brings home.

Each run indexes the same files in a control group of its own (cgroup version 1 or 2), once with
the budget and once with the budget switched off. Needs the right to make control groups (root,
or a delegated one); says so and ends where that is missing.

    python tests/benchmarks/bench_budget.py [--limits 900,1100] [--isolation process,thread]
"""

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from control_group import ControlGroup, NoControlGroupError

from vext_desktop.embedding import engine_child, thread_host
from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.engine import Engine
from vext_desktop.events import (
    BatchFinished,
    BatchSizeChanged,
    ChildDied,
    ChunkSetAside,
    CleanupFinished,
    RunFinished,
    RunHalted,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings
from vext_desktop.supervision.channel import CHILD_FLAG

MB = 1_000_000
# What switches the budget off: no cap, all of the free memory, no slowing down before its end.
NO_BUDGET = {"memory_cap_mb": 1_000_000, "memory_share": 1, "soft_share": 0.999}
LIMIT_S = 900
STAND_IN = "stand-in"
PLANTED = "BENCH_PLANTED"
# fmt: off
WORDS = [
    "ledger", "harbour", "copper", "window", "invoice", "garden", "signal", "winter", "bridge",
    "letter", "engine", "coffee", "river", "contract", "shadow", "paper", "valley", "market",
    "candle", "planet", "journey", "lantern", "mirror", "station", "orchard",
]
# fmt: on


def main() -> int:
    if CHILD_FLAG in sys.argv:
        from vext_desktop.__main__ import main as vext_desktop

        plant(*os.environ[PLANTED].split())
        return vext_desktop()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limits", default="850", help="limits of the group, in MB")
    parser.add_argument("--isolation", default="process,thread")
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--engine", default="torch", help="a real one, or stand-in")
    parser.add_argument("--leak-mb", type=float, default=0.0, help="planted, for each batch")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return index_inside(json.loads(arguments.inside))
    with tempfile.TemporaryDirectory() as place:
        documents = Path(place) / "documents"
        write_documents(documents, arguments.files)
        print(f"{'limit':>8} {'model in':>9} {'budget':>7}  result")
        for limit_mb in map(int, arguments.limits.split(",")):
            for isolation in arguments.isolation.split(","):
                for budgeted in (False, True):
                    settings = {"isolation": isolation, **({} if budgeted else NO_BUDGET)}
                    if arguments.engine != STAND_IN:
                        settings["engine"] = arguments.engine
                    plan = {
                        "documents": str(documents),
                        "data": tempfile.mkdtemp(dir=place),
                        "settings": settings,
                        "engine": arguments.engine,
                        "leak_mb": arguments.leak_mb,
                    }
                    try:
                        result = run_in_group(plan, limit_mb * MB)
                    except NoControlGroupError as error:
                        print(f"No control group can be made here ({error}): nothing measured.")
                        return 0
                    word = "on" if budgeted else "off"
                    print(f"{limit_mb:>5} MB {isolation:>9} {word:>7}  {result}", flush=True)
    return 0


def write_documents(folder: Path, count: int) -> None:
    """Text in paragraphs of very different lengths, as real files have them."""
    folder.mkdir()
    chance = random.Random(7)
    for number in range(count):
        paragraphs = [
            " ".join(chance.choice(WORDS) for _ in range(chance.randint(6, 170))) for _ in range(40)
        ]
        (folder / f"{number}.txt").write_text("\n\n".join(paragraphs))


def run_in_group(plan: dict[str, Any], limit_bytes: int) -> str:
    """Index in a control group; returns what came of it, in words."""
    with ControlGroup("vext-budget", limit_bytes) as group:
        command = [sys.executable, __file__, "--inside", json.dumps(plan)]
        started = time.monotonic()
        done = subprocess.run(
            group.wrap(command), capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        seconds = time.monotonic() - started
        kills, peak_mb = group.kills(), group.peak_bytes() / MB
    facts = f"{seconds:.0f} s, peak of the group {peak_mb:.0f} MB, killed by the kernel: {kills}"
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return f"DIED (exit {done.returncode}), {facts}  {last[:200]}"
    return f"{done.stdout.strip().splitlines()[-1]}; {facts}"


class StandIn:
    """What `--engine stand-in` measures with where the real model would take minutes.

    Its vectors depend on the length of a text only, and it starts at once.
    """

    info = EmbedderInfo("stand-in", "stand-in", 384, 256, "", "cpu", False)

    def embed(self, texts: list[str], *, as_query: bool = False) -> EmbeddedBatch:
        vectors = np.zeros((len(texts), self.info.dimension), np.float32)
        vectors[range(len(texts)), [len(text) % self.info.dimension for text in texts]] = 1
        return EmbeddedBatch(vectors, 0)

    def close(self) -> None:
        return None


class Leaking:
    """A model whose every batch leaves some megabytes behind that only its end returns."""

    def __init__(self, inner: Any, leak_bytes: int) -> None:
        self.info = inner.info
        self.close = inner.close
        self._inner = inner
        self._leak_bytes = leak_bytes
        self._kept: list[bytes] = []

    def embed(self, texts: list[str], *, as_query: bool = False) -> EmbeddedBatch:
        if len(texts) > 1:  # the one text is the engine's proof, or a question
            self._kept.append(b"x" * self._leak_bytes)
        return self._inner.embed(texts)  # type: ignore[no-any-return]


def plant(engine: str, leak_mb: str) -> None:
    """In the process that holds the model: put the leak, and the stand-in, where it is made."""
    original = engine_child.create_embedder

    def create(choice: Any) -> Any:
        inner = StandIn() if engine == STAND_IN else original(choice)
        return Leaking(inner, round(float(leak_mb) * MB))

    engine_child.create_embedder = thread_host.create_embedder = create


def stand_in_for_the_program(folder: Path) -> None:
    """Children are started as this file, so that the leak can be planted in them."""
    program = folder / "program"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, __file__])} "$@"\n')
    program.chmod(0o755)
    sys.frozen, sys.executable = True, str(program)  # type: ignore[attr-defined]


def index_inside(plan: dict[str, Any]) -> int:
    """In the group: index everything, keep the pauses, count what memory made necessary."""
    os.environ[PLANTED] = f"{plan['engine']} {plan['leak_mb']}"
    plant(plan["engine"], plan["leak_mb"])
    stand_in_for_the_program(Path(plan["data"]))
    engine = Engine(Settings(**plan["settings"]), Paths(Path(plan["data"])))
    engine.open()
    counts: Counter[str] = Counter()
    sizes, paused_s, said = set(), 0.0, ""
    summary: dict[str, Any] = {}
    request = IndexRequest((Path(plan["documents"]),))
    for event in engine.index(request, threading.Event()):
        match event:
            case BatchFinished():
                sizes.add(event.size)
                paused_s += event.pause_s
                time.sleep(event.pause_s)
            case CleanupFinished():
                counts[f"{event.receipt.action} for {event.receipt.trigger}"] += 1
            case ChildDied() | ChunkSetAside() | BatchSizeChanged():
                counts[type(event).__name__] += 1
            case RunHalted():
                said = f" HALTED: {event.message}"
            case RunFinished():
                summary = event.summary
    engine.close()
    files, peak_mb = summary["files"], summary["peak_rss_bytes"]["total"] / MB
    acts = ", ".join(f"{number} x {name}" for name, number in sorted(counts.items())) or "nothing"
    print(
        f"{files['indexed']} files indexed, {files['set_aside']} set aside, "
        f"{summary['batches']} batches of {min(sizes, default=0)} to {max(sizes, default=0)}, "
        f"RSS at most {peak_mb:.0f} MB; {acts}; pauses {paused_s:.1f} s{said}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
