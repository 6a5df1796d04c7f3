"""The part of a passage that is shown with a hit: where most of the query's words stand."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vext_desktop.index.matching import Match, WordMatcher

SNIPPET_CHARACTERS = 240
# How far an edge of the snippet moves to keep a word whole; longer words are cut.
MAX_WORD_SHIFT = 40
CUT_SIGN = "…"

# What a list can not show: control characters become spaces, like line ends.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 0xFFFE), " ")
# What is drawn rather than written: the rule under a heading, the line below a table's head, the
# sign before a heading of Markdown. It takes room and says nothing.
_RULE = re.compile(r"[-=_*~+:|#]{3,}|\.{4,}|#{1,2}")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Part of a passage; `marks` are ranges of characters in `text`."""

    text: str
    marks: tuple[tuple[int, int], ...]


def make_snippet(passage: str, matcher: WordMatcher, width: int = SNIPPET_CHARACTERS) -> Snippet:
    """Cut out about `width` characters around the densest matching words.

    White space is collapsed, ruled lines are left out, words are kept whole, a cut shows as an
    ellipsis. Without any match, it is the beginning of the passage.
    """
    words = passage.translate(_CONTROLS).split()
    text = " ".join(
        [word for word in words if word[0].isalnum() or not _RULE.fullmatch(word)] or words
    )
    matches = matcher.find(text)
    first, last = _densest(matches, width)
    start, end = _around(text, first, last, width)
    before = CUT_SIGN if start > 0 else ""
    after = CUT_SIGN if end < len(text) else ""
    shift = len(before) - start
    marks = [
        (match.start + shift, match.end + shift)
        for match in matches
        if match.start >= start and match.end <= end
    ]
    return Snippet(before + text[start:end] + after, _joined(marks))


def _densest(matches: Sequence[Match], width: int) -> tuple[int, int]:
    """The range of at most `width` characters whose matches are worth most.

    Each different word counts once, and more the rarer it is in the passage; repetitions
    decide between equals.
    """
    frequency = Counter(match.word for match in matches)
    best, best_range = (0.0, 0), (0, 0)
    inside: Counter[int] = Counter()
    worth = 0.0
    left = 0
    for right, match in enumerate(matches):
        if not inside[match.word]:
            worth += 1 + 1 / frequency[match.word]
        inside[match.word] += 1
        while match.end - matches[left].start > width and left < right:
            leaving = matches[left].word
            inside[leaving] -= 1
            if not inside[leaving]:
                worth -= 1 + 1 / frequency[leaving]
            left += 1
        value = (round(worth, 6), right - left)
        if value > best:
            best, best_range = value, (matches[left].start, match.end)
    return best_range


def _around(text: str, first: int, last: int, width: int) -> tuple[int, int]:
    """A range of about `width` characters around [first, last), with whole words at its edges."""
    start = max(0, first - max(0, width - (last - first)) // 2)
    end = min(len(text), max(last, start + width))
    start = max(0, min(start, end - width))
    return _later_edge(text, start, first), _earlier_edge(text, end, last)


def _later_edge(text: str, start: int, limit: int) -> int:
    if start == 0:
        return 0
    for edge in range(start, min(limit, start + MAX_WORD_SHIFT) + 1):
        if edge == limit or text[edge - 1] == " ":
            return edge
    return start


def _earlier_edge(text: str, end: int, limit: int) -> int:
    if end >= len(text):
        return len(text)
    for edge in range(end, max(limit, end - MAX_WORD_SHIFT) - 1, -1):
        if edge == limit or text[edge] == " ":
            return edge
    return end


def _joined(marks: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Marks that touch become one, as the parts of a Chinese word do."""
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
