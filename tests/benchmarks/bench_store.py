"""The store with 200 000 passages: `bench_store.py DATA_FOLDER TEXTS_FOLDER [--rows N] [...]`.

Fills an index in DATA_FOLDER by the program's own writer and maintenance, unless it is filled:
sentences of the texts in TEXTS_FOLDER in another order each time, and unit vectors that lie as
near to each other as those of a real collection (made of the rows of --vectors, a .npy file of
real ones; else around made centres). Then `Engine.search` is asked with parts of these texts, as
the window asks it: at rest, and between the steps of a run over new files while maintenance goes
on. Told are size, recall against comparing all vectors, times with and without the question's
embedding, processor time (which other programs on the machine change less), memory and handles.
"""

import argparse
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vext_desktop.documents.chunker import Chunk
from vext_desktop.documents.scanner import FoundFile
from vext_desktop.engine import Engine
from vext_desktop.events import GroupWritten
from vext_desktop.index import tidying
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.index.store import Store
from vext_desktop.index.work import EmbeddedChunks, FileWork, PendingChunk
from vext_desktop.index.writer import GroupWriter
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

CHUNKS_IN_FILE = 20
CHARACTERS = 1000
DIMENSION = 384
# While filling, maintenance comes half a volume at a time: nobody searches meanwhile.
ROWS_BETWEEN_ROUNDS = 12_500
QUERIES = 60
ARRIVAL_S = 0.4
RECALL_QUERIES = 20


class Texts:
    """Passages of about 1000 characters out of real sentences, each with words of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self._sentences: list[str] = []
        for path in sorted(folder.iterdir()):
            text = path.read_text(encoding="utf-8", errors="replace")
            parts = re.split(r"(?<=[.!?])\s+", text)
            self._sentences += [part for part in parts if len(part) > 20]

    def passage(self) -> str:
        parts, length = [], 0
        while length < CHARACTERS - 60:
            parts.append(self._chance.choice(self._sentences)[: CHARACTERS - length])
            length += len(parts[-1]) + 1
        return f"{' '.join(parts)} no{self._chance.randrange(10**6)}"

    def question(self) -> str:
        """Three to eight words that follow each other somewhere."""
        words = self._chance.choice(self._sentences).split()
        first = self._chance.randrange(max(1, len(words) - 8))
        return " ".join(words[first : first + self._chance.randint(3, 8)])


def unit_vectors(file: Path | None, seed: int) -> Iterator[NDArray[np.float32]]:
    """Vectors whose nearest neighbours are at a cosine of about 0.7, as real ones are."""
    chance = np.random.default_rng(seed)
    if file is None:
        centres = chance.standard_normal((4000, 40)) @ chance.standard_normal((40, DIMENSION))
    else:
        centres = np.load(file)
    centres = centres.astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    while True:
        one, other = chance.integers(len(centres), size=(2, 1000))
        noise = chance.standard_normal((1000, DIMENSION)).astype(np.float32)
        mixed = centres[one] + 0.45 * centres[other]
        mixed += 0.45 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        yield from mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def fill(engine: Engine, rows: int, texts: Texts, vectors: Iterator[NDArray[np.float32]]) -> None:
    """So many rows by writer, ledger and maintenance; the last 4000 wait for maintenance."""
    edition = engine.rebuilding.prepare(rebuilds=True)
    store, ledger = engine._folder.store_of(edition), engine._folder.ledger
    files = rows // CHUNKS_IN_FILE
    run_id = ledger.begin_run(["/made"])
    for first in range(0, files, 1000):
        found = [FoundFile(f"/made/{n:06}.txt", 20_000, n) for n in range(first, first + 1000)]
        ledger.note_found(found, run_id, edition.index_key)
    writer = GroupWriter(store, ledger, edition.index_key, 512)
    tidying.MAX_UNINDEXED_ROWS = ROWS_BETWEEN_ROUNDS
    care = tidying.StoreTidying(store)
    for file_id in range(1, files + 1):
        generation = ledger.begin_file(file_id, f"{file_id}")
        work = FileWork(file_id, generation, "", 20_000, file_id - 1)
        chunks = []
        for ordinal in range(CHUNKS_IN_FILE):
            start = ordinal * CHARACTERS
            chunk = Chunk(ordinal, texts.passage(), start, start + CHARACTERS, None, "")
            chunks.append(PendingChunk(work, chunk))
        work.chunks_read, work.is_read = CHUNKS_IN_FILE, True
        own = np.stack([next(vectors) for _ in chunks])
        writer.add(EmbeddedChunks(tuple(chunks), own, 0, 0.0))
        writer.add_settled(work)
        if writer.is_due or file_id == files:
            for event in writer.flush():
                if isinstance(event, GroupWritten):
                    care.note_written(event.rows)
            for _ in care.step():
                pass
    store.finish_maintenance(None)
    ledger.end_run(run_id, "finished", {})


def told_size(data: Paths, store: Store) -> None:
    size = store.size()
    text_bytes = sum(
        len(text.encode())
        for batch in store._volumes.read(("text",))
        for text in batch.column("text").to_pylist()
    )
    wide, narrow = size.rows * DIMENSION * 4, size.rows * DIMENSION * 2
    used = size.bytes_on_disk - size.reclaimable_bytes
    print(
        f"{size.rows} rows, {len(store._volumes._all)} volumes, {size.fragments} fragments:"
        f" {size.bytes_on_disk / 1e6:.0f} MB on disk, of which reclaimable"
        f" {size.reclaimable_bytes / 1e6:.0f}; raw vectors {wide / 1e6:.0f} MB (as float16"
        f" {narrow / 1e6:.0f}), text {text_bytes / 1e6:.0f}: {used / (wide + text_bytes):.2f}"
        f" times raw vectors and text ({used / (narrow + text_bytes):.2f} with float16)",
        flush=True,
    )


def told_recall(store: Store, vectors: Iterator[NDArray[np.float32]]) -> None:
    """Share of the truly nearest that a search finds, by comparing with every vector."""
    questions = np.stack([next(vectors) for _ in range(RECALL_QUERIES)])
    keys: list[tuple[int, int]] = []
    nearness = []
    for batch in store._volumes.read(("file_id", "ordinal", "vector")):
        rows = batch.column("vector").flatten().to_numpy().reshape(-1, DIMENSION)
        nearness.append(questions @ rows.astype(np.float32).T)
        keys += zip(
            batch.column("file_id").to_pylist(), batch.column("ordinal").to_pylist(), strict=True
        )
    order = np.argsort(-np.concatenate(nearness, axis=1), axis=1)
    shares = {10: 0.0, 100: 0.0, 200: 0.0}
    for question, best in zip(questions, order, strict=True):
        found = [(hit.file_id, hit.ordinal) for hit in store.search_vector(question, 200)]
        for wanted in shares:
            true = {keys[place] for place in best[:wanted]}
            shares[wanted] += len(true & set(found[:wanted])) / wanted / RECALL_QUERIES
    print("recall", ", ".join(f"@{n} {share:.3f}" for n, share in shares.items()), flush=True)


class Times:
    """What searches of one kind took, in ms."""

    def __init__(self) -> None:
        self.whole: list[float] = []
        self.store: list[float] = []
        self.processor: list[float] = []

    def ask(self, engine: Engine, request: SearchRequest) -> None:
        began, used = time.perf_counter(), time.process_time()
        answer = engine.search(request)
        self.whole.append((time.perf_counter() - began) * 1000)
        self.processor.append((time.process_time() - used) * 1000)
        self.store.append(answer.seconds * 1000)
        if answer.mode is not request.mode:
            raise RuntimeError(answer.notice)

    def __str__(self) -> str:
        def ranked(values: list[float]) -> str:
            return " / ".join(f"{np.percentile(values, share):.0f}" for share in (50, 95, 99))

        return (
            f"{len(self.whole)} searches, p50 / p95 / p99 ms: store {ranked(self.store)}, with the"
            f" question's embedding {ranked(self.whole)}; own processor {ranked(self.processor)}"
        )


def told_at_rest(engine: Engine, texts: Texts) -> None:
    for mode in SearchMode:
        times = Times()
        for number in range(QUERIES + 5):
            if number == 5:
                times = Times()  # the caches are warm now
            times.ask(engine, SearchRequest(texts.question(), mode=mode))
        print(f"at rest, {mode}: {times}", flush=True)


def told_in_run(engine: Engine, texts: Texts, folder: Path, seconds: float) -> None:
    """Searches between the steps of a run, at times that nobody can foresee."""
    folder.mkdir(exist_ok=True)
    for number in range(3000):
        (folder / f"{number}.txt").write_text(texts.passage(), encoding="utf-8")
    chance = random.Random(1)
    tidying.MAX_UNINDEXED_ROWS = 100  # a first round soon: there are rows left to tidy
    times = {mode: Times() for mode in SearchMode}
    stopped, began, rounds, steps = threading.Event(), time.monotonic(), [], 0
    next_s = began + 5
    for event in engine.index(IndexRequest((folder,)), stopped):
        steps += 1
        now = time.monotonic()
        if type(event).__name__ == "StoreMaintained":
            rounds.append(round(event.seconds, 1))
        if now > began + seconds:
            stopped.set()
        elif now >= next_s:
            mode = chance.choice(list(SearchMode))
            times[mode].ask(engine, SearchRequest(texts.question(), mode=mode))
            next_s = time.monotonic() + chance.expovariate(1 / ARRIVAL_S)
    print(f"a run of {steps} steps; rounds of maintenance, s: {rounds}")
    for mode, taken in times.items():
        if taken.whole:
            print(f"while indexing, {mode}: {taken}", flush=True)


def memory(what: str) -> None:
    """Resident memory now and at its highest since the last call, and open handles."""
    words = Path("/proc/self/status").read_text(encoding="ascii").split()
    now, peak = (int(words[words.index(name) + 1]) / 1e3 for name in ("VmRSS:", "VmHWM:"))
    handles = len(list(Path("/proc/self/fd").iterdir()))
    print(f"after {what}: {now:.0f} MB, peak {peak:.0f}, {handles} handles", flush=True)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def timed(what: str, act: Callable[[], object]) -> None:
    """Do it, and say how long that took and what it left behind."""
    began, used = time.monotonic(), time.process_time()
    act()
    seconds, own_s = time.monotonic() - began, time.process_time() - used
    print(f"{what}: {seconds:.0f} s, own processor {own_s:.0f} s")
    memory(what)


def main() -> None:
    """Fill, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--vectors", type=Path, help="real vectors, float, shape (n, 384)")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the run goes on")
    arguments = parser.parse_args()
    paths = Paths(arguments.data)
    engine = Engine(Settings(), paths)
    engine.open()
    try:
        texts = Texts(arguments.texts, seed=int(time.time()))
        vectors = unit_vectors(arguments.vectors, seed=2)
        done = arguments.data / "bench_store.json"
        if not done.exists():
            timed("filling", lambda: fill(engine, arguments.rows, texts, vectors))
            done.write_text(json.dumps({"rows": arguments.rows}), encoding="utf-8")
        store = engine.rebuilding.serving_store()
        for _ in engine.warm_up():
            pass
        memory("opening")
        told_size(paths, store)
        memory("reading all texts")
        told_recall(store, vectors)
        memory("recall")
        told_at_rest(engine, texts)
        memory("searches at rest")
        told_in_run(engine, texts, arguments.data / "new", arguments.seconds)
        memory("searches in a run")
        timed("maintenance of the rest", store.maintain)
        told_size(paths, store)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
