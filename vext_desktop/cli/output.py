"""Output for programs: one JSON value on a line, and nothing else on standard output."""

import json
import sys
import unicodedata

# Overrides and isolates of the bidirectional algorithm (Unicode Standard Annex 9).
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def print_json(value: object) -> None:
    """Print one JSON value on one line, in ASCII so that every terminal and pipe takes it.

    Undecodable bytes in the name of a file come as lone surrogates (`\\udce9`), from which
    Python's `os.fsencode` gets the very bytes back.
    """
    print(json.dumps(value, ensure_ascii=True, allow_nan=False), flush=True)


def say(message: str) -> None:
    """Tell the person something that is not the command's result."""
    print(shown(message), file=sys.stderr)


def shown(text: str) -> str:
    """Text of a document or the name of a file, made safe for a terminal.

    Control characters could move the cursor or change the terminal's settings, and marks of
    direction could make one name look like another. All of them become visible or blank.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 file", "12 500 batches"."""
    ending = "" if number == 1 else "es" if noun.endswith("ch") else "s"
    return f"{number:,} {noun}{ending}".replace(",", "\N{NO-BREAK SPACE}")


def _shown(character: str) -> str:
    if character in "\n\t":
        return " "
    if unicodedata.category(character) in {"Cc", "Cs"} or character in _DIRECTION_MARKS:
        return "\N{REPLACEMENT CHARACTER}"
    return character
