"""Folders of made texts, as different as people's: for the recorded runs."""

import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from vext_desktop.index.practice_text import practice_batches


def mixed(folder: Path, chance: random.Random) -> None:
    """Files of one to forty passages."""
    write_files(folder, chance, 400, lambda: round(chance.lognormvariate(9, 0.9)))


def big_file(folder: Path, chance: random.Random) -> None:
    """Some small files, one of 1.5 MB among them."""
    write_files(folder, chance, 120, lambda: chance.randint(2000, 9000))
    write_files(folder / "k", chance, 1, lambda: 1_500_000)


def big_pdf(folder: Path, chance: random.Random) -> None:
    """Some small files, a PDF of 700 pages among them."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from made_documents import pdf

    write_files(folder, chance, 150, lambda: chance.randint(2000, 9000))
    stock = [text for (text,) in practice_batches(600, 1, seed=7)]
    pages = []
    for number in range(700):
        words = f"{number} {chance.choice(stock)} {chance.choice(stock)}"
        plain = words.encode("latin-1", "ignore").decode("latin-1")
        pages.append([plain[place : place + 80] for place in range(0, len(plain), 80)])
    (folder / "0040-long.pdf").write_bytes(pdf(pages))


def many_small(folder: Path, chance: random.Random) -> None:
    """Thousands of files of one passage."""
    write_files(folder, chance, 3500, lambda: chance.randint(100, 900))


CORPORA: Mapping[str, Callable[[Path, random.Random], None]] = {
    "mixed": mixed,
    "big_file": big_file,
    "big_pdf": big_pdf,
    "many_small": many_small,
}


def write_files(folder: Path, chance: random.Random, count: int, length: Callable[[], int]) -> None:
    """Text files of so many characters, of words that a real text would not repeat so much."""
    folder.mkdir(parents=True, exist_ok=True)
    stock = [text for (text,) in practice_batches(600, 1, seed=chance.randrange(1 << 30))]
    for number in range(count):
        wanted, parts = length(), []
        while wanted > 0:
            part = f"{chance.randrange(10**6)} {chance.choice(stock)}"[:wanted]
            parts.append(part)
            wanted -= len(part) + 2
        name = f"{number:04}-{chance.randrange(10**6):06}.txt"
        (folder / name).write_text("\n\n".join(parts), encoding="utf-8")
