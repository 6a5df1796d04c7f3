"""Where a text is best cut: paragraph, sentence, line, clause, word, and only then anywhere."""

# ruff: noqa: RUF001 - signs of other scripts that look like ASCII are what this is about

import re
import unicodedata
from collections.abc import Collection, Iterator

# Stops of scripts that put no space after a sentence (Chinese, Japanese, Indic dandas).
_OPEN_STOPS = "。！？｡．।॥"
_CLOSING_SIGNS = "\"'”’»」』）)]】》"
_CLOSERS = re.escape(_CLOSING_SIGNS)
_PARAGRAPH = re.compile(r"\n[ \t\f\r]*\n\s*|\f\s*")
_SENTENCE = re.compile(rf"(?:[.!?…؟۔][{_CLOSERS}]*(?=\s)|[{_OPEN_STOPS}][{_CLOSERS}]*)\s*")
_LINE = re.compile(r"\n\s*")
_CLAUSE = re.compile(r"[,;:](?=\s)\s*|[，、；：،؛]\s*")
_SPACE = re.compile(r"\s+")
# How far into a chunk a boundary of each kind must lie to be better than the next weaker kind:
# a chunk that ends early at a paragraph reads well, one that ends early at a space is just short.
_TOPIC_SHARE = 0.35
_KINDS = ((_PARAGRAPH, 0.5), (_SENTENCE, 0.6), (_LINE, 0.6), (_CLAUSE, 0.7), (_SPACE, 0.4))
_ABBREVIATIONS = frozenset({
    "dr", "mr", "mrs", "ms", "prof", "st", "vs", "etc", "cf", "fig", "figs", "eq", "no", "nr",
    "vol", "pp", "ca", "approx", "e.g", "i.e", "z.b", "d.h", "bzw",
})  # fmt: skip
_LONGEST_ABBREVIATION = 8
# A stack of accents is longer than this only in text made to break programs.
_MOST_MARKS = 16


def best_end(
    text: str, limit: int, fresh: int, topics: Collection[int], joins: Collection[int]
) -> int:
    """The best place to end a chunk that begins with `text`.

    Args:
        text: What is at hand from the chunk's start; may go on beyond `limit`, which helps to
            see whether `limit` itself is a boundary.
        limit: The most characters that the chunk may have.
        fresh: Where the first visible character stands that no chunk has yet; below `limit`.
        topics: Offsets at which another heading begins.
        joins: Offsets at which another page begins: no paragraph ends there by itself.

    Returns:
        A length from `fresh + 1` to `limit`.
    """
    room = limit - fresh
    if room <= 1:
        return limit
    ahead = [topic for topic in topics if fresh + max(1, room * _TOPIC_SHARE) <= topic <= limit]
    if ahead:
        return max(ahead)
    for pattern, share in _KINDS:
        least = fresh + max(1, int(room * share))
        found = [end for end in _ends(pattern, text, least, limit, joins) if end >= least]
        if found:
            return found[-1]
    return _whole_character(text, fresh + 1, limit)


def best_overlap(text: str, allowed: int, topics: Collection[int], joins: Collection[int]) -> int:
    """Where in the tail of a chunk the next one should begin.

    Args:
        text: The chunk's text.
        allowed: How many characters the two may share, at most.
        topics: Offsets in `text` at which another heading begins; its end may be one.
        joins: Offsets in `text` at which another page begins.

    Returns:
        An offset from `len(text) - allowed` to `len(text)`, at which a word begins (in text
        without spaces, any character).
    """
    end = len(text)
    if allowed <= 0 or end in topics:
        return end
    least = end - allowed
    inside = [topic for topic in topics if topic >= least]
    if inside:
        return max(inside)
    late = end - allowed // 3  # a stronger boundary that shares next to nothing is no overlap
    for pattern, latest in (
        (_PARAGRAPH, late),
        (_SENTENCE, late),
        (_LINE, late),
        (_CLAUSE, late),
        (_SPACE, end),
    ):
        for begin in _ends(pattern, text, least, end, joins):
            if least <= begin <= latest and begin < end:
                return begin
    for begin in range(least, min(end, least + _MOST_MARKS)):
        if begin == 0 or not _joins_the_letter_before(text[begin], text[begin - 1]):
            return begin
    return least


def _ends(
    pattern: re.Pattern[str], text: str, least: int, limit: int, joins: Collection[int]
) -> Iterator[int]:
    """Ends of the matches of one kind, clipped to `limit`: white space goes with what it ends."""
    # Looking behind `least` finds the match that begins before it and ends after it.
    look_from = max(0, least - 2)
    for match in pattern.finditer(text, look_from, min(len(text), limit + 2)):
        if match.start() >= limit and not match.group().strip():
            yield from (limit,) if match.start() == limit else ()
            return
        stop = match.start() + len(match.group().rstrip())
        if stop > limit:
            return
        if pattern is _SENTENCE and _is_abbreviation(text, match.start(), match.end()):
            continue
        if pattern in {_PARAGRAPH, _LINE} and _is_inside_a_sentence(text, match, joins):
            continue
        yield min(match.end(), limit)


def _is_abbreviation(text: str, stop: int, following: int) -> bool:
    """Whether the stop at an offset belongs to a short form, so that the sentence goes on."""
    if text[stop] != ".":
        return False
    if following < len(text) and text[following].islower():
        return True
    word = text[max(0, stop - _LONGEST_ABBREVIATION) : stop].split()
    if not word or text[stop - 1].isspace():
        return False
    last = word[-1].lstrip("([\"'").lower()
    # An initial, or the number of a list item or heading.
    return last in _ABBREVIATIONS or len(last) == 1 or (len(last) == 2 and last.isdigit())


def _is_inside_a_sentence(text: str, gap: re.Match[str], joins: Collection[int]) -> bool:
    """Whether what looks like a new paragraph is only a sentence going on on the next page."""
    if not any(gap.start() < join <= gap.end() for join in joins):
        return False
    before = text[max(0, gap.start() - 40) : gap.start()].rstrip().rstrip(_CLOSING_SIGNS)
    return not before.endswith((".", "!", "?", "…", ":", ";", *_OPEN_STOPS))


def _whole_character(text: str, least: int, limit: int) -> int:
    """`limit`, moved back so that accents and joined signs stay with their letter."""
    for end in range(limit, max(least, limit - _MOST_MARKS), -1):
        if end >= len(text) or not _joins_the_letter_before(text[end], text[end - 1]):
            return end
    return limit


def _joins_the_letter_before(sign: str, before: str) -> bool:
    zero_width_joiner = "\u200d"
    if zero_width_joiner in {sign, before}:
        return True
    return unicodedata.category(sign) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= sign <= "\U0001f3ff"
