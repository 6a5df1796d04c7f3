"""OpenDocument: texts, sheets, slides and drawings, in packages and in single XML files."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.readers.odf_text import OdfTarget
from vext_desktop.documents.readers.ooxml import feed
from vext_desktop.documents.readers.package import Package, open_package
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section, too_many_pages
from vext_desktop.outcomes import Outcome

# What the package's list of parts says of one that needs a password.
_ENCRYPTION = b"encryption-data"
_OBJECT = re.compile(r"[^/]+/content\.xml")


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield sections by heading, sheet or slide, then notes, comments, headers and footers.

    Raises:
        ReadFailure: LOCKED, DAMAGED or TOO_LARGE.
    """
    if not zipfile.is_zipfile(path):
        target = OdfTarget()
        with path.open("rb") as stream:
            for _ in feed(stream, target):
                yield from _taken(target, limits)
        yield from target.take_rest()
        return
    with open_package(path, limits) as package:
        yield from _package(package, limits)


def _package(package: Package, limits: ReadLimits) -> Iterator[Section]:
    if _ENCRYPTION in package.read("META-INF/manifest.xml"):
        raise ReadFailure(Outcome.LOCKED)
    if "content.xml" not in package:
        raise ReadFailure(Outcome.DAMAGED, "The main part of the document is missing.")
    target = OdfTarget()
    for _ in package.feed("content.xml", target):
        yield from _taken(target, limits)
    yield from target.take_rest()
    for part in filter(_OBJECT.fullmatch, package.names):  # formulas, charts, tables in texts
        embedded = OdfTarget()
        for _ in package.feed_aside(part, embedded):
            yield from embedded.take()
        yield from embedded.take_rest()
    # Of the styles, only headers and footers are text.
    margins = OdfTarget()
    for _ in package.feed_aside("styles.xml", margins):
        yield from margins.take()
    yield from margins.take_rest()


def _taken(target: OdfTarget, limits: ReadLimits) -> Iterator[Section]:
    if target.pages > limits.max_pages:
        raise too_many_pages(target.pages, limits)
    yield from target.take()
