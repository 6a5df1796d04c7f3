"""What the XML of OpenDocument means: paragraphs, headings, tables, sheets, slides, notes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vext_desktop.documents.readers.ooxml import TypedTarget, attribute, local_name
from vext_desktop.documents.readers.rows import TableRows, cell_text
from vext_desktop.documents.section import PIECE_CHARACTERS, Section
from vext_desktop.documents.section_builder import LONGEST_HEADING, SectionBuilder

# What is not shown, or shown elsewhere too: deleted text, reading aids, templates of lists,
# pictures as letters, who wrote a comment when.
_LEFT_OUT = frozenset({
    "tracked-changes", "ruby-text", "binary-data", "meta", "settings", "scripts", "font-face-decls",
    "creator", "date", "date-string", "initials", "sender-initials", "note-citation",
    "table-of-content-source", "illustration-index-source", "table-index-source",
    "object-index-source", "user-index-source", "alphabetical-index-source",
    "bibliography-source", "event-listeners", "label-ranges", "page-number",
})  # fmt: skip
_PARAGRAPHS = frozenset({"p", "h", "title", "desc", "header-decl", "footer-decl"})
_MARGINS = frozenset({
    "header", "footer", "header-left", "footer-left", "header-first", "footer-first",
})  # fmt: skip
_VALUES = frozenset({"string-value", "date-value", "time-value", "boolean-value", "value"})
_SPACE = re.compile(r"[ \t\r\n]+")
_MOST_SPACES = 10
_MOST_REPEATED_CELLS = 100


@dataclass(slots=True)
class _Paragraph:
    is_heading: bool = False
    gap: str = "\n\n"
    parts: list[str] = field(default_factory=list)
    length: int = 0


class OdfTarget(TypedTarget):
    """Collects the text of one part as sections."""

    def __init__(self) -> None:
        self.pages = 0
        self._sections = SectionBuilder()
        self._left_out = 0
        self._paragraphs: list[_Paragraph] = []
        # Notes and comments that are open, the innermost last; what is complete of them.
        self._asides: list[list[str]] = []
        self._notes: dict[str, list[str]] = {"Footnotes": [], "Comments": [], "": []}
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = []
        self._value = ""
        self._repeat = 1
        self._sheet: TableRows | None = None
        self._is_workbook = False
        self._is_title = False
        self._list_depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = local_name(tag)
        if self._left_out or local in _LEFT_OUT:
            self._left_out += 1
        elif local in _PARAGRAPHS:
            gap = "\n" if self._list_depth else "\n\n"
            self._paragraphs.append(_Paragraph(local == "h", gap))
        elif self._paragraphs and local in {"s", "tab", "line-break"}:
            self._add(_sign(local, attributes))
        elif local.startswith("table"):
            self._enter_table(local, attributes)
        else:
            self._enter(local, attributes)

    def _enter(self, local: str, attributes: Mapping[str, str]) -> None:
        if local in {"note-body", "annotation"} or local in _MARGINS:
            self._asides.append([])
        elif local == "list":
            self._list_depth += 1
        elif local == "frame":
            self._is_title = attribute(attributes, "class") == "title"
        elif local == "page" and attribute(attributes, "master-page-name"):
            self.pages += 1
            self._sections.turn_to(self.pages)
        elif local == "notes":
            self._sections.begin()
        elif local == "spreadsheet":
            self._is_workbook = True
        elif local == "covered-table-cell":
            self._begin_cell(attributes)

    def _enter_table(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "table" and self._is_workbook and not self._rows:
            name = attribute(attributes, "name")
            self._sections.turn_to(None, name)
            self._sheet = TableRows(self._sections, name)
        elif local == "table-row":
            self._rows.append([])
        elif local == "table-cell":
            self._begin_cell(attributes)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._cells.append([])
        self._repeat, self._value = 1, ""
        for name, value in attributes.items():
            local = local_name(name)
            if local in _VALUES:
                self._value = self._value or value
            elif local == "number-columns-repeated" and value.isascii() and value.isdigit():
                self._repeat = int(value)

    def data(self, text: str) -> None:
        """Text, of which only that in paragraphs is meant to be read."""
        if self._paragraphs and not self._left_out:
            self._add(_SPACE.sub(" ", text))

    def _add(self, text: str) -> None:
        paragraph = self._paragraphs[-1]
        paragraph.parts.append(text)
        paragraph.length += len(text)
        if paragraph.length > PIECE_CHARACTERS and not (self._cells or self._asides):
            self._put("".join(paragraph.parts), paragraph.gap)
            paragraph.parts, paragraph.length, paragraph.gap = [], 0, ""

    def end(self, tag: str) -> None:
        """An element ends."""
        local = local_name(tag)
        if self._left_out:
            self._left_out -= 1
        elif local in _PARAGRAPHS and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif local in {"table-cell", "covered-table-cell"} and self._cells:
            self._end_cell(self._cells.pop())
        elif local == "table-row" and self._rows:
            self._end_row(self._rows.pop())
        elif local in {"note-body", "annotation"} or local in _MARGINS:
            kind = {"note-body": "Footnotes", "annotation": "Comments"}.get(local, "")
            text = "\n".join(self._asides.pop()) if self._asides else ""
            if text and text not in self._notes[kind]:
                self._notes[kind].append(text)
        elif local == "list":
            self._list_depth = max(0, self._list_depth - 1)
        elif local == "frame":
            self._is_title = False

    def take(self) -> Iterator[Section]:
        """The sections that are complete by now."""
        return self._sections.take()

    def take_rest(self) -> Iterator[Section]:
        """What is left at the part's end; then notes, comments, headers and footers."""
        for heading, texts in self._notes.items():
            for place, text in enumerate(texts):
                if not place or heading == "":
                    self._sections.turn_to(None, heading)
                self._sections.add(text, "\n\n")
        return self._sections.take_rest()

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.parts).strip(" \n")
        if not text.strip():
            return
        is_plain = not self._cells and not self._asides
        if is_plain and paragraph.is_heading and len(text) <= LONGEST_HEADING:
            self._sections.begin(text)
        elif is_plain and self._is_title:
            self._sections.name(text)
        self._put(text, paragraph.gap)

    def _end_cell(self, lines: list[str]) -> None:
        text = "\n".join(lines) or (self._value if self._sheet else "")
        if self._rows:
            text = text if self._sheet else cell_text(text)
            self._rows[-1] += [text] * min(self._repeat, _MOST_REPEATED_CELLS)
        self._repeat, self._value = 1, ""

    def _end_row(self, cells: list[str]) -> None:
        if self._sheet and not self._rows:
            self._sheet.add(cells)
        else:
            self._put("\t".join(cells).rstrip("\t"), "\n")

    def _put(self, text: str, gap: str) -> None:
        if not text.strip():
            return
        if self._asides:
            self._asides[-1].append(text)
        elif self._cells:
            self._cells[-1].append(text)
        else:
            self._sections.add(text, gap)


def _sign(local: str, attributes: Mapping[str, str]) -> str:
    if local != "s":
        return "\t" if local == "tab" else "\n"
    count = attribute(attributes, "c")
    return " " * (min(int(count), _MOST_SPACES) if count.isascii() and count.isdigit() else 1)
