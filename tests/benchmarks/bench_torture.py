"""Reads a folder of odd and hostile files, and compares with what each must yield.

    python tests/benchmarks/bench_torture.py FOLDER

FOLDER has `expected*.json` (texts by file: what must be found) and `manifest.tsv` (with the columns
path and outcome). All files go through `vext-desktop extract --json` in one call: a file that ends
or holds up the run shows as the files that are missing. Prints a line for each difference, then
counts; the exit code is the number of required texts and outcomes that are wrong, at most 100.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

_INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\ufeff", ""))
_RUN_LIMIT_S = 1800
# By the manifest's word for what must become of a file, the outcomes that fit it.
_DAMAGE = {"damaged", "empty", "no_text_layer", "unsupported", "too_large"}
_FITTING = {
    "text": {"indexed"},
    "text-optional": {"indexed", "empty", "no_text_layer"},
    "empty": {"empty", "no_text_layer"},
    "notext": {"empty", "no_text_layer"},
    "encrypted": {"locked"},
    "damaged": {"indexed", *_DAMAGE},
    "bounded": {"indexed", "memory_limit", "time_limit", *_DAMAGE},
    "guess": {"indexed"},
    "extended": {"indexed"},
}


def main() -> int:
    """Run and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=Path, help="write what was read as {path: text} here")
    arguments = parser.parse_args()
    begin = time.monotonic()
    found = extracted(arguments.folder)
    seconds = time.monotonic() - begin
    texts = {
        name: "\n".join(section["text"] for section in document["sections"])
        for name, document in found.items()
    }
    if arguments.texts:
        arguments.texts.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    wrong = check_outcomes(arguments.folder, found, texts)
    for expected in sorted(arguments.folder.glob("expected*.json")):
        missing = check_texts(expected, texts)
        wrong += missing if expected.name == "expected.json" else 0
    outcomes = Counter(document["outcome"] for document in found.values())
    print(f"{len(found)} files in {seconds:.1f} s:", dict(outcomes))
    return min(wrong, 100)


def extracted(folder: Path) -> dict[str, dict[str, Any]]:
    """What the command line says of each file, by its path inside the folder."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "vext_desktop", "extract", "--json", "--data-dir", data]
        run = subprocess.run(
            [*command, str(folder)], capture_output=True, text=True, timeout=_RUN_LIMIT_S,
            check=False,
        )  # fmt: skip
    if run.returncode:
        print(f"the run ended with {run.returncode}: {run.stderr[-2000:]}")
    documents = map(json.loads, run.stdout.splitlines())
    return {str(Path(item["path"]).relative_to(folder.resolve())): item for item in documents}


def check_outcomes(folder: Path, found: dict[str, dict[str, Any]], texts: dict[str, str]) -> int:
    """Print the files whose outcome does not fit; returns how many."""
    wrong = 0
    rows = csv.DictReader((folder / "manifest.tsv").read_text("utf-8").splitlines(), delimiter="\t")
    for row in rows:
        wanted, path = row["outcome"], row["path"]
        document = found.get(path)
        if document is None:
            problem = "is missing from the answer"
        elif wanted.startswith("must-not:") and wanted.partition(":")[2] in texts[path]:
            problem = "shows what it must not"
        elif document["outcome"] not in _FITTING.get(wanted, {document["outcome"]}):
            problem = f"is {document['outcome']}, not {wanted}: {document['reason']}"
        else:
            continue
        wrong += 1
        print(f"OUTCOME {path} {problem}")
    return wrong


def check_texts(expected: Path, texts: dict[str, str]) -> int:
    """Print the texts of one list that were not found; returns how many."""
    wanted: dict[str, list[str]] = json.loads(expected.read_text("utf-8"))
    missing = 0
    for path, strings in wanted.items():
        forms = forms_of(texts.get(path, ""))
        absent = [string for string in strings if not is_in(string, forms)]
        missing += len(absent)
        for string in absent:
            print(f"MISSING {expected.name} {path}: {string[:80]!r}")
    total = sum(map(len, wanted.values()))
    print(f"{expected.name}: {total - missing} of {total} texts in {len(wanted)} files")
    return missing


def forms_of(text: str) -> tuple[str, str, str]:
    """A text with white space collapsed, without any, and as its letters and digits alone."""
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    collapsed = " ".join(plain.split())
    return collapsed, collapsed.replace(" ", ""), re.sub(r"[\W_]+", "", plain).lower()


def is_in(string: str, forms: tuple[str, str, str]) -> bool:
    """Whether a string stands in a text in one of its forms."""
    wanted = forms_of(string)
    pairs = list(zip(wanted, forms, strict=True))
    if len(wanted[2]) < 4:  # too short to be found by its letters alone
        pairs = pairs[:2]
    return any(part in form for part, form in pairs)


if __name__ == "__main__":
    sys.exit(main())
