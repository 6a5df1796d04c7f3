"""CSV and its relatives: rows of a table, in whatever encoding and with whatever divider."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from vext_desktop.documents.readers.rows import TableRows
from vext_desktop.documents.readers.text import open_text
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadLimits, Section
from vext_desktop.documents.section_builder import SectionBuilder

_DIVIDERS = ",;\t|"
_SAMPLE_LINES = 50
_LONGEST_LINE = PIECE_CHARACTERS
# A quotation mark that is never closed takes the rest of the file into one cell.
_LONGEST_CELL = 1_000_000


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield rows with bars between the cells, and the first row again with each block of them.

    A file that is no table is read as the text that it is.
    """
    with open_text(path, limits) as file:
        sample = list(islice(_Lines(file), _SAMPLE_LINES))
        lines = _Lines(file, sample)
        sections = SectionBuilder()
        divider = _divider(path, sample)
        if divider is None:
            for line in lines:
                sections.add(line.rstrip("\n"), "\n")
                yield from sections.take()
        else:
            for row in _rows(lines, divider, TableRows(sections)):
                if row is not None:
                    sections.add(row, "\n")
                yield from sections.take()
        yield from sections.take_rest()


def _rows(lines: "_Lines", divider: str, rows: TableRows) -> Iterator[str | None]:
    """Add row after row; where the table breaks off, yield the lines as they are."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(lines, delimiter=divider)
    try:
        for row in reader:
            rows.add(row)
            lines.held.clear()
            yield None
    except csv.Error:
        for line in chain(list(lines.held), lines):
            lines.held.clear()
            yield line.rstrip("\n")


class _Lines:
    """The lines of a file in pieces of bounded length; keeps those that no row has yet.

    Args:
        file: Where they come from.
        ahead: Lines that were read already.
    """

    def __init__(self, file: TextIO, ahead: list[str] | None = None) -> None:
        self.held: list[str] = []
        self._file = file
        self._ahead = iter(ahead or [])

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._ahead, None)
        if line is None:
            line = self._file.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.held.append(line)
        return line


def _divider(path: Path, sample: list[str]) -> str | None:
    """What divides the cells: what stands equally often in most lines; None if nothing does."""
    if path.suffix.lower() in {".tsv", ".tab"} and any("\t" in line for line in sample):
        return "\t"
    if sample[:1] and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        return sample.pop(0).strip()[-1]
    best, best_score = None, 0.0
    for divider in _DIVIDERS:
        counts = Counter(len(row) for row in _parsed(sample, divider) if len(row) > 1)
        if counts:
            width, rows = counts.most_common(1)[0]
            score = rows * (1 + min(width, 20) / 100)
            if score > best_score:
                best, best_score = divider, score
    return best


def _parsed(sample: list[str], divider: str) -> list[list[str]]:
    try:
        return list(csv.reader(sample, delimiter=divider))
    except csv.Error:
        return [line.split(divider) for line in sample]
