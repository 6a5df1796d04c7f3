"""What the XML inside Word files means: paragraphs, headings, tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vext_desktop.documents.readers.ooxml import XmlTarget, attribute, local_name
from vext_desktop.documents.section import PIECE_CHARACTERS, Section
from vext_desktop.documents.section_builder import LONGEST_HEADING, SectionBuilder

_BODY_LEVEL = 9
_MOST_STYLES_ABOVE = 20
_LONGEST_CELL_LINE = 200
# What holds no text, or text that is shown elsewhere too: the copy for old programs beside a
# drawing, text that was moved away, the reading aid above a character.
_LEFT_OUT = frozenset(
    {"Fallback", "moveFrom", "rt", "rPr", "tabs", "sectPr", "tblPr", "trPr", "tcPr", "sdtPr"}
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class StyleTarget(XmlTarget):
    """Finds out which styles are headings, in whatever language the styles are named."""

    def __init__(self) -> None:
        self._style = ""
        self._levels: dict[str, int] = {}
        self._based_on: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note what makes a style a heading: its built-in name or its outline level."""
        local = local_name(tag)
        if local == "style":
            self._style = attribute(attributes, "styleId")
        elif local == "name":
            name = attribute(attributes, "val").lower()
            if name == "title" or (name.startswith("heading ") and name[8:].isdigit()):
                self._levels.setdefault(self._style, 0)
        elif local == "outlineLvl":
            self._levels[self._style] = _level(attributes)
        elif local == "basedOn":
            self._based_on[self._style] = attribute(attributes, "val")

    def is_heading(self, style: str) -> bool:
        """Whether paragraphs of a style are headings, by itself or by what it is based on."""
        for _ in range(_MOST_STYLES_ABOVE):
            if style in self._levels:
                return self._levels[style] < _BODY_LEVEL
            if style not in self._based_on:
                return False
            style = self._based_on[style]
        return False


class TextTarget(XmlTarget):
    """Collects the text of one part as sections.

    Args:
        styles: Tells headings from other paragraphs.
        heading: What text before the first heading stands under.
    """

    def __init__(self, styles: StyleTarget, heading: str = "") -> None:
        self._styles = styles
        self._sections = SectionBuilder(heading)
        self._left_out = 0
        self._is_text = False
        self._paragraphs: list[_Paragraph] = []
        # Rows and cells that are open, the innermost last: tables stand in cells of tables.
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = local_name(tag)
        if self._left_out or local in _LEFT_OUT:
            self._left_out += 1
        elif local == "t":
            self._is_text = True
        elif local == "p":
            self._paragraphs.append(_Paragraph())
        elif local == "tr":
            self._rows.append([])
        elif local == "tc":
            self._cells.append([])
        elif self._paragraphs:
            self._note(local, attributes)

    def data(self, text: str) -> None:
        """Text, of which only that in text elements is meant to be read."""
        if not self._is_text or self._left_out or not self._paragraphs:
            return
        paragraph = self._paragraphs[-1]
        paragraph.add(text)
        if paragraph.length > PIECE_CHARACTERS and not self._cells:
            self._put(paragraph.take(), paragraph.gap)
            paragraph.gap = ""

    def end(self, tag: str) -> None:
        """An element ends."""
        local = local_name(tag)
        if self._left_out:
            self._left_out -= 1
        elif local == "t":
            self._is_text = False
        elif local == "p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif local == "tc" and self._cells:
            cell = _joined_cell(self._cells.pop())
            if self._rows:
                self._rows[-1].append(cell)
        elif local == "tr" and self._rows:
            self._put("\t".join(self._rows.pop()).rstrip("\t"), "\n")

    def take(self) -> Iterator[Section]:
        """The sections that are complete by now."""
        return self._sections.take()

    def take_rest(self) -> Iterator[Section]:
        """The sections that are left at the part's end."""
        return self._sections.take_rest()

    def _note(self, local: str, attributes: Mapping[str, str]) -> None:
        paragraph = self._paragraphs[-1]
        if local in _SIGNS:
            paragraph.add(_SIGNS[local])
        elif local == "pStyle":
            paragraph.is_heading = self._styles.is_heading(attribute(attributes, "val"))
        elif local == "outlineLvl":
            paragraph.is_heading = _level(attributes) < _BODY_LEVEL
        elif local == "numPr":
            paragraph.gap = "\n"
        elif local == "docPr":  # what a picture shows, in its author's words
            shown = " ".join(attribute(attributes, name) for name in ("title", "descr")).strip()
            paragraph.add(f" {shown} " if shown else "")

    def _end_paragraph(self, paragraph: "_Paragraph") -> None:
        text = paragraph.take().strip("\n")
        is_title = paragraph.is_heading and not self._cells and len(text) <= LONGEST_HEADING
        if is_title and text.strip():
            self._sections.begin(text)
        self._put(text, paragraph.gap)

    def _put(self, text: str, gap: str) -> None:
        if not text.strip():
            return
        if self._cells:
            self._cells[-1].append(text)
        else:
            self._sections.add(text, gap)


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that is being read; `gap` is what stands before it."""

    is_heading: bool = False
    gap: str = "\n\n"
    length: int = 0
    _parts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Add text."""
        self._parts.append(text)
        self.length += len(text)

    def take(self) -> str:
        """The text so far, which is then no longer held."""
        text = "".join(self._parts)
        self._parts, self.length = [], 0
        return text


def _joined_cell(lines: list[str]) -> str:
    """A cell in one line if that reads well, else line by line."""
    is_short = sum(map(len, lines)) <= _LONGEST_CELL_LINE
    return (" " if is_short and not any("\t" in line for line in lines) else "\n").join(lines)


def _level(attributes: Mapping[str, str]) -> int:
    value = attribute(attributes, "val")
    return int(value) if value.isascii() and value.isdigit() else _BODY_LEVEL
