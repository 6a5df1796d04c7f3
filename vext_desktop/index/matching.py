"""Where the words of a query stand in a text: by stem in scripts with spaces, else by parts."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vext_desktop.index.query import FUNCTION_WORDS

# Chinese, Japanese and Thai, Lao, Burmese, Khmer write no spaces between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# An accent that is a character of its own belongs to its word.
_TOKEN = re.compile(f"[{UNSPACED}]+|(?:(?![{UNSPACED}])[^\\W_][\u0300-\u036f]*)+")
_FOREIGN = re.compile("[^\x00-\x7f]+")
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")

# Longest first; what remains must be at least three letters long.
_ENDINGS = (
    "ations",
    "ation",
    "ingly",
    "edly",
    "ing",
    "ies",
    "ied",
    "es",
    "ed",
    "ly",
    "e",
    "s",
    "y",
)


@dataclass(frozen=True, slots=True)
class Match:
    """A place in a text where a word of the query stands; `word` is that word's number."""

    start: int
    end: int
    word: int


class WordMatcher:
    """Finds the words of one query in texts; case, accents and English endings do not matter.

    Args:
        words: In lower case. Words such as "the" count only where there are no others.
    """

    def __init__(self, words: Sequence[str]) -> None:
        telling = [word for word in words if word not in FUNCTION_WORDS] or list(words)
        self._stems: dict[str, int] = {}
        self._parts: dict[str, int] = {}
        self._known: dict[str, int | None] = {}
        pieces = [piece for word in telling for piece in _TOKEN.findall(word)]
        # Whatever ending a word has, it begins with its stem.
        self._beginning: re.Pattern[str] | None = None
        for number, piece in enumerate(dict.fromkeys(pieces)):
            if _IS_UNSPACED.match(piece):
                for part in _parts(piece):
                    self._parts.setdefault(part, len(self._parts) + len(pieces))
            else:
                self._stems.setdefault(_stem(piece), number)
        plain = [re.escape(stem) for stem in self._stems if stem.isascii()]
        if plain:
            self._beginning = re.compile(f"(?:{'|'.join(plain)})[a-z0-9]*")

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all its words."""
        return frozenset(self._stems.values()) | frozenset(self._parts.values())

    def find(self, text: str) -> list[Match]:
        """All places in the order of the text; they do not overlap."""
        if text.isascii():
            return list(self._find_plain(text, text.lower()))
        lowered = text.lower()
        if len(lowered) != len(text) or _IS_UNSPACED.search(text):
            return list(self._find_each(text))
        found = [*self._find_plain(text, lowered), *self._find_foreign(text)]
        return sorted(found, key=lambda match: match.start)

    def _find_plain(self, text: str, lowered: str) -> Iterator[Match]:
        """Words of ASCII signs: only those are looked at that begin as a word of the query does.

        A tenth of the time that looking at each word takes, of which a search had most.
        """
        if self._beginning is None:
            return
        for token in self._beginning.finditer(lowered):
            start, end = token.span()
            if (start and _joins(text[start - 1])) or (end < len(text) and _joins(text[end])):
                continue
            if (number := self._number(token.group())) is not None:
                yield Match(start, end, number)

    def _find_foreign(self, text: str) -> Iterator[Match]:
        """Words with at least one sign that is not of ASCII, in scripts with spaces."""
        done = 0
        for run in _FOREIGN.finditer(text):
            start, end = max(done, run.start()), run.end()
            if not any(map(_joins, text[start:end])):
                continue
            while start > done and _joins(text[start - 1]):
                start -= 1
            while end < len(text) and _joins(text[end]):
                end += 1
            done = end
            for token in _TOKEN.finditer(text, start, end):
                word = token.group()
                if not word.isascii() and (number := self._number(word)) is not None:
                    yield Match(token.start(), token.end(), number)

    def _find_each(self, text: str) -> Iterator[Match]:
        """Every word, in any script."""
        for token in _TOKEN.finditer(text):
            word = token.group()
            if _IS_UNSPACED.match(word):
                yield from self._find_parts(word, token.start())
            elif (number := self._number(word)) is not None:
                yield Match(token.start(), token.end(), number)

    def _number(self, word: str) -> int | None:
        """The number of the query's word that this word is a form of; most texts share words."""
        if word not in self._known:
            self._known[word] = self._number_of_stem(_stem(word))
        return self._known[word]

    def _number_of_stem(self, stem: str) -> int | None:
        number = self._stems.get(stem)
        if number is not None:
            return number
        # Endings that _ENDINGS does not know, as of other languages: a stem of five letters or
        # more that begins the word, with at most three letters after it.
        for length in range(max(5, len(stem) - 3), len(stem)):
            number = self._stems.get(stem[:length])
            if number is not None:
                return number
        return None

    def _find_parts(self, run: str, offset: int) -> Iterator[Match]:
        place = 0
        while place < len(run):
            for part in (run[place : place + 2], run[place]):
                number = self._parts.get(part)
                if number is not None:
                    yield Match(offset + place, offset + place + len(part), number)
                    place += len(part)
                    break
            else:
                place += 1


def _joins(sign: str) -> bool:
    """Whether a sign is part of a word."""
    return sign.isalnum() or "\u0300" <= sign <= "\u036f"


def _parts(run: str) -> list[str]:
    """Pairs of neighbouring signs; most words of unspaced scripts have two."""
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    plain = word.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    for ending in _ENDINGS:
        is_ending = plain.endswith(ending) and not (ending == "s" and plain.endswith("ss"))
        if is_ending and len(plain) - len(ending) >= 3:
            plain = plain.removesuffix(ending)
            break
    if len(plain) > 3 and plain[-1] == plain[-2] and plain[-1] in "bdfgmnprt":
        plain = plain[:-1]  # running -> run, but not falling -> fal
    return plain
