"""DOCX: the document's text in order, then footnotes, comments, headers and footers."""

from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.encodings import decode, is_binary
from vext_desktop.documents.readers.drawingml import DrawingTarget
from vext_desktop.documents.readers.html import page_sections, page_text
from vext_desktop.documents.readers.mhtml import saved_page
from vext_desktop.documents.readers.package import Package, open_package, package_within
from vext_desktop.documents.readers.rtf import rtf_sections
from vext_desktop.documents.readers.wordml import StyleTarget, TextTarget
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadFailure, ReadLimits, Section
from vext_desktop.documents.section_builder import SectionBuilder
from vext_desktop.outcomes import Outcome

# Parts with text beside the document itself, by the last word of their relation's type
# (ECMA-376 part 1, section 11.3), in the order in which they are read.
_SIDE_PARTS = {
    "footnotes": "Footnotes",
    "endnotes": "Endnotes",
    "comments": "Comments",
    "diagramData": "Diagram",
    "chart": "Chart",
    "header": "Header",
    "footer": "Footer",
}
_DRAWN = frozenset({"diagramData", "chart"})


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield a section for each heading with what stands under it; tables row by row, with tabs.

    Raises:
        ReadFailure: LOCKED, DAMAGED, or TOO_LARGE when unpacked.
    """
    with open_package(path, limits) as package:
        main = package.main_part("word/document.xml")
        related = package.related(main)
        styles = StyleTarget()
        for part in related.get("styles", []):
            package.feed_all(part, styles)
        yield from _text(package, main, styles)
        # What was merged into the document when it was made, as what it was before.
        for part in related.get("aFChunk", []):
            yield from _merged(package, part, limits)
        seen = set[str]()
        for kind, heading in _SIDE_PARTS.items():
            for part in related.get(kind, []):
                found = (
                    _drawn(package, part, heading)
                    if kind in _DRAWN
                    else _text(package, part, styles, heading)
                )
                for section in found:
                    if section.text not in seen:  # the same header for odd and even pages
                        seen.add(section.text)
                        yield section


def _merged(package: Package, part: str, limits: ReadLimits) -> Iterator[Section]:
    """The text of a merged document; one that is damaged ends where the damage is."""
    try:
        yield from _merged_text(package.read(part), part, limits)
    except ReadFailure as failure:
        if failure.outcome not in {Outcome.DAMAGED, Outcome.LOCKED}:
            raise


def _merged_text(content: bytes, part: str, limits: ReadLimits) -> Iterator[Section]:
    """The text of a document in any format that may be merged (ECMA-376 part 1, 17.17.2.1)."""
    if content.startswith(b"PK"):
        with package_within(content, limits) as inner:
            yield from _text(inner, inner.main_part("word/document.xml"), StyleTarget())
    elif content.lstrip().startswith(b"{\\rtf"):
        yield from rtf_sections(content)
    elif part.endswith((".mht", ".mhtml")):
        yield from saved_page(content)
    elif part.endswith((".htm", ".html", ".xhtml")) or b"<html" in content[:1000].lower():
        yield from page_sections(page_text(content))
    elif not is_binary(content[:1000]):
        text = decode(content)
        for start in range(0, len(text), PIECE_CHARACTERS):
            yield Section(text[start : start + PIECE_CHARACTERS], continues=start > 0)


def _text(package: Package, part: str, styles: StyleTarget, heading: str = "") -> Iterator[Section]:
    target = TextTarget(styles, heading)
    parsed = package.feed_aside(part, target) if heading else package.feed(part, target)
    for _ in parsed:
        yield from target.take()
    yield from target.take_rest()


def _drawn(package: Package, part: str, heading: str) -> Iterator[Section]:
    sections = SectionBuilder(heading)
    for _ in package.feed_aside(part, DrawingTarget(sections)):
        yield from sections.take()
    yield from sections.take_rest()
