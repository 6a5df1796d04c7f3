"""MHTML: the page that a browser has saved together with its pictures."""

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

from vext_desktop.documents.readers.html import page_sections, page_text
from vext_desktop.documents.readers.mail_parts import body_bytes, header, leaves
from vext_desktop.documents.section import ReadLimits, Section

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:  # noqa: ARG001 - as all readers
    """Yield the page's title and address, then the sections of the page and of its frames."""
    yield from saved_page(path.read_bytes())


def saved_page(content: bytes) -> Iterator[Section]:
    """The sections of a saved page that is in memory."""
    message = message_from_bytes(content.lstrip(b"\r\n"))
    title = header(message, "Subject")
    address = header(message, "Snapshot-Content-Location")
    if title or address:
        yield Section("\n".join(filter(None, (title, address))), heading=title)
    pages = [part for part in leaves(message) if part.get_content_type() in _PAGES]
    for part in pages:
        yield from page_sections(page_text(*body_bytes(part)), title)
    if not pages:  # a page that was only named so
        yield from page_sections(page_text(content), title)
