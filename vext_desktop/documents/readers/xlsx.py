"""XLSX: sheet by sheet, row by row, then what is drawn and noted on each."""

from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.readers.drawingml import CommentTarget, DrawingTarget
from vext_desktop.documents.readers.package import Package, open_package
from vext_desktop.documents.readers.rows import TableRows
from vext_desktop.documents.readers.sheetml import (
    FormatTarget,
    SharedTextTarget,
    SheetTarget,
    WorkbookTarget,
)
from vext_desktop.documents.section import ReadLimits, Section, too_many_pages
from vext_desktop.documents.section_builder import SectionBuilder

# Newer comments stand in both lists, in the older with a note for old programs.
_COMMENTS = ("threadedComment", "comments")
# What most programs call these parts, where the relations are lost.
_TEXTS, _STYLES, _SHEET = "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet{}.xml"
_DRAWN = ("chart", "chartEx", "diagramData")


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield the rows of each sheet under its name, hidden sheets too, then its comments.

    Raises:
        ReadFailure: LOCKED, DAMAGED or TOO_LARGE.
    """
    with open_package(path, limits) as package:
        yield from _Workbook(package, limits).sections()


class _Workbook:
    """One workbook that is being read."""

    def __init__(self, package: Package, limits: ReadLimits) -> None:
        self._package = package
        self._limits = limits
        self._sections = SectionBuilder()
        self._texts = SharedTextTarget(limits)
        self._formats = FormatTarget()

    def sections(self) -> Iterator[Section]:
        """The sections of all sheets."""
        main = self._package.main_part("xl/workbook.xml")
        workbook = WorkbookTarget()
        for _ in self._package.feed(main, workbook):
            pass
        if len(workbook.sheets) > self._limits.max_pages:
            raise too_many_pages(len(workbook.sheets), self._limits)
        relations = self._package.relations(main)
        found = {relation.kind: relation.target for relation in relations.values()}
        for _ in self._package.feed(found.get("sharedStrings", _TEXTS), self._texts):
            pass
        self._package.feed_all(found.get("styles", _STYLES), self._formats)
        formats = self._formats.formats
        for number, (name, relation_name) in enumerate(workbook.sheets, start=1):
            relation = relations.get(relation_name)
            part = relation.target if relation else _SHEET.format(number)
            if part in self._package:
                self._sections.turn_to(None, name)
                rows = TableRows(self._sections, name)
                sheet = SheetTarget(rows, self._texts.texts, formats, is_1904=workbook.is_1904)
                for _ in self._package.feed(part, sheet):
                    yield from self._sections.take()
                yield from self._beside(part, sheet.margins)
        yield from self._sections.take_rest()

    def _beside(self, part: str, margins: list[str]) -> Iterator[Section]:
        """What belongs to a sheet beside its cells: drawings, comments, headers and footers."""
        related = self._package.related(part)
        drawings = [(part, related)]
        for drawing in related.get("drawing", []):
            drawings.append((drawing, self._package.related(drawing)))
            self._sections.begin()
            for _ in self._package.feed_aside(drawing, DrawingTarget(self._sections)):
                yield from self._sections.take()
        for _, found in drawings:
            for kind in _DRAWN:
                for chart in found.get(kind, []):
                    self._sections.begin()
                    self._package.feed_all(chart, DrawingTarget(self._sections))
        kind = next((kind for kind in _COMMENTS if kind in related), "")
        comments = CommentTarget()
        for comment_part in related.get(kind, []):
            self._package.feed_all(comment_part, comments)
        for place, text in comments.comments:
            self._sections.begin()
            self._sections.add(f"Comment on {place}: {text}" if place else text, "")
            yield from self._sections.take()
        for margin in margins:
            self._sections.begin()
            self._sections.add(margin, "")
