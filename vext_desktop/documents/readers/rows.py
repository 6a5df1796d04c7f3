"""Rows of tables as text that finds well: cells divided by bars, the header with each block."""

import re
from collections.abc import Sequence

from vext_desktop.documents.section_builder import SectionBuilder

CELL_DIVIDER = " | "
# A block is about what fits into one passage, so that each passage of a long table says what
# its columns mean. Names before each value would say it too, at twice the length.
_BLOCK_CHARACTERS = 700
_LONGEST_HEADER = 300
_LONGEST_NAME = 60
_LONGEST_CELL_LINE = 400
# Of empty cells between two others, more than this are no layout but distance.
MOST_BLANKS = 8
_EMPTY_CELL = re.compile(r"\|  (?=\|)")
_NUMBER = re.compile(r"[-+(]?[\d.,\s%$€£/:()-]+")


class TableRows:
    """Adds the rows of one table to the section in hand.

    Args:
        sections: Where the text goes.
        title: The table's name; it comes before the first row, if there is any.
    """

    def __init__(self, sections: SectionBuilder, title: str = "") -> None:
        self._sections = sections
        self._title = title
        self._header: str | None = None
        self._length = 0
        self._may_be_header = True

    def add(self, cells: Sequence[str]) -> None:
        """Add the next row; one without text is left out."""
        row = row_text(cells)
        if not row:
            return
        if self._title:
            self._sections.add(self._title, "\n\n")
            self._title, self._length = "", 1
        if self._may_be_header:
            # A line of one cell is a title above the table.
            self._may_be_header = CELL_DIVIDER not in row
            self._header = row if _is_header(cells, row) else None
        elif self._length + len(row) > _BLOCK_CHARACTERS:
            self._length = 0
        if self._length:
            self._sections.add(row, "\n")
        elif self._header is None or self._header == row:
            self._sections.add(row, "\n\n")
        else:
            self._sections.add(self._header, "\n\n")
            self._sections.add(row, "\n")
            self._length = len(self._header)
        self._length += len(row) + 1


def row_text(cells: Sequence[str]) -> str:
    """A row in one line: empty cells stay visible where they are few."""
    cleaned: list[str] = []
    blanks = 0
    for cell in cells:
        text = cell_text(cell)
        if not text:
            blanks += 1
            continue
        if cleaned or blanks <= MOST_BLANKS:
            cleaned += [""] * min(blanks, MOST_BLANKS)
        cleaned.append(text)
        blanks = 0
    return _EMPTY_CELL.sub("| ", CELL_DIVIDER.join(cleaned)).strip()


def cell_text(text: str) -> str:
    """A cell in one line if that reads well, else line by line."""
    text = text.strip()
    is_plain = text.isascii() and text.isprintable()
    return text if is_plain or len(text) > _LONGEST_CELL_LINE else " ".join(text.split())


def _is_header(cells: Sequence[str], row: str) -> bool:
    """Whether a first row names its columns: several short and different texts, no figures."""
    names = [cell.strip() for cell in cells if cell.strip()]
    return (
        len(names) > 1
        and len(row) <= _LONGEST_HEADER
        and len(set(names)) == len(names)
        and all(len(name) <= _LONGEST_NAME and not _NUMBER.fullmatch(name) for name in names)
    )
