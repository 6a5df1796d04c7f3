"""What the tests with kills share: the real program on a data folder, and what an index holds."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from kill_corpus import RARE

from vext_desktop.engine import Engine
from vext_desktop.events import RunEnd, RunFinished
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

# Small groups, so that a run of sixty files writes and marks done many times.
FLAGS = ("--set", "rows_per_write=8", "--set", "chunk_size=400", "--set", "chunk_overlap=60")
# The same settings in this process, where the model runs in a thread and is imported only once.
SETTINGS = Settings(
    rows_per_write=8,
    chunk_size=400,
    chunk_overlap=60,
    isolation="thread",
    memory_cap_mb=8000,
    memory_share=1,
)
# Ten times what a run takes on a machine that has other things to do as well.
LIMIT_S = 300.0
Range = tuple[str, int, int]  # a file's name, and where a passage begins and ends in its text


@dataclass(frozen=True, slots=True)
class IndexContent:
    """What an index holds, by what can be compared.

    Attributes:
        ranges: How often each passage is there; once, if all is well.
        orphans: Rows that the ledger does not count as the present passages of a file.
        states: How many files are in which state.
        reasons: Why files are not indexed.
        leftovers: Pairs that are still to be removed.
    """

    ranges: Counter[Range]
    orphans: int
    states: dict[str, int]
    reasons: tuple[str, ...]
    leftovers: int

    def lost_from(self, expected: "IndexContent") -> int:
        """How many passages of another index are not here."""
        return len(expected.ranges.keys() - self.ranges.keys())

    @property
    def doubled(self) -> int:
        """How many rows are here more than once."""
        return sum(count - 1 for count in self.ranges.values())


def read_content(data_dir: Path) -> IndexContent:
    """Read a data folder that no program has open."""
    paths = Paths(data_dir)
    with Ledger(paths.ledger, read_only=True) as ledger:
        records = {record.file_id: record for record in ledger.files()}
        serving = ledger.editions.serving()
        leftovers = len(ledger.leftovers())
    assert serving is not None
    store = Store(
        paths.store,
        serving.model,
        serving.dimension,
        table_name=serving.table_name,
        read_only=True,
    )
    ranges: Counter[Range] = Counter()
    orphans = 0
    try:
        for file_id, generation, _, start, end in store.keys():  # noqa: SIM118 - no mapping
            record = records.get(file_id)
            if record is None or record.generation != generation:
                orphans += 1
            else:
                ranges[Path(record.path).name, start, end] += 1
    finally:
        store.close()
    states = Counter(str(record.state) for record in records.values())
    reasons = tuple(record.reason for record in records.values() if record.reason)
    return IndexContent(ranges, orphans, dict(states), reasons, leftovers)


def resume(data_dir: Path, documents: Path, settings: Settings = SETTINGS) -> RunEnd:
    """Index again, in this process, to the end."""
    engine = Engine(settings, Paths(data_dir))
    try:
        engine.open()
        *_, last = engine.index(IndexRequest((documents,)), threading.Event())
    finally:
        engine.close()
    assert isinstance(last, RunFinished)
    return last.end


def finds_all(data_dir: Path, numbers: Sequence[int]) -> bool:
    """Whether a search by words finds the one file that each rare word stands in."""
    engine = Engine(SETTINGS, Paths(data_dir))
    try:
        engine.open(read_only=True)
        for number in numbers:
            word = RARE.format(number=number)
            hits = engine.search(SearchRequest(word, mode=SearchMode.TEXT)).hits
            if [Path(hit.path).stem for hit in hits] != [f"file {number:02}"]:
                return False
    finally:
        engine.close()
    return True


@dataclass
class Program:
    """The command line program at work on a data folder; what it prints is kept."""

    data_dir: Path
    words: Sequence[str]
    home: Path
    flags: Sequence[str] = FLAGS
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        """Start it, as the leader of a group of its own."""
        command = [sys.executable, "-m", "vext_desktop", *self.words]
        self.log = self.home / f"{self.data_dir.name}.out"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(self.data_dir), *self.flags],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                process_group=0,
            )

    @property
    def is_running(self) -> bool:
        """Whether it has not come to its end."""
        return self.process.poll() is None

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text("utf-8", "replace")

    def children(self) -> dict[str, psutil.Process]:
        """Its children by role: "engine", "reader", "preparer"."""
        found = {}
        with suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    words = child.cmdline()
                    for role in ("engine", "reader", "preparer"):
                        if role in words:
                            found[role] = child
        return found

    def kill(self, target: str) -> bool:
        """End a process, or all of them, with SIGKILL; False if it is not there any more."""
        if not self.is_running:
            return False
        victims = self.children()
        if target == "program":
            os.kill(self.process.pid, signal.SIGKILL)
        elif target == "all":
            for pid in (self.process.pid, *(child.pid for child in victims.values())):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        elif target in victims:
            with suppress(psutil.NoSuchProcess):
                victims[target].kill()
        else:
            return False
        if target in {"program", "all"}:
            self.process.wait()
            _, alive = psutil.wait_procs(victims.values(), timeout=5)
            assert not alive, "a child outlived the program"
        return True

    def wait(self, limit_s: float = LIMIT_S) -> int:
        """Wait for its end; returns its exit code."""
        return self.process.wait(limit_s)


def wait_until(program: Program, is_so: Callable[[], bool], limit_s: float = LIMIT_S) -> bool:
    """Look every 10 ms until something is so; False if the program ends before."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if is_so():
            return True
        if not program.is_running:
            return False
        time.sleep(0.01)
    raise AssertionError("it did not come to that moment in time")


def lend_prepared(source: Path, data_dir: Path) -> None:
    """Give a new data folder the model that was prepared for another one."""
    data_dir.mkdir()
    shutil.copytree(source, Paths(data_dir).prepared_models, copy_function=os.link)


def choose(chance: random.Random, weights: dict[str, int]) -> str:
    """One of the names, as often as its weight says."""
    return chance.choices(list(weights), list(weights.values()))[0]
