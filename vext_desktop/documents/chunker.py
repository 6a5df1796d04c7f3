"""Sections become chunks: overlapping passages that the model reads whole, with exact ranges."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vext_desktop.documents.boundaries import best_end, best_overlap
from vext_desktop.documents.byte_bound import ByteBound
from vext_desktop.documents.joined_text import JoinedText
from vext_desktop.documents.section import Section

if TYPE_CHECKING:
    from vext_desktop.documents.token_bound import TokenBound

# Seen beyond the longest chunk, to tell whether its very end is a boundary.
_LOOKAHEAD = 8
_CAREFUL_TRIES = 8


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document: what is embedded, found and shown.

    Attributes:
        ordinal: Its place among the document's chunks, from 0.
        text: The document's joined text from `start` to `end`.
        start: Where it begins in the joined text, in characters.
        end: Where it ends, exclusive.
        page: The page of its first visible character, where the format has pages.
        heading: The heading above its first visible character.
    """

    ordinal: int
    text: str
    start: int
    end: int
    page: int | None
    heading: str


@dataclass(frozen=True, slots=True)
class ChunkRules:
    """How texts are cut; another rule makes another index.

    Attributes:
        size: Characters in a chunk, at most.
        overlap: Characters that neighbours share, about; less in proportion where the token
            bound makes a chunk shorter, and none where a new heading begins.
        max_tokens: Tokens that the model reads, special tokens included.
        tokenizer_file: Path of the model's `tokenizer.json`; empty: tokens are not counted.
        max_bytes: Bytes of UTF-8 in a chunk, at most, where tokens are not counted; 0: any number.
    """

    size: int = 1000
    overlap: int = 200
    max_tokens: int = 256
    tokenizer_file: str = ""
    max_bytes: int = 0

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for the way to the reader process."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ChunkRules":
        """The reverse of `to_json`."""
        return cls(**values)


class Chunker:
    """Cuts documents by one set of rules.

    Every character of a document is in at least one chunk, but for stretches of white space as
    long as a chunk; no chunk is white space alone. Time is linear in the text, memory does not
    depend on it.
    """

    def __init__(self, rules: ChunkRules) -> None:
        self._rules = rules
        self._bound = _token_bound(rules)

    def chunks(self, sections: Iterable[Section]) -> Iterator[Chunk]:
        """Cut one document, taking its sections as they are needed."""
        joined = JoinedText(sections)
        start = covered = ordinal = 0
        while joined.move_to(start, 2 * self._rules.size + _LOOKAHEAD):
            window = joined.slice(start, start + self._rules.size)
            fresh = covered - start
            fresh += _leading_space(window[fresh:])
            if fresh == len(window):  # nothing new to see in as much as a chunk holds
                start = covered = start + len(window)
                continue
            end = start + self._length(joined, start, window, fresh)
            if end <= start + fresh:
                # No room for what is new: give up what is shared with the chunk before, then
                # white space that this tokenizer counts.
                start = covered = covered if start < covered else start + fresh
                continue
            mark = joined.mark_at(start + _leading_space(window))
            yield Chunk(ordinal, joined.slice(start, end), start, end, mark.page, mark.heading)
            ordinal += 1
            start, covered = self._start_of_next(joined, start, end), end

    def _length(self, joined: JoinedText, start: int, window: str, fresh: int) -> int:
        """How long the chunk at `start` becomes; not beyond `fresh` if only less than that fits."""
        text = joined.slice(start, start + len(window) + _LOOKAHEAD)
        topics, joins = _changes(joined, start, start + len(window))
        length = self._fit(window)
        if length == len(window) and joined.ends_by(start + length):
            return length
        length = self._best_length(text, length, fresh, topics, joins)
        if length > fresh and self._leaves_only_space(joined, start + length):
            # Leave a word for the last chunk too, as no chunk is white space alone.
            shorter = len(text[:length].rstrip()) - 1
            if shorter > fresh:
                length = self._best_length(text, shorter, fresh, topics, joins)
        return length

    def _best_length(
        self, text: str, length: int, fresh: int, topics: list[int], joins: list[int]
    ) -> int:
        """The longest good beginning of `text` that the model reads whole, up to `length`."""
        for attempt in range(length):
            if length <= fresh:
                break
            chosen = best_end(text, length, fresh, topics, joins)
            length = self._fit(text[:chosen])
            if length == chosen:
                break
            if attempt > _CAREFUL_TRIES:  # a text made so that every cut makes more tokens
                length = max(1, length // 2)
        return length

    def _leaves_only_space(self, joined: JoinedText, end: int) -> bool:
        """Whether what follows is white space to the document's end, and less than a chunk."""
        rest = joined.slice(end, end + self._rules.size)
        return bool(rest) and rest.isspace() and joined.ends_by(end + len(rest))

    def _fit(self, text: str) -> int:
        return self._bound.fit(text) if self._bound else len(text)

    def _start_of_next(self, joined: JoinedText, start: int, end: int) -> int:
        if joined.ends_by(end):
            return end
        text = joined.slice(start, end)
        allowed = self._rules.overlap * len(text) // self._rules.size
        topics, joins = _changes(joined, start, end)
        begin = start + best_overlap(text, min(allowed, len(text) - 1), topics, joins)
        return begin if joined.slice(begin, end).strip() else end


def _token_bound(rules: ChunkRules) -> "TokenBound | ByteBound | None":
    if rules.tokenizer_file:
        from vext_desktop.documents.token_bound import TokenBound  # noqa: PLC0415 - a native library

        return TokenBound(rules.tokenizer_file, rules.max_tokens)
    return ByteBound(rules.max_bytes) if rules.max_bytes else None


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip())


def _changes(joined: JoinedText, start: int, end: int) -> tuple[list[int], list[int]]:
    """Offsets from `start` of new headings on one page, and of new pages."""
    topics: list[int] = []
    joins: list[int] = []
    for before, mark in joined.changes_between(start, end):
        (topics if before.page == mark.page else joins).append(mark.position - start)
    return topics, joins
