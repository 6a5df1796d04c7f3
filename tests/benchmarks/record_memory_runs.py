"""Record healthy runs of the real program, for the tests of the leak verdict.

    python tests/benchmarks/record_memory_runs.py TARGET [--only NAME,...]

Writes TARGET/NAME.csv.gz for each run below: numbers and generic labels, nothing else. Each run
has a program of its own. Most use the shipped model cut to its first layer, which allocates in
the same pattern at a sixth of the processor time. All of them take some twelve minutes.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from made_corpora import CORPORA
from run_recording import Recording

from vext_desktop.assembly.run import RunAssembly
from vext_desktop.embedding.default_model import find_model
from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, IndexEvent, StoreMaintained
from vext_desktop.index.request import IndexRequest
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, Settings


@dataclass(frozen=True)
class Scenario:
    """One run to record.

    Attributes:
        way: "memory-test", "index", or "window" (an index run below the real window).
        settings: What differs from the defaults.
        batches: How many to record.
        is_cut: Whether the model has its first layer only.
        corpus: What is indexed, by its name in `made_corpora`.
        acts: What happens after which batch: "free" or "reload".
    """

    way: str
    settings: Mapping[str, object] = field(default_factory=dict)
    batches: int = 220
    is_cut: bool = True
    corpus: str = "mixed"
    acts: Mapping[int, str] = field(default_factory=dict)


THREAD: Mapping[str, object] = {"isolation": "thread"}
TORCH: Mapping[str, object] = {"engine": "torch"}
SHORT: Mapping[str, object] = {"chunk_size": 300, "chunk_overlap": 60}
EVERY_25 = dict.fromkeys(range(25, 400, 25), "free")

SCENARIOS = {
    "test": Scenario("memory-test"),
    "test-thread": Scenario("memory-test", THREAD),
    "test-trim-25": Scenario("memory-test", acts=EVERY_25),
    "test-reload": Scenario("memory-test", acts={100: "reload"}, batches=240),
    "test-full-model": Scenario("memory-test", is_cut=False, batches=180),
    "test-torch": Scenario("memory-test", TORCH),
    "test-torch-batches-of-4": Scenario("memory-test", {**TORCH, "batch_size": 4}),
    "index": Scenario("index", batches=300),
    "index-thread": Scenario("index", THREAD),
    "index-big-file": Scenario("index", corpus="big_file", batches=320),
    "index-big-pdf": Scenario("index", corpus="big_pdf", batches=320),
    "index-many-small": Scenario("index", corpus="many_small", batches=400),
    "index-short-chunks": Scenario("index", {"chunk_size": 200, "chunk_overlap": 40}, batches=400),
    "index-long-chunks": Scenario("index", {"chunk_size": 4000, "chunk_overlap": 400}),
    "index-batches-of-4": Scenario("index", {"batch_size": 4}, batches=400),
    "index-frequent-writes": Scenario("index", {**SHORT, "rows_per_write": 32}, batches=400),
    "index-rare-writes": Scenario("index", {**SHORT, "rows_per_write": 4096}, batches=400),
    # 5000 rows in 160 batches: the store is tidied up in the middle.
    "index-upkeep": Scenario("index", {**SHORT, "batch_size": 32}, batches=300),
    "index-trim-25": Scenario("index", SHORT, acts=EVERY_25, batches=350),
    "index-reload": Scenario("index", acts={70: "free", 100: "reload"}, batches=240),
    "index-thread-reload": Scenario("index", THREAD, acts={100: "reload"}, batches=240),
    "index-full-model": Scenario("index", is_cut=False, batches=180),
    "index-torch": Scenario("index", TORCH, batches=300),
    "index-torch-thread": Scenario("index", {**TORCH, **SHORT, **THREAD}),
    "window": Scenario("window", batches=320),
    "window-torch-many-small": Scenario("window", TORCH, corpus="many_small", batches=360),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("target", type=Path)
    parser.add_argument("--only", default=",".join(SCENARIOS))
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    if arguments.alone:
        record(arguments.only, arguments.alone, arguments.target)
        return
    with tempfile.TemporaryDirectory() as place:
        cut_model(Path(place) / "cut-model")
        for name in arguments.only.split(","):
            started = time.monotonic()
            command = [sys.executable, __file__, str(arguments.target), "--only", name]
            done = subprocess.run([*command, "--alone", place], check=False)
            seconds = time.monotonic() - started
            print(f"{name}: {seconds:.0f} s, exit code {done.returncode}", flush=True)


def record(name: str, place: Path, target: Path) -> None:
    """Do one run, and write what its verdict was made from."""
    scenario = SCENARIOS[name]
    # One thread: with more, they wait for each other busily when the machine has other work.
    chosen = {"engine_threads": 1, **scenario.settings}
    if scenario.is_cut:
        chosen["model"] = str(place / "cut-model")
    settings = Settings.model_validate(chosen)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        recording = Recording(Path(folder) / "rows.csv")
        corpus = Path(folder) / "texts"
        if scenario.way != "memory-test":
            CORPORA[scenario.corpus](corpus, random.Random(name))
        if scenario.way == "window":
            run_below_window(scenario, settings, Path(folder) / "data", corpus, recording)
        else:
            engine = RecordedEngine(settings, Paths(Path(folder) / "data"))
            engine.prepare(recording, scenario)
            engine.open()
            try:
                stopped = threading.Event()
                events = (
                    engine.memory_test(scenario.batches, stopped)
                    if scenario.way == "memory-test"
                    else engine.index(IndexRequest((corpus,)), stopped)
                )
                for event in events:
                    time.sleep(event.pause_s if isinstance(event, BatchFinished) else 0.0)
            finally:
                engine.close()
        recording.close(target / f"{name}.csv.gz")


def run_below_window(
    scenario: Scenario, settings: Settings, data: Path, corpus: Path, recording: Recording
) -> None:
    """The real window, on no screen; it is closed when the run has ended."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from vext_desktop.window.app import run_window

    def build(cancelled: threading.Event) -> Engine:
        engine = RecordedEngine(settings, Paths(data), cancelled=cancelled)
        engine.prepare(recording, scenario, lambda: os.kill(os.getpid(), signal.SIGTERM))
        return engine

    run_window(LoadedSettings(settings, ()), Paths(data), [corpus], build)


class RecordedEngine(Engine):
    """The engine, whose verdict is written down, and which is told what to do between batches."""

    def prepare(
        self,
        recording: Recording,
        scenario: Scenario,
        when_ended: Callable[[], None] = lambda: None,
    ) -> None:
        """Say what to record, and what to do after the run."""
        self.recording = recording
        self.scenario = scenario
        self.when_ended = when_ended

    @property
    def _runs(self) -> RunAssembly:
        runs = super()._runs
        runs._verdict_recorder = lambda: self.recording
        return runs

    def index(self, request: IndexRequest, stopped: threading.Event) -> Iterator[IndexEvent]:
        yield from self._watched(super().index(request, stopped), stopped)
        self.when_ended()

    def memory_test(self, batches: int, stopped: threading.Event) -> Iterator[IndexEvent]:
        yield from self._watched(super().memory_test(batches, stopped), stopped)

    def _watched(
        self, events: Iterator[IndexEvent], stopped: threading.Event
    ) -> Iterator[IndexEvent]:
        for event in events:
            yield event
            if isinstance(event, StoreMaintained):
                self.recording.note("maintained")
            if isinstance(event, BatchFinished):
                act = self.scenario.acts.get(event.number)
                if act == "free":
                    self.free_memory()
                elif act == "reload":
                    yield from self.reload_model()
                if act:
                    self.recording.note(act)
                if event.number >= self.scenario.batches:
                    stopped.set()


def cut_model(folder: Path) -> None:
    """A copy of the shipped model with nothing but its first layer."""
    import safetensors.numpy

    shutil.copytree(find_model("").folder, folder)
    config = json.loads((folder / "config.json").read_text())
    config["num_hidden_layers"] = 1
    (folder / "config.json").write_text(json.dumps(config))
    weights = safetensors.numpy.load_file(folder / "model.safetensors")
    kept = {
        name: values
        for name, values in weights.items()
        if "layer." not in name or "layer.0." in name
    }
    safetensors.numpy.save_file(kept, folder / "model.safetensors", {"format": "pt"})


if __name__ == "__main__":
    main()
