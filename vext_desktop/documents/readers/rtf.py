"""RTF: paragraphs, headings and rows of tables, in the encodings of their fonts."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from vext_desktop.documents.readers.rtf_words import (
    ASIDE,
    CHARSETS,
    CODE_PAGES,
    READ_THOUGH_MARKED,
    SIGNS,
    SKIPPED,
    SYMBOLS,
)
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadFailure, ReadLimits, Section
from vext_desktop.documents.section_builder import LONGEST_HEADING, SectionBuilder
from vext_desktop.outcomes import Outcome

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])"
    rb"|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_MARK = re.compile(rb"\s*\{\\u?rtf")
_HEADING_STYLE = re.compile(r"(?:heading|title)\b", re.IGNORECASE)
_BODY_LEVEL = 9
_MOST_GROUPS = 10_000
_MOST_BYTES = 4096
_BREAKS = frozenset({"par", "sect", "page", "cell", "row"})


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


@dataclass(slots=True)
class _Story:
    """The running text, or one beside it: a note, a header, the text of a box."""

    heading: str = ""
    parts: list[str] = field(default_factory=list)
    length: int = 0
    cells: list[str] = field(default_factory=list)
    gap: str = "\n\n"
    paragraphs: list[str] = field(default_factory=list)
    is_heading: bool = False


class _Document:
    """One document that is being read."""

    def __init__(self) -> None:
        self._sections = SectionBuilder()
        self._state = _State()
        self._groups: list[tuple[_State, bool]] = []
        self._stories = [_Story()]
        self._asides: list[tuple[str, str]] = []
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
            position = found.end()
            word, number, hexadecimal, symbol, brace, text = found.groups()
            if text:
                self._on_bytes(text)
            elif word:
                count = int(number) if number else None
                if word == b"bin":
                    position += max(0, count or 0)
                else:
                    self._on_word(word.decode(), count)
            elif hexadecimal:
                self._on_bytes(bytes((int(hexadecimal, 16),)))
            elif symbol:
                self._on_symbol(symbol.decode("latin-1"))
            elif brace == b"{":
                self._begin_group()
            elif brace == b"}":
                self._end_group()
                if not self._groups:
                    break
            yield from self._sections.take()
        yield from self._rest()

    def _rest(self) -> Iterator[Section]:
        while self._stories:
            self._end_paragraph()
            if len(self._stories) == 1:
                break
            self._end_story()
        seen = set[str]()
        for heading, text in self._asides:
            if text not in seen:
                seen.add(text)
                self._sections.turn_to(None, heading)
                self._sections.add(text, "")
        yield from self._sections.take_rest()

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
            self._end_paragraph()
            self._end_story()

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
        state, story = self._state, self._stories[-1]
        if word == "uc":
            state.unicode_skip = max(0, min(number or 0, 10))
        elif word == "deleted":
            self._flush()
            state.is_deleted = number != 0
        elif word == "pard":
            state.is_table = story.is_heading = False
        elif word == "intbl":
            state.is_table = True
        elif word in {"s", "outlinelevel"}:
            level = number or 0
            is_heading = level in self._heading_styles if word == "s" else level < _BODY_LEVEL
            story.is_heading = story.is_heading or is_heading
        elif word == "ansicpg":
            self._encoding = _usable(f"cp{number}", self._encoding)
        elif word in CODE_PAGES:
            self._encoding = CODE_PAGES[word]

    def _on_unicode(self, number: int) -> None:
        self._add(chr(number & 0xFFFF))
        self._skip = self._state.unicode_skip

    def _on_break(self, word: str) -> None:
        self._flush()
        story = self._stories[-1]
        if word == "cell":
            story.cells.append(" ".join(_text_of(story).split()))
        elif word == "row":
            row = "\t".join([*story.cells, " ".join(_text_of(story).split())]).rstrip("\t ")
            story.cells = []
            self._put(story, row, "\n")
        elif self._state.is_table:
            self._add("\n")
        else:
            self._end_paragraph()

    def _begin_story(self, heading: str) -> None:
        self._flush()
        self._groups[-1] = (self._groups[-1][0], True)
        self._stories.append(_Story(heading))
        self._state.is_table = False

    def _end_story(self) -> None:
        story = self._stories.pop()
        text = "\n".join(story.paragraphs)
        if not text:
            return
        if story.heading:
            self._asides.append((story.heading, text))
        else:
            self._put(self._stories[-1], text, "\n\n")

    def _add(self, text: str) -> None:
        self._flush()
        if not (self._state.is_skipped or self._state.is_deleted):
            story = self._stories[-1]
            story.parts.append(text)
            story.length += len(text)

    def _flush(self) -> None:
        """Decode the bytes that have come: two may be one character, in whatever tokens."""
        if not self._bytes:
            return
        text = self._bytes.decode(self._state.encoding or self._encoding, "replace")
        self._bytes.clear()
        story = self._stories[-1]
        story.parts.append(text)
        story.length += len(text)
        if story.length > PIECE_CHARACTERS and len(self._stories) == 1 and not story.cells:
            self._put(story, _text_of(story), story.gap)
            story.gap = ""

    def _end_paragraph(self) -> None:
        self._flush()
        story = self._stories[-1]
        text = _text_of(story).strip("\n")
        if story.cells:  # a row that has lost its end
            text = "\t".join([*story.cells, text])
            story.cells = []
        is_title = story.is_heading and len(self._stories) == 1 and len(text) <= LONGEST_HEADING
        if is_title and text.strip():
            self._sections.begin(text)
        self._put(story, text, story.gap)
        story.gap = "\n\n"

    def _put(self, story: _Story, text: str, gap: str) -> None:
        if not text.strip():
            return
        if story is self._stories[0]:
            self._sections.add(text, gap)
        else:
            story.paragraphs.append(text)


def _text_of(story: _Story) -> str:
    """The text that a story has gathered; characters beyond 16 bits come in two halves."""
    text = "".join(story.parts)
    story.parts, story.length = [], 0
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _usable(name: str, otherwise: str) -> str:
    if name == "cp65001":
        return "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return otherwise
