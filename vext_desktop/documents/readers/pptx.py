"""PPTX: slide by slide, in the order of the show, each with its notes and comments."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from vext_desktop.documents.readers.drawingml import CommentTarget, DrawingTarget
from vext_desktop.documents.readers.ooxml import XmlTarget, local_name, relation_id
from vext_desktop.documents.readers.package import Package, open_package
from vext_desktop.documents.section import ReadLimits, Section, too_many_pages
from vext_desktop.documents.section_builder import SectionBuilder

_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
# Parts whose text is shown on a slide.
_DRAWN = ("diagramData", "chart", "chartEx")


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield a section for each slide, then its notes; `page` is the slide's number.

    Raises:
        ReadFailure: LOCKED, DAMAGED or TOO_LARGE.
    """
    with open_package(path, limits) as package:
        slides = _slides(package)
        if len(slides) > limits.max_pages:
            raise too_many_pages(len(slides), limits)
        sections = SectionBuilder()
        repeated = set[str]()
        for number, slide in enumerate(slides, start=1):
            sections.turn_to(number)
            yield from _slide(package, slide, sections, repeated)
        yield from sections.take_rest()


def _slide(
    package: Package, slide: str, sections: SectionBuilder, repeated: set[str]
) -> Iterator[Section]:
    for _ in package.feed(slide, DrawingTarget(sections, repeated)):
        yield from sections.take()
    related = package.related(slide)
    for kind in _DRAWN:
        for part in related.get(kind, []):
            for _ in package.feed_aside(part, DrawingTarget(sections)):
                yield from sections.take()
    for part in related.get("notesSlide", []):
        sections.begin()
        for _ in package.feed_aside(part, DrawingTarget(sections, repeated)):
            yield from sections.take()
    for part in related.get("comments", []):
        comments = CommentTarget()
        package.feed_all(part, comments)
        for _, text in comments.comments:
            sections.begin()
            sections.add(f"Comment: {text}", "")
            yield from sections.take()


def _slides(package: Package) -> list[str]:
    """The parts of the slides, in the order of the show."""
    main = package.main_part("ppt/presentation.xml")
    order = _OrderTarget()
    for _ in package.feed(main, order):
        pass
    relations = package.relations(main)
    slides = [relations[name].target for name in order.ids if name in relations]
    if slides or not order.ids:
        return [slide for slide in slides if slide in package]
    numbered = [
        (int(found[1]), found[0]) for found in map(_SLIDE.fullmatch, package.names) if found
    ]
    return [name for _, name in sorted(numbered)]


class _OrderTarget(XmlTarget):
    """Collects the relations that the list of slides names."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note a slide."""
        if local_name(tag) == "sldId":
            self.ids.append(relation_id(attributes))
