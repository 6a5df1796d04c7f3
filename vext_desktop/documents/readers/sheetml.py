"""The XML inside workbooks: shared texts, styles, and the cells of sheets."""

import re
from collections.abc import Mapping
from functools import lru_cache

from vext_desktop.documents.readers.number_formats import NumberFormat, formats_of
from vext_desktop.documents.readers.ooxml import XmlTarget, attribute, local_name, relation_id
from vext_desktop.documents.readers.rows import MOST_BLANKS, TableRows
from vext_desktop.documents.section import ReadLimits, too_many_characters

# A column beyond the last that any program has is damage, not distance.
_MOST_COLUMNS = 16_384
_DIGITS = "0123456789"
_LONGEST_LETTERS = 3
_LONGEST_NUMBER = 10
_FIELD_CODES = re.compile(r'&(?:[A-Z]|"[^"]*"|\d+|K[0-9A-F]{6})')
_HEADER_PARTS = frozenset(
    {"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"}
)


class WorkbookTarget(XmlTarget):
    """Collects the sheets, hidden ones too: their names and relations, in order."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.is_1904 = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note a sheet, or from which day dates are counted."""
        local = local_name(tag)
        if local == "sheet":
            self.sheets.append((attribute(attributes, "name"), relation_id(attributes)))
        elif local == "workbookPr":
            self.is_1904 = attribute(attributes, "date1904") in {"1", "true"}


class FormatTarget(XmlTarget):
    """Collects how each style of cells shows numbers."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._ids: list[int] = []
        self._is_cell_style = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note a number format, or the one that a style has."""
        local = local_name(tag)
        if local == "numFmt":
            number = _number(attribute(attributes, "numFmtId"))
            self._codes[number] = attribute(attributes, "formatCode")
        elif local == "cellXfs":
            self._is_cell_style = True
        elif local == "xf" and self._is_cell_style:
            self._ids.append(_number(attribute(attributes, "numFmtId")))

    def end(self, tag: str) -> None:
        """The list of styles is over."""
        if local_name(tag) == "cellXfs":
            self._is_cell_style = False

    @property
    def formats(self) -> list[NumberFormat]:
        """The number formats, by the styles' places."""
        return formats_of(self._ids, self._codes)


class SharedTextTarget(XmlTarget):
    """Collects the texts that cells share, without the reading aids above characters."""

    def __init__(self, limits: ReadLimits) -> None:
        self.texts: list[str] = []
        self._limits = limits
        self._characters = 0
        self._parts: list[str] = []
        self._is_text = False
        self._is_aid = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - see base
        """An element begins."""
        local = local_name(tag)
        self._is_text = local == "t" and not self._is_aid
        if local == "rPh":
            self._is_aid = True

    def data(self, text: str) -> None:
        """A stretch of a text."""
        if self._is_text:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        local = local_name(tag)
        self._is_text = False
        if local == "rPh":
            self._is_aid = False
        elif local == "si":
            text = "".join(self._parts)
            self._parts = []
            self._characters += len(text)
            if self._characters > self._limits.max_characters:
                raise too_many_characters(self._limits)
            self.texts.append(text)


class SheetTarget(XmlTarget):
    """Adds the rows of a sheet to the section in hand, however far apart its cells are.

    Args:
        rows: Where the rows go.
        texts: The texts that cells share.
        formats: How the styles of cells show numbers.
        is_1904: Whether dates are counted from 1904.
    """

    def __init__(
        self, rows: TableRows, texts: list[str], formats: list[NumberFormat], *, is_1904: bool
    ) -> None:
        self.margins: list[str] = []
        self._rows = rows
        self._texts = texts
        self._formats = formats
        self._is_1904 = is_1904
        self._cells: list[str] = []
        self._column = self._last_column = 0
        self._kind = ""
        self._style = 0
        self._value: list[str] = []
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._margin: list[str] = []
        self._is_aid = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = local_name(tag)
        if local == "c":
            letters = attributes.get("r", "").rstrip(_DIGITS)
            self._column = column_number(letters) if letters else self._column + 1
            self._kind = attributes.get("t", "")
            self._style = _number(attributes.get("s", "0"))
            self._value, self._formula = [], []
        elif local == "v" or (local == "t" and not self._is_aid):
            self._into = self._value
        elif local == "f":
            self._into = self._formula
        elif local == "row":
            self._cells, self._column, self._last_column = [], 0, 0
        elif local == "rPh":
            self._is_aid = True
        elif local in _HEADER_PARTS:
            self._margin = self._into = []

    def data(self, text: str) -> None:
        """A stretch of a value."""
        if self._into is not None:
            self._into.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        local = local_name(tag)
        self._into = None
        if local == "c":
            self._add_cell(self._text())
        elif local == "row":
            self._rows.add(self._cells)
        elif local == "rPh":
            self._is_aid = False
        elif local in _HEADER_PARTS:
            text = " ".join(_FIELD_CODES.sub(" ", "".join(self._margin)).split())
            if text and text not in self.margins:
                self.margins.append(text)

    def _add_cell(self, text: str) -> None:
        if not text or self._column > _MOST_COLUMNS:
            return
        # A cell far to the right must not cost a list of all that are left of it.
        blanks = min(self._column - self._last_column - 1, MOST_BLANKS + 1)
        self._cells += [""] * blanks
        self._cells.append(text)
        self._last_column = self._column

    def _text(self) -> str:
        value = self._value[0] if len(self._value) == 1 else "".join(self._value)
        if not value:  # a formula that no program has computed yet
            formula = "".join(self._formula).strip()
            return f"={formula}" if formula else ""
        if self._kind == "s":
            place = _number(value)
            return self._texts[place] if place < len(self._texts) else ""
        if self._kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if self._kind in {"", "n"}:
            formats = self._formats
            if self._style < len(formats):
                return formats[self._style].text(value, is_1904=self._is_1904)
        return value


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """The place of a column: 1 for A, 16 384 for XFD; beyond all columns for what is none."""
    if len(letters) > _LONGEST_LETTERS or not (letters.isascii() and letters.isalpha()):
        return _MOST_COLUMNS + 1
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _number(text: str) -> int:
    try:
        return max(0, int(text)) if len(text) < _LONGEST_NUMBER else 0
    except ValueError:
        return 0
