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
# The same where a text has ASCII signs only, at a tenth of the cost.
_ASCII_TOKEN = re.compile("[A-Za-z0-9]+")
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
        for number, piece in enumerate(dict.fromkeys(pieces)):
            if _IS_UNSPACED.match(piece):
                for part in _parts(piece):
                    self._parts.setdefault(part, len(self._parts) + len(pieces))
            else:
                self._stems.setdefault(_stem(piece), number)

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all its words."""
        return frozenset(self._stems.values()) | frozenset(self._parts.values())

    def find(self, text: str) -> list[Match]:
        """All places in the order of the text; they do not overlap."""
        is_ascii = text.isascii()
        pattern = _ASCII_TOKEN if is_ascii else _TOKEN
        found: list[Match] = []
        for token in pattern.finditer(text):
            word = token.group()
            if not is_ascii and _IS_UNSPACED.match(word):
                found.extend(self._find_parts(word, token.start()))
            elif (number := self._number(word)) is not None:
                found.append(Match(token.start(), token.end(), number))
        return found

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
