"""RTF: paragraphs, headings and rows of tables, in the encodings of their fonts."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vext_desktop.documents.readers.rtf_text import RtfText
from vext_desktop.documents.readers.rtf_words import (
    APPLE_PAGES,
    ASIDE,
    CHARSETS,
    CODE_PAGES,
    READ_THOUGH_MARKED,
    SIGNS,
    SKIPPED,
    SYMBOLS,
)
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])"
    rb"|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
# Each with its stand-in for old programs, of one character.
_UNICODE_RUN = re.compile(rb"(?:\\u-?\d{1,6} ?(?:\?|\\'[0-9a-fA-F]{2})){2,2000}")
_UNICODE = re.compile(rb"\\u(-?\d+)")
_MARK = re.compile(rb"\s*\{\\u?rtf")
_HEADING_STYLE = re.compile(r"(?:heading|title)\b", re.IGNORECASE)
_BODY_LEVEL = 9
_BREAKS = frozenset({"par", "sect", "page", "cell", "row"})
_PROPERTIES = frozenset({
    "u", "uc", "f", "fcharset", "s", "outlinelevel", "deleted", "pard", "intbl", "ansicpg",
})  # fmt: skip
# Most words are about looks.
_MEANT = _PROPERTIES | _BREAKS | SKIPPED | SIGNS.keys() | ASIDE.keys() | CODE_PAGES.keys()
_MOST_GROUPS = 10_000
_MOST_BYTES = 4096


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:  # noqa: ARG001 - as all readers
    """Yield a section for each heading, then notes, comments, headers and footers.

    Raises:
        ReadFailure: DAMAGED, when it is no RTF.
    """
    yield from rtf_sections(path.read_bytes())


def rtf_sections(content: bytes) -> Iterator[Section]:
    """The sections of an RTF text that is in memory."""
    if not _MARK.match(content):
        raise ReadFailure(Outcome.DAMAGED)
    return _Document().sections(content)


@dataclass(slots=True)
class _State:
    """What holds inside a group."""

    encoding: str = ""
    is_skipped: bool = False
    is_deleted: bool = False
    is_marked: bool = False
    unicode_skip: int = 1
    destination: str = ""
    is_table: bool = False


class _Document:
    """One document that is being read."""

    def __init__(self) -> None:
        self._text = RtfText()
        self._state = _State()
        self._groups: list[tuple[_State, bool]] = []
        self._bytes = bytearray()
        self._skip = 0
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._heading_styles: set[int] = set()
        self._style = -1
        self._style_name: list[str] = []

    def sections(self, content: bytes) -> Iterator[Section]:
        """Go through all tokens; what follows the outermost group is not part of the text."""
        position = 0
        while found := _TOKEN.match(content, position):
            run = self._unicode_run(content, position) if found[1] == b"u" else 0
            position = run or found.end()
            if not run:
                position += self._on_token(found)
            if found[5] == b"}" and not self._groups:
                break
            yield from self._text.take()
        self._flush()
        yield from self._text.take_rest()

    def _on_token(self, found: re.Match[bytes]) -> int:
        """Take one token; returns how many bytes of pictures follow it."""
        word, number, hexadecimal, symbol, brace, text = found.groups()
        if text:
            self._on_bytes(text)
        elif word:
            count = int(number) if number else None
            if word == b"bin":
                return max(0, count or 0)
            self._on_word(word.decode(), count)
        elif hexadecimal:
            self._on_bytes(bytes((int(hexadecimal, 16),)))
        elif symbol:
            self._on_symbol(symbol.decode("latin-1"))
        elif brace == b"{":
            self._begin_group()
        elif brace:
            self._end_group()
        return 0

    def _begin_group(self) -> None:
        self._flush()
        self._skip = 0
        if len(self._groups) >= _MOST_GROUPS:
            raise ReadFailure(Outcome.DAMAGED, "Its groups are nested too deeply.")
        self._groups.append((self._state, False))
        self._state = replace(self._state, is_marked=False)

    def _end_group(self) -> None:
        self._flush()
        self._skip = 0
        if not self._groups:
            return
        if self._state.destination == "stylesheet":
            self._end_style()
        self._state, is_story = self._groups.pop()
        if is_story:
            self._text.end_story()

    def _on_symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._state.is_marked = True
        elif self._skip:
            self._skip -= 1
        elif symbol in SYMBOLS:
            self._add(SYMBOLS[symbol])

    def _on_bytes(self, text: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(text))
            self._skip -= skipped
            text = text[skipped:]
        if text and self._state.destination == "stylesheet":
            self._style_name.append(text.decode("latin-1"))
        elif text and not (self._state.is_skipped or self._state.is_deleted):
            self._bytes += text
            # A space is never the second half of a character.
            if len(self._bytes) > _MOST_BYTES and self._bytes.endswith(b" "):
                self._flush()

    def _on_word(self, word: str, number: int | None) -> None:
        state = self._state
        if not state.is_marked and word not in _MEANT:
            return
        if state.is_marked:
            state.is_marked = False
            if word not in READ_THOUGH_MARKED:
                state.is_skipped = True
        if word in SKIPPED:
            state.is_skipped, state.destination = True, word
        elif word == "f":
            self._flush()
            self._font = number or 0
            state.encoding = self._fonts.get(self._font, "")
        elif word == "fcharset" and state.destination == "fonttbl":
            self._fonts[self._font] = CHARSETS.get(number or 0, "")
        elif state.destination == "stylesheet":
            self._on_style_word(word, number)
        elif not state.is_skipped:
            self._on_text_word(word, number)

    def _on_style_word(self, word: str, number: int | None) -> None:
        if word == "s":
            self._style = number or 0
        elif word == "outlinelevel" and (number or 0) < _BODY_LEVEL:
            self._heading_styles.add(self._style)

    def _end_style(self) -> None:
        name = "".join(self._style_name).strip(" ;")
        if self._style >= 0 and _HEADING_STYLE.match(name):
            self._heading_styles.add(self._style)
        self._style, self._style_name = -1, []

    def _on_text_word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._on_unicode(number or 0)
        elif word in SIGNS:
            self._add(SIGNS[word])
        elif word in _BREAKS:
            self._on_break(word)
        elif word in ASIDE and self._groups:
            self._begin_story(ASIDE[word])
        else:
            self._on_property(word, number)

    def _on_property(self, word: str, number: int | None) -> None:
        """A word that says how what follows is meant."""
        state = self._state
        if word == "uc":
            state.unicode_skip = max(0, min(number or 0, 10))
        elif word == "deleted":
            self._flush()
            state.is_deleted = number != 0
        elif word == "pard":
            state.is_table = False
            self._text.mark_heading(is_heading=False)
        elif word == "intbl":
            state.is_table = True
        elif word in {"s", "outlinelevel"}:
            level = number or 0
            if level in self._heading_styles if word == "s" else level < _BODY_LEVEL:
                self._text.mark_heading(is_heading=True)
        elif word == "ansicpg":
            self._encoding = _usable(number or 0, self._encoding)
        elif word in CODE_PAGES:
            self._encoding = CODE_PAGES[word]

    def _on_unicode(self, number: int) -> None:
        self._add(chr(number & 0xFFFF))
        self._skip = self._state.unicode_skip

    def _unicode_run(self, content: bytes, position: int) -> int:
        """Take many characters at once, as whole texts in other alphabets are made of them.

        Returns:
            Where they end; 0 if it is not that simple.
        """
        if self._skip or self._state.unicode_skip != 1 or self._state.is_marked:
            return 0
        run = _UNICODE_RUN.match(content, position)
        if run is None:
            return 0
        self._add("".join(chr(int(code) & 0xFFFF) for code in _UNICODE.findall(run[0])))
        return run.end()

    def _on_break(self, word: str) -> None:
        self._flush()
        if word == "cell":
            self._text.end_cell()
        elif word == "row":
            self._text.end_row()
        elif self._state.is_table:
            self._add("\n")
        else:
            self._text.end_paragraph()

    def _begin_story(self, heading: str) -> None:
        self._flush()
        self._groups[-1] = (self._groups[-1][0], True)
        self._text.begin_story(heading)
        self._state.is_table = False

    def _add(self, text: str) -> None:
        self._flush()
        if not (self._state.is_skipped or self._state.is_deleted):
            self._text.add(text)

    def _flush(self) -> None:
        """Decode the bytes that have come: two may be one character, in whatever tokens."""
        if self._bytes:
            text = self._bytes.decode(self._state.encoding or self._encoding, "replace")
            self._bytes.clear()
            self._text.add(text)


def _usable(page: int, otherwise: str) -> str:
    """Python's name for a code page."""
    if page in APPLE_PAGES:
        return APPLE_PAGES[page]
    try:
        return codecs.lookup("utf-8" if page == 65001 else f"cp{page}").name
    except LookupError:
        return otherwise
