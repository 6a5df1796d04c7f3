"""Plain text, source code and tables of text: read in pieces, in whatever encoding they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from vext_desktop.documents.encodings import detect_encoding
from vext_desktop.documents.gzipped import open_bytes
from vext_desktop.documents.section import (
    PIECE_CHARACTERS,
    ReadLimits,
    Section,
    too_many_characters,
)

_LINE_TAIL_CHARACTERS = 4000


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield the text in pieces that end with a line where lines are not extremely long.

    Raises:
        ReadFailure: Before the first piece, when there is no text in it or too much.
    """
    with open_text(path, limits) as file:
        continues = False
        while piece := file.read(PIECE_CHARACTERS):
            piece += file.readline(_LINE_TAIL_CHARACTERS)
            yield Section(piece, continues=continues)
            continues = True


@contextmanager
def open_text(path: Path, limits: ReadLimits) -> Iterator[TextIO]:
    """Open a text file in its own encoding, line ends as "\\n", with signs for what is damaged."""
    with open_bytes(path, limits) as packed:
        encoding = detect_encoding(packed, path.stat().st_size, limits.max_characters)
    if encoding.least_characters > limits.max_characters:
        raise too_many_characters(limits)
    with (
        open_bytes(path, limits) as packed,
        TextIOWrapper(packed, encoding.name, errors="replace", newline=None) as file,
    ):
        yield file
