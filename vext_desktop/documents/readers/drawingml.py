"""The XML of shapes, as slides, charts, diagrams and drawings on sheets have it."""

from collections.abc import Mapping

from vext_desktop.documents.readers.ooxml import XmlTarget, attribute, local_name
from vext_desktop.documents.section import PIECE_CHARACTERS
from vext_desktop.documents.section_builder import SectionBuilder

# What shows no text of its own: the copy for old programs, what extends others, styles of lists.
_LEFT_OUT = frozenset({"Fallback", "extLst", "lstStyle"})
_TITLES = frozenset({"title", "ctrTitle"})
# Placeholders that stand on every slide alike.
_REPEATED = frozenset({"ftr", "hdr", "dt"})
_NUMBER_FIELD = "slidenum"


class DrawingTarget(XmlTarget):
    """Adds the text of shapes to the section in hand; a title becomes its heading.

    Args:
        sections: Where the text goes.
        repeated: Texts of headers and footers that were read already; each is read once.
    """

    def __init__(self, sections: SectionBuilder, repeated: set[str] | None = None) -> None:
        self._sections = sections
        self._repeated = set[str]() if repeated is None else repeated
        self._left_out = 0
        self._role = ""
        self._gap = "\n\n"
        self._title: list[str] = []
        self._is_text = False
        self._parts: list[str] | None = None
        self._length = 0
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._points: list[str] | None = None
        self._seen_points: set[str] = set()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = local_name(tag)
        if self._left_out or local in _LEFT_OUT:
            self._left_out += 1
        elif local in {"t", "v"}:
            self._is_text = True
        elif local == "p":
            self._parts, self._length = [], 0
        elif local == "br" and self._parts is not None:
            self._parts.append("\n")
        elif local == "fld" and attribute(attributes, "type") == _NUMBER_FIELD:
            self._left_out = 1
        else:
            self._enter(local, attributes)

    def _enter(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "ph":
            self._role = attribute(attributes, "type")
        elif local in {"sp", "graphicFrame", "pic", "cxnSp", "pt"}:
            self._role, self._gap = "", "\n\n"
        elif local == "cNvPr":
            self._add_alternative(attributes)
        elif local == "tr":
            self._row = []
        elif local == "tc":
            self._cell = []
        elif local in {"strCache", "strLit"}:
            self._points = []

    def data(self, text: str) -> None:
        """Text, of which only that in text elements is meant to be read."""
        if not self._is_text or self._left_out:
            return
        if self._points is not None:
            self._points.append(text)
        elif self._parts is not None:
            self._parts.append(text)
            self._length += len(text)
            if self._length > PIECE_CHARACTERS and self._row is None:
                self._put(self._taken())
                self._gap, self._parts = "", []

    def end(self, tag: str) -> None:
        """An element ends."""
        local = local_name(tag)
        if self._left_out:
            self._left_out -= 1
        elif local in {"t", "v"}:
            self._is_text = False
        elif local == "p" and self._parts is not None:
            self._end_paragraph(self._taken())
        elif local == "sp" and self._title:
            self._sections.name(" ".join(self._title))
            self._title = []
        elif local == "tc" and self._cell is not None and self._row is not None:
            self._row.append(" ".join(self._cell))
            self._cell = None
        elif local == "tr" and self._row is not None:
            row, self._row = "\t".join(self._row).rstrip("\t"), None
            self._put(row)
        elif local in {"strCache", "strLit"} and self._points is not None:
            line, self._points = " | ".join(self._points), None
            if line not in self._seen_points:  # the categories come again with each series
                self._seen_points.add(line)
                self._put(line)

    def _taken(self) -> str:
        text = "".join(self._parts or ())
        self._parts, self._length = None, 0
        return text.replace("\v", "\n").strip("\n")

    def _end_paragraph(self, text: str) -> None:
        if not text.strip():
            return
        if self._cell is not None:
            self._cell.append(text)
            return
        if self._role in _REPEATED:
            if text in self._repeated:
                return
            self._repeated.add(text)
        elif self._role in _TITLES:
            self._title.append(text)
        if self._role != "sldNum":
            self._put(text)

    def _add_alternative(self, attributes: Mapping[str, str]) -> None:
        """What a picture shows, in its author's words."""
        for name in ("title", "descr"):
            self._put(attribute(attributes, name))

    def _put(self, text: str) -> None:
        if text.strip():
            self._sections.add(text, self._gap)
            self._gap = "\n"


class CommentTarget(XmlTarget):
    """Collects comments on slides and in sheets: where each stands, and its text."""

    def __init__(self) -> None:
        self.comments: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._place = ""
        self._parts: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = local_name(tag)
        self._open.append(local)
        if local in {"comment", "threadedComment", "cm", "reply"}:
            self._finish()
            self._place = attribute(attributes, "ref")
        elif local == "p" and self._parts:
            self._parts.append("\n")

    def data(self, text: str) -> None:
        """Text of a comment; that of the reading aids above characters is left out."""
        if self._open[-1:] in (["t"], ["text"]) and "rPh" not in self._open[-2:]:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        self._open.pop()
        if local_name(tag) in {"comment", "threadedComment", "cm", "reply"}:
            self._finish()

    def _finish(self) -> None:
        text = "".join(self._parts).strip()
        self._parts = []
        if text:
            self.comments.append((self._place, text))
