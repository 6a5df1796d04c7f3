"""Ten times as much through the whole program: `bench_scale.py [--files N | --folder F] [...]`.

Makes a folder of N small files of several formats (the same ones each time) and one of a tenth of
it, or takes a folder of real documents and makes copies of them, each with other content, until
they have so many megabytes, and a tenth of it. Runs the real command line over both, twice:
`vext-desktop index FOLDER --json`. Told are seconds, chunks per second, the peaks of all
processes, the exponent of the time between the two sizes, also of the processor's (which other
programs do not disturb), and the second run's share of the first.

With --small-model, the model is one of a single layer, written here: then embedding costs next to
nothing, and what is measured is everything else. It says nothing of the real model's memory.
"""

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import small_models

DIMENSION = 384
MOST_TOKENS = 128
FILES_IN_FOLDER = 200
PLAIN_SUFFIXES = frozenset({".txt", ".md", ".csv", ".html", ".eml", ".py", ".rst", ".srt"})


def made_words(count: int, chance: random.Random) -> list[str]:
    """Words that can be spoken, none twice."""
    words: dict[str, None] = {}
    while len(words) < count:
        parts = chance.randint(1, 4)
        word = "".join(
            chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(parts)
        )
        words[word + chance.choice(["", "n", "s", "r", "l"])] = None
    return list(words)


def small_files(folder: Path, count: int) -> None:
    """So many files of 300 to 900 characters in nested folders; seconds for 100 000."""
    chance = random.Random(5)
    words = made_words(20_000, chance)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    total, cumulated = 0.0, []
    for weight in weights:
        total += weight
        cumulated.append(total)
    for number in range(count):
        place = folder / f"y{number // (FILES_IN_FOLDER * 20)}" / f"m{number // FILES_IN_FOLDER}"
        if number % FILES_IN_FOLDER == 0:
            place.mkdir(parents=True)
        text = " ".join(chance.choices(words, cum_weights=cumulated, k=chance.randint(50, 150)))
        suffix, content = _dressed(number, text)
        (place / f"{number:06}{suffix}").write_text(content, encoding="utf-8")


def _dressed(number: int, text: str) -> tuple[str, str]:
    """A suffix, and the text in a file of that kind."""
    middle = len(text) // 2
    match number % 8:
        case 0 | 1 | 2:
            return ".txt", f"{number}\n\n{text[:middle]}\n\n{text[middle:]}\n"
        case 3 | 4:
            return ".md", f"# Note {number}\n\n{text[:middle]}\n\n## More\n\n{text[middle:]}\n"
        case 5:
            return ".html", f"<html><title>{number}</title><body><p>{text}</p></body></html>"
        case 6:
            rows = "\n".join(",".join(text.split()[at : at + 8]) for at in range(0, 120, 8))
            return ".csv", f"number,{number},,,,,,\n{rows}\n"
        case _:
            head = f"From: a@example.org\nTo: b@example.org\nSubject: Note {number}\n"
            return ".eml", f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n"


def varied_copies(source: Path, folder: Path, size_bytes: int) -> None:
    """Documents of a folder again and again, each with other bytes, until they are so many."""
    chance = random.Random(5)
    found = sorted(path for path in source.rglob("*") if path.is_file())
    made, number = 0, 0
    while made < size_bytes:
        path = found[number % len(found)]
        content = path.read_bytes()
        if number >= len(found):
            content = _varied(path, content, number, chance)
        place = folder / f"c{number // len(found)}" / f"m{number // FILES_IN_FOLDER}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}-{path.name}").write_bytes(content)
        made, number = made + len(content), number + 1


def _varied(path: Path, content: bytes, number: int, chance: random.Random) -> bytes:
    """Other bytes and, in plain text, other words in another order; other kinds stay readable."""
    if path.suffix.lower() not in PLAIN_SUFFIXES:
        return content + f"\n%{number}\n".encode()  # PDF and ZIP allow for bytes at the end
    words = content.split(b" ")
    for _ in range(len(words) // 10):
        one, other = chance.randrange(len(words)), chance.randrange(len(words))
        words[one], words[other] = words[other], words[one]
    return b" ".join([*words, str(number).encode()])


@dataclass(frozen=True)
class Run:
    """What one run of the command line has told, and how long the whole process took.

    Attributes:
        wall_s: Its seconds by the clock.
        processor_s: Those of processor that it and its children took.
        summary: What it printed.
    """

    wall_s: float
    processor_s: float
    summary: dict[str, Any]

    @property
    def peaks(self) -> dict[str, int]:
        peaks: dict[str, int] = self.summary["peak_rss_bytes"]
        return peaks


def index(folder: Path, data: Path, more: list[str]) -> Run:
    """`vext-desktop index FOLDER --json` in a process of its own."""
    began, processor_began = time.monotonic(), children_s()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "vext_desktop", "index", str(folder)),
            *("--data-dir", str(data), "--json"),
            *more,
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    lines = done.stdout.decode().strip()
    wall_s, processor_s = time.monotonic() - began, children_s() - processor_began
    return Run(wall_s, processor_s, json.loads(lines))


def children_s() -> float:
    """Seconds of processor of all children that have ended, and of theirs."""
    times = os.times()
    return times.children_user + times.children_system


def size_of(data: Path) -> int:
    """Bytes of a data folder's store and ledger."""
    files = [path for path in data.rglob("*") if path.is_file() and path.parts[-2] != "logs"]
    return sum(path.stat().st_size for path in files)


def prepared(work: Path, small_model: bool) -> list[str]:
    """Flags of every run; the model is prepared before the first is timed."""
    more: list[str] = []
    if small_model:
        chance = random.Random(5)
        small_models.WORDS = made_words(20_000, chance)
        model = small_models.write_model(work / "model", DIMENSION, max_tokens=MOST_TOKENS)
        more = ["--set", f"model={model}"]
    return more


def measured(name: str, folder: Path, work: Path, more: list[str]) -> tuple[Run, Run]:
    """First and second run over a folder."""
    data = work / f"data-{name}"
    warm = work / "warm.txt"
    warm.write_text("a note", encoding="utf-8")
    index(warm, data, more)  # the model is prepared now, and not in what is timed
    runs = index(folder, data, more), index(folder, data, more)
    first, second = runs
    peaks = ", ".join(f"{role} {size / 1e6:.0f}" for role, size in first.peaks.items())
    print(
        f"{name}: {first.summary['files']['indexed']} files, {first.summary['chunks']} chunks in"
        f" {first.summary['seconds']:.1f} s, {first.processor_s:.0f} of processor"
        f" ({first.summary['chunks_per_second']:.0f} a second);"
        f" peak MB: {peaks}; second run {second.summary['seconds']:.2f} s"
        f" ({second.wall_s:.1f} s with start and end), {second.summary['files']['unchanged']}"
        f" unchanged, peak {second.peaks['total'] / 1e6:.0f}; data {size_of(data) / 1e6:.0f} MB",
        flush=True,
    )
    return runs


def folders(arguments: argparse.Namespace, work: Path) -> Iterator[tuple[str, Path]]:
    """A tenth, and all of it."""
    for name, share in (("a tenth", 0.1), ("all", 1.0)):
        folder = work / name.replace(" ", "-")
        began = time.monotonic()
        if arguments.folder is None:
            small_files(folder, round(arguments.files * share))
        else:
            varied_copies(arguments.folder, folder, round(arguments.megabytes * 1e6 * share))
        print(f"{name} made in {time.monotonic() - began:.0f} s", flush=True)
        yield name, folder


def main() -> None:
    """Make, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="real documents instead of made ones")
    parser.add_argument("--megabytes", type=float, default=300.0)
    parser.add_argument("--small-model", action="store_true")
    parser.add_argument("--work", type=Path, help="where to make all of it (default: temporary)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    work = arguments.work or Path(tempfile.mkdtemp(prefix="vext-scale-"))
    work.mkdir(parents=True, exist_ok=True)
    more = prepared(work, arguments.small_model)
    more += [part for setting in arguments.set for part in ("--set", setting)]
    try:
        told = {
            name: measured(name, folder, work, more) for name, folder in folders(arguments, work)
        }
    finally:
        if arguments.work is None:
            shutil.rmtree(work, ignore_errors=True)
    (tenth, _), (whole, again) = told["a tenth"], told["all"]
    ratio = whole.summary["chunks"] / tenth.summary["chunks"]
    exponent = math.log(whole.summary["seconds"] / tenth.summary["seconds"]) / math.log(ratio)
    of_processor = math.log(whole.processor_s / tenth.processor_s) / math.log(ratio)
    growth = whole.peaks["total"] / tenth.peaks["total"] - 1
    share = again.summary["seconds"] / whole.summary["seconds"]
    print(
        f"exponent of the time {exponent:.3f}, of the processor's {of_processor:.3f} over"
        f" {ratio:.1f} times the chunks; peak of all"
        f" processes {growth:+.1%}; second run {share:.2%} of the first; "
        f"load {os.getloadavg()[0]:.0f}"
    )


if __name__ == "__main__":
    main()
