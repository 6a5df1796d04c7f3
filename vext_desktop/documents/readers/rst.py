"""reStructuredText: the text as it is written, under the headings that it sets."""

import re
from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.readers.text import open_text
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadLimits, Section

# A line of one sign of punctuation, repeated (docutils, "Sections").
_LINE = re.compile(r"([!-/:-@\[-`{-~])\1{1,}[ \t]*\n?\Z")
_LONGEST_LINE = 4000
_LONGEST_HEADING = 200


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield a section for each heading, with its lines; together they are the file's text."""
    heading, continues = "", False
    held: list[str] = []
    length = 0
    with open_text(path, limits) as file:
        while line := file.readline(_LONGEST_LINE):
            title = _title_above(held, line)
            if title is not None or length >= PIECE_CHARACTERS:
                # The title, and the line above it if there is one, begin the next section.
                begin = len(held) if title is None else _first_of_title(held)
                if begin:
                    yield Section("".join(held[:begin]), None, heading, continues)
                    continues = True
                held = held[begin:]
                length = sum(map(len, held))
            if title is not None:
                heading = title
            held.append(line)
            length += len(line)
    if held:
        yield Section("".join(held), None, heading, continues)


def _title_above(held: list[str], line: str) -> str | None:
    """The title that a line underlines; None if it does not."""
    if not held or not _LINE.match(line) or _LINE.match(held[-1]):
        return None
    above = held[-1].rstrip()
    has_line_above = len(held) > 1 and held[-2].rstrip() == line.rstrip()
    is_title = above.strip() and (has_line_above or above == above.lstrip())
    if not is_title or len(above) > len(line.rstrip()) + 2 * (len(line.rstrip()) > 3):
        return None
    stands_apart = has_line_above or len(held) == 1 or not held[-2].strip()
    return above.strip()[:_LONGEST_HEADING] if stands_apart else None


def _first_of_title(held: list[str]) -> int:
    has_line_above = len(held) > 1 and bool(_LINE.match(held[-2]))
    return len(held) - (2 if has_line_above else 1)
