"""A document's joined text, seen through a window that moves forward: memory stays bounded."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from vext_desktop.documents.section import SECTION_BREAK, Section


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the joined text comes under another heading or onto another page."""

    position: int
    page: int | None
    heading: str


class JoinedText:
    """The joined text of a stream of sections, of which only the stretch in hand is kept.

    Args:
        sections: The document; taken one by one, as the window moves on.
    """

    def __init__(self, sections: Iterable[Section]) -> None:
        self._sections: Iterator[Section] = iter(sections)
        self._is_exhausted = False
        self._is_empty = True
        self._text = ""
        self._offset = 0
        self._end = 0
        self._marks: list[Mark] = []

    def move_to(self, position: int, length: int) -> bool:
        """Have `length` characters from `position` on, and forget what is before it.

        Returns:
            Whether there is any text at `position`; it may be shorter at the document's end.
        """
        if position + length > self._end and not self._is_exhausted:
            self._forget_before(position)
            parts = [self._text]
            while position + length > self._end:
                section = next(self._sections, None)
                if section is None:
                    self._is_exhausted = True
                    break
                parts.append(self._take(section))
            self._text = "".join(parts)
        return position < self._end

    def slice(self, start: int, end: int) -> str:
        """The text between two positions that `move_to` made available."""
        return self._text[start - self._offset : end - self._offset]

    def ends_by(self, position: int) -> bool:
        """Whether the document has no text beyond a position that was made available."""
        return self._is_exhausted and position >= self._end

    def mark_at(self, position: int) -> Mark:
        """The page and heading at a position."""
        return self._marks[max(0, self._place_after(position) - 1)]

    def changes_between(self, start: int, end: int) -> list[tuple[Mark, Mark]]:
        """Marks after `start` and not after `end`, each behind the one that it follows."""
        first = max(0, self._place_after(start) - 1)
        return list(pairwise(self._marks[first : self._place_after(end)]))

    def _place_after(self, position: int) -> int:
        return bisect_right(self._marks, position, key=lambda mark: mark.position)

    def _forget_before(self, position: int) -> None:
        self._text = self._text[position - self._offset :]
        self._offset = position
        del self._marks[: max(0, self._place_after(position) - 1)]

    def _take(self, section: Section) -> str:
        """What a section adds to the joined text."""
        added = section.text
        if not self._is_empty and not section.continues:
            added = SECTION_BREAK + added
        self._end += len(added)
        last = self._marks[-1] if self._marks else None
        if last is None or (last.page, last.heading) != (section.page, section.heading):
            begin = self._end - len(section.text)
            self._marks.append(Mark(begin, section.page, section.heading))
        self._is_empty = False
        return added
