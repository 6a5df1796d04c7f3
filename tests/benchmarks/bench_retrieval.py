"""Search quality: index a judged set of documents and score each search mode.

    python tests/benchmarks/bench_retrieval.py SET --data-dir DIR

SET holds docs.tar.gz (or docs/), queries.tsv (id, text) and qrels.tsv (query, 0, document, grade),
as in BEIR. The index is kept in DIR, so that a second call only searches.
"""

import argparse
import math
import tarfile
import threading
import time
from collections import defaultdict
from pathlib import Path

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, RunFinished
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.paths import find_paths
from vext_desktop.settings import Settings

DEPTH = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("set", type=Path)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=None, help="only the first N queries")
    arguments = parser.parse_args()
    documents = unpack(arguments.set, arguments.data_dir)
    engine = Engine(Settings(), find_paths(arguments.data_dir / "index"))
    engine.open()
    try:
        index(engine, documents)
        judgements = read_judgements(arguments.set / "qrels.tsv")
        queries = read_queries(arguments.set / "queries.tsv", judgements)[: arguments.queries]
        print(f"{len(queries)} queries")
        print(f"{'mode':8} {'nDCG@10':>8} {'recall@10':>10} {'recall@100':>11} {'ms median':>10}")
        for mode in SearchMode:
            run, seconds = search(engine, queries, mode)
            scores = score(judgements, run)
            print(
                f"{mode.value:8} {scores['ndcg']:8.4f} {scores['recall10']:10.4f}"
                f" {scores['recall100']:11.4f} {1000 * sorted(seconds)[len(seconds) // 2]:10.1f}"
            )
    finally:
        engine.close()


def unpack(folder: Path, data_dir: Path) -> Path:
    if (folder / "docs").is_dir():
        return folder / "docs"
    target = data_dir / "documents"
    if not target.is_dir():
        with tarfile.open(folder / "docs.tar.gz") as archive:
            archive.extractall(target, filter="data")
    return target


def index(engine: Engine, documents: Path) -> None:
    started = time.monotonic()
    for event in engine.index(IndexRequest((documents,)), threading.Event()):
        if isinstance(event, BatchFinished):
            if event.number % 100 == 0:
                print(f"batch {event.number}, {event.reading.rss_bytes / 1e6:.0f} MB", flush=True)
            time.sleep(event.pause_s)
        elif isinstance(event, RunFinished):
            print(f"indexed in {time.monotonic() - started:.0f} s: {event.summary}")


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[3].isdigit() and int(fields[3]) > 0:
            judgements[fields[0]][fields[2]] = int(fields[3])
    return judgements


def read_queries(path: Path, judgements: dict[str, dict[str, int]]) -> list[tuple[str, str]]:
    lines = (line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return [(name, text) for name, text in lines if name in judgements]


def search(
    engine: Engine, queries: list[tuple[str, str]], mode: SearchMode
) -> tuple[dict[str, list[str]], list[float]]:
    run, seconds = {}, []
    for name, text in queries:
        answer = engine.search(SearchRequest(text, limit=DEPTH, mode=mode, group_by="file"))
        run[name] = [Path(hit.path).stem for hit in answer.hits]
        seconds.append(answer.seconds)
    return run, seconds


def score(judgements: dict[str, dict[str, int]], run: dict[str, list[str]]) -> dict[str, float]:
    """nDCG (Järvelin and Kekäläinen 2002) and recall, means over the queries of the run."""
    totals: dict[str, float] = defaultdict(float)
    for name, found in run.items():
        wanted = judgements[name]
        gains = [
            wanted.get(document, 0) / math.log2(place + 2)
            for place, document in enumerate(found[:10])
        ]
        ideal = sorted(wanted.values(), reverse=True)[:10]
        best = sum(grade / math.log2(place + 2) for place, grade in enumerate(ideal))
        totals["ndcg"] += sum(gains) / best
        totals["recall10"] += len(set(found[:10]) & set(wanted)) / len(wanted)
        totals["recall100"] += len(set(found[:100]) & set(wanted)) / len(wanted)
    return {key: value / len(run) for key, value in totals.items()}


if __name__ == "__main__":
    main()
