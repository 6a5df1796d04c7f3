"""Questions with a known answer: how many have the named file among the first five hits.

    python tests/benchmarks/bench_questions.py SAMPLES --data-dir DIR

SAMPLES holds questions.tsv (question, path, ..., also_acceptable) and the folder that its paths
start from (office_mini).
"""

import argparse
import csv
import threading
import time
from pathlib import Path

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, RunFinished
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.paths import find_paths
from vext_desktop.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("samples", type=Path)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--folder", default="office_mini")
    arguments = parser.parse_args()
    base = (arguments.samples / arguments.folder).resolve()
    with (arguments.samples / "questions.tsv").open(encoding="utf-8", newline="") as table:
        questions = list(csv.DictReader(table, delimiter="\t"))
    engine = Engine(Settings(), find_paths(arguments.data_dir))
    engine.open()
    try:
        for event in engine.index(IndexRequest((base,)), threading.Event()):
            if isinstance(event, BatchFinished):
                time.sleep(event.pause_s)
            elif isinstance(event, RunFinished):
                print(
                    {key: event.summary[key] for key in ("files", "chunks", "seconds", "verdict")}
                )
        indexed = {record.path for record in engine.files() if record.is_searchable}
        for mode in SearchMode:
            print(f"-- {mode.value}")
            found = sum(ask(engine, base, question, mode, indexed) for question in questions)
            print(f"{found} of {len(questions)} in the first five")
    finally:
        engine.close()


def ask(
    engine: Engine, base: Path, question: dict[str, str], mode: SearchMode, indexed: set[str]
) -> bool:
    names = [question["path"], *filter(None, (question["also_acceptable"] or "").split(";"))]
    wanted = {str(base / name) for name in names}
    answer = engine.search(SearchRequest(question["question"], limit=20, mode=mode))
    paths = [hit.path for hit in answer.hits]
    place = next((place for place, path in enumerate(paths, 1) if path in wanted), None)
    note = "" if wanted & indexed else "   (not indexed: this kind of file is not read)"
    print(f"{place or '-':>3}  {question['question'][:80]}{note}")
    return place is not None and place <= 5


if __name__ == "__main__":
    main()
