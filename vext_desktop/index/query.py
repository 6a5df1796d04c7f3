"""What a person typed, taken apart: words, phrases in quotes, and words with signs inside."""

import re
from dataclasses import dataclass

# Longer queries are cut: a pasted page says no more than its beginning, and costs seconds.
MAX_QUERY_CHARACTERS = 2000

# Words that say nothing about the subject. In a large collection their weight is next to nothing
# anyway; in a small one, a passage with just an "a" of the query would head the ranking by words.
# The stop set of Lucene's EnglishAnalyzer, and the words that questions are made with.
FUNCTION_WORDS = frozenset(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then
    there these they this to was will with
    about am been being can could did do does doing from had has have he her his how i its may me
    my our shall she should so than them those we were what when where which who whom whose why
    would you your
    """.split()  # noqa: SIM905 - a list literal would be a screen of quotation marks
)

_QUOTED = re.compile('"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»')
# Names that a tokenizer takes apart although they mean one thing: mail@example.org, snake_case,
# 10.1000/182. Signs at their ends do not belong to them. Not words with a hyphen, which are
# prose: counting those twice made the text search of the SciFact set worse (nDCG@10 by 0.01).
_COMPOUND = re.compile(r"\w+(?:[.@/\\:#]+\w+)+|[^\W_]+(?:_+[^\W_]+)+")
_WORD = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query without anything that could be a syntax error.

    Attributes:
        text: All of it but the phrases, without function words unless there are no others.
        phrases: What stood in quotes: a passage must hold each of them, word after word.
        compounds: Words with signs inside; a passage with all their parts in a row is better.
    """

    text: str
    phrases: tuple[str, ...]
    compounds: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no word in it."""
        return not self.phrases and not words_of(self.text)

    @property
    def words(self) -> tuple[str, ...]:
        """All single words, in lower case, each once."""
        return words_of(" ".join((self.text, *self.phrases)))


def parse_query(typed: str) -> ParsedQuery:
    """Take a query apart; any string is a query, though perhaps an empty one."""
    cleaned = typed[:MAX_QUERY_CHARACTERS].encode("utf-8", "replace").decode().replace("\0", " ")
    phrases = ["".join(match.groups("")) for match in _QUOTED.finditer(cleaned)]
    text = _QUOTED.sub(" ", cleaned)
    return ParsedQuery(
        text=_without_function_words(text),
        phrases=tuple(" ".join(phrase.split()) for phrase in phrases if words_of(phrase)),
        compounds=tuple(dict.fromkeys(_COMPOUND.findall(text))),
    )


def words_of(text: str, *, each_once: bool = True) -> tuple[str, ...]:
    """The words of a text in lower case; signs and underscores part words."""
    words = (word.casefold() for word in _WORD.findall(text))
    return tuple(dict.fromkeys(words) if each_once else words)


def _without_function_words(text: str) -> str:
    pieces = text.split()
    telling = [piece for piece in pieces if not FUNCTION_WORDS.issuperset(words_of(piece))]
    return " ".join(telling or pieces)
