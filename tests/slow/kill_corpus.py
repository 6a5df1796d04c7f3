"""Some sixty small documents of many kinds, always the same ones for the same seed."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

from made_documents import docx, paragraph, pdf
from made_packages import pptx, rows, shape, xlsx

from vext_desktop.index.practice_text import practice_batches

if TYPE_CHECKING:
    from collections.abc import Callable

# A word that stands in one file alone, so that a search for it has one right answer.
RARE = "quokka{number}"
# Short texts: what is to be seen is what a kill does, and the model's time is only waited for.
LENGTH = 260


def write_corpus(folder: Path, files: int = 60, seed: int = 7) -> Path:
    """Write the documents; file `n` holds the word `quokka<n>`."""
    chance = random.Random(seed)
    writers: list[Callable[[Path, list[str]], object]] = [
        _text, _text, _markdown, _html, _csv, _pdf, _docx, _pptx, _xlsx, _mail, _source,
    ]  # fmt: skip
    for number, texts in enumerate(practice_batches(files, 3, seed=seed)):
        place = folder / f"part {number % 4}"
        place.mkdir(parents=True, exist_ok=True)
        kept = [text[:LENGTH] for text in texts[: chance.randint(1, len(texts))]]
        kept[0] = f"{RARE.format(number=number)} {kept[0]}"
        kept = [text.encode("ascii", "ignore").decode() for text in kept]  # as made PDFs need it
        writers[number % len(writers)](place / f"file {number:02}", kept)
    return folder


def _write(path: Path, suffix: str, text: str) -> None:
    path.with_suffix(suffix).write_text(text, encoding="utf-8")


def _text(path: Path, texts: list[str]) -> None:
    _write(path, ".txt", "\n\n".join(texts))


def _markdown(path: Path, texts: list[str]) -> None:
    _write(path, ".md", "\n\n".join(f"# Part {n}\n\n{text}" for n, text in enumerate(texts)))


def _html(path: Path, texts: list[str]) -> None:
    body = "".join(f"<h2>Part {n}</h2><p>{text}</p>" for n, text in enumerate(texts))
    _write(path, ".html", f"<html><body>{body}</body></html>")


def _csv(path: Path, texts: list[str]) -> None:
    lines = [f'{n},"{text[:200]}"' for n, text in enumerate(texts)]
    _write(path, ".csv", "\n".join(["number,words", *lines]) + "\n")


def _source(path: Path, texts: list[str]) -> None:
    parts = [f'def part_{n}():\n    """{text}"""\n' for n, text in enumerate(texts)]
    _write(path, ".py", "\n\n".join(parts))


def _mail(path: Path, texts: list[str]) -> None:
    head = "From: a@example.org\nTo: b@example.org\nSubject: minutes\n\n"
    _write(path, ".eml", head + "\n\n".join(texts) + "\n")


def _pdf(path: Path, texts: list[str]) -> None:
    pages = [[text[n : n + 80] for n in range(0, len(text), 80)] for text in texts]
    path.with_suffix(".pdf").write_bytes(pdf(pages))


def _docx(path: Path, texts: list[str]) -> None:
    docx(path.with_suffix(".docx"), "".join(paragraph(text) for text in texts))


def _pptx(path: Path, texts: list[str]) -> None:
    pptx(path.with_suffix(".pptx"), [shape(text) for text in texts])


def _xlsx(path: Path, texts: list[str]) -> None:
    sheet = rows(*[[float(n), text[:300]] for n, text in enumerate(texts)])
    xlsx(path.with_suffix(".xlsx"), {"Minutes": sheet})
