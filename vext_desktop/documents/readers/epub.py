"""EPUB 2 and 3: chapters in reading order, under the titles of the table of contents."""

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from vext_desktop.documents.readers.html import page_sections, page_text
from vext_desktop.documents.readers.ooxml import TypedTarget, attribute, local_name
from vext_desktop.documents.readers.package import Package, open_package, resolved
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section, too_many_pages
from vext_desktop.outcomes import Outcome

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = (".xhtml", ".html", ".htm", ".xml")
# What a book says of itself, in the order in which it is shown.
_DETAILS = ("title", "creator", "description", "subject", "publisher")


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield what the book says of itself, then its chapters; `heading` is the chapter's title.

    Raises:
        ReadFailure: LOCKED (its chapters are encrypted), DAMAGED or TOO_LARGE.
    """
    with open_package(path, limits) as package:
        book = _BookTarget(package)
        chapters = book.chapters()
        if len(chapters) > limits.max_pages:
            raise too_many_pages(len(chapters), limits)
        _check_not_encrypted(package, chapters)
        if book.details:
            yield Section("\n".join(book.details), heading=book.title)
        titles = book.titles()
        heading = ""
        for chapter in chapters:
            heading = titles.get(chapter, heading)
            yield from page_sections(page_text(package.read(chapter)), heading)


def _check_not_encrypted(package: Package, chapters: list[str]) -> None:
    """Fonts are often encrypted, which does no harm; in bought books the chapters are too."""
    target = _EncryptionTarget()
    package.feed_all(_ENCRYPTION, target)
    if set(chapters) & target.parts:
        raise ReadFailure(
            Outcome.LOCKED, "The shop that sold this book has encrypted it; it cannot be read."
        )


class _BookTarget(TypedTarget):
    """What the package document says: the parts, their order, and the book itself."""

    def __init__(self, package: Package) -> None:
        self.details: list[str] = []
        self.title = ""
        self._package = package
        self._parts: dict[str, tuple[str, str, str]] = {}
        self._order: list[str] = []
        self._contents = ""
        self._detail: list[str] | None = None
        root = _RootTarget()
        package.feed_all(_CONTAINER, root)
        listed = (name for name in package.names if name.endswith(".opf"))
        self._main = next((part for part in [*root.parts, *listed] if part in package), "")
        self._folder = posixpath.dirname(self._main)
        package.feed_all(self._main, self)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        local = local_name(tag)
        if local in _DETAILS:
            self._detail = []
        elif local == "item":
            self._parts[attributes.get("id", "")] = (
                resolved(self._folder, unquote(attributes.get("href", ""))),
                attributes.get("media-type", ""),
                attributes.get("properties", ""),
            )
        elif local == "itemref":
            self._order.append(attributes.get("idref", ""))
        elif local == "spine":
            self._contents = attributes.get("toc", "")

    def data(self, text: str) -> None:
        """A stretch of what the book says of itself."""
        if self._detail is not None:
            self._detail.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        if local_name(tag) in _DETAILS and self._detail is not None:
            text = " ".join("".join(self._detail).split())
            self._detail = None
            if "<" in text:  # descriptions are often HTML
                text = " ".join(section.text for section in page_sections(text))
            if text:
                self.title = self.title or text
                self.details.append(text)

    def chapters(self) -> list[str]:
        """The parts with text, in reading order; by name where the order is lost."""
        ordered = [self._parts[name] for name in self._order if name in self._parts]
        chapters = [
            part
            for part, kind, properties in ordered
            if part in self._package
            and "nav" not in properties.split()
            and ("html" in kind or part.endswith(_PAGES))
        ]
        if chapters:
            return list(dict.fromkeys(chapters))
        pages = [name for name in self._package.names if name.endswith(_PAGES[:3])]
        if not pages:
            raise ReadFailure(Outcome.DAMAGED, "There are no chapters in it.")
        return sorted(pages)

    def titles(self) -> dict[str, str]:
        """The title that the table of contents first gives each part."""
        titles: dict[str, str] = {}
        for part, _, properties in self._parts.values():
            if "nav" in properties.split() and part in self._package:
                tree = LexborHTMLParser(page_text(self._package.read(part)))
                for link in tree.css("nav a[href]"):
                    self._note(titles, part, link.attributes.get("href") or "", link.text())
        contents = self._parts.get(self._contents, ("", "", ""))[0]
        if contents and not titles:
            target = _ContentsTarget()
            self._package.feed_all(contents, target)
            for address, title in target.entries:
                self._note(titles, contents, address, title)
        return titles

    def _note(self, titles: dict[str, str], part: str, address: str, title: str) -> None:
        target = resolved(posixpath.dirname(part), unquote(address.partition("#")[0]))
        if title := " ".join(title.split()):
            titles.setdefault(target, title)


class _RootTarget(TypedTarget):
    def __init__(self) -> None:
        self.parts: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if local_name(tag) == "rootfile":
            self.parts.append(resolved("", attributes.get("full-path", "")))


class _EncryptionTarget(TypedTarget):
    def __init__(self) -> None:
        self.parts: set[str] = set()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if local_name(tag) == "CipherReference":
            self.parts.add(resolved("", unquote(attribute(attributes, "URI"))))


class _ContentsTarget(TypedTarget):
    """The entries of an EPUB 2 table of contents: address and title."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []
        self._titles: list[str] = []
        self._is_text = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        local = local_name(tag)
        self._is_text = local == "text"
        if local == "navPoint":
            self._titles = []
        elif local == "content":
            self.entries.append((attributes.get("src", ""), "".join(self._titles)))

    def data(self, text: str) -> None:
        if self._is_text:
            self._titles.append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 - see base
        self._is_text = False
