"""Puts sections together from stretches of text, in pieces of bounded size."""

import re
from collections.abc import Iterator

from vext_desktop.documents.section import PIECE_CHARACTERS, Section

LONGEST_HEADING = 200
_BLANK_LINES = re.compile(r"\n[ \t\r]*\n\s*\n")


class SectionBuilder:
    """Collects the text under one heading after the other.

    Args:
        heading: What text before the first heading stands under.
    """

    def __init__(self, heading: str = "") -> None:
        self._heading = heading
        self._page: int | None = None
        self._parts: list[str] = []
        self._length = 0
        self._continues = False
        self._finished: list[Section] = []

    def begin(self, heading: str | None = None) -> None:
        """Begin a section, under another heading if one is named."""
        self._cut()
        self._continues = False
        if heading is not None:
            self.name(heading)

    def name(self, heading: str) -> None:
        """Give the section in hand its heading; an empty one names nothing."""
        self._heading = " ".join(heading.split())[:LONGEST_HEADING] or self._heading

    def turn_to(self, page: int | None, heading: str = "") -> None:
        """Begin a section on another page or slide, under its own heading or under none."""
        self.begin()
        self._page, self._heading = page, " ".join(heading.split())[:LONGEST_HEADING]

    def add(self, text: str, gap: str) -> None:
        """Add text, with `gap` before it if it is not the first of its section."""
        if self._parts or self._continues:
            self._parts.append(gap)
        self._parts.append(text)
        self._length += len(gap) + len(text)
        if self._length >= PIECE_CHARACTERS:
            self._cut()

    def take(self) -> Iterator[Section]:
        """The sections and pieces that are complete by now."""
        finished, self._finished = self._finished, []
        yield from finished

    def take_rest(self) -> Iterator[Section]:
        """All that is left, at the document's end."""
        self._cut()
        yield from self.take()

    def _cut(self) -> None:
        if self._parts:
            text = _BLANK_LINES.sub("\n\n", "".join(self._parts))
            self._finished.append(Section(text, self._page, self._heading, self._continues))
            self._continues = True
        self._parts, self._length = [], 0
