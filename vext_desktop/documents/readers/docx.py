"""DOCX: the document's text in order, then footnotes, comments, headers and footers."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from zlib import error as zlib_error

from vext_desktop.documents.readers.ooxml import RelationTarget, XmlTarget, feed
from vext_desktop.documents.readers.wordml import StyleTarget, TextTarget
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
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
# What is unpacked may be this much larger than the largest file that is read.
_EXPANSION = 4
_IS_ENCRYPTED = 0x1


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield a section for each heading with what stands under it; tables row by row, with tabs.

    Raises:
        ReadFailure: LOCKED, DAMAGED, or TOO_LARGE when unpacked.
    """
    try:
        with zipfile.ZipFile(path) as package:
            yield from _Package(package, limits.max_file_bytes * _EXPANSION).sections()
    except (zipfile.BadZipFile, zlib_error, EOFError) as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    except NotImplementedError as error:  # how zipfile meets a compression that it lacks
        raise ReadFailure(Outcome.DAMAGED, f"It is packed in an unknown way ({error}).") from error


class _Package:
    """The parts of one document.

    Args:
        package: The open ZIP file.
        most_bytes: How much of it may be unpacked, in all.
    """

    def __init__(self, package: zipfile.ZipFile, most_bytes: int) -> None:
        self._package = package
        self._left_bytes = most_bytes
        # Some programs write other slashes, or another case than the relations say.
        self._parts = {
            info.filename.replace("\\", "/").lstrip("/").lower(): info
            for info in package.infolist()
        }

    def sections(self) -> Iterator[Section]:
        """The sections of all parts that hold text."""
        main = next(iter(self._related("").get("officeDocument", [])), "word/document.xml")
        related = self._related(main)
        styles = StyleTarget()
        for part in related.get("styles", []):
            for _ in self._feed(part, styles):
                pass
        if main not in self._parts:
            raise ReadFailure(Outcome.DAMAGED, "The main part of the document is missing.")
        yield from self._text(main, styles)
        seen = set[str]()
        for kind, heading in _SIDE_PARTS.items():
            for part in related.get(kind, []):
                for section in self._text(part, styles, heading):
                    if section.text not in seen:  # the same header for odd and even pages
                        seen.add(section.text)
                        yield section

    def _text(self, part: str, styles: StyleTarget, heading: str = "") -> Iterator[Section]:
        target = TextTarget(styles, heading)
        for _ in self._feed(part, target):
            yield from target.take()
        yield from target.take_rest()

    def _related(self, part: str) -> dict[str, list[str]]:
        """The parts that a part names, by kind; of the package itself for an empty name."""
        folder, name = posixpath.split(part)
        relations = RelationTarget()
        for _ in self._feed(posixpath.join(folder, "_rels", f"{name}.rels"), relations):
            pass
        return {
            kind: [posixpath.normpath(posixpath.join("/", folder, target))[1:].lower()
                   for target in targets]
            for kind, targets in relations.targets.items()
        }  # fmt: skip

    def _feed(self, part: str, target: XmlTarget) -> Iterator[None]:
        """Parse a part into a target, piece by piece; a part that is not there is empty."""
        info = self._parts.get(part.lower())
        if info is None:
            return
        if info.flag_bits & _IS_ENCRYPTED:
            raise ReadFailure(Outcome.LOCKED)
        # zipfile never yields more than this size, whatever the compressed data would give.
        self._left_bytes -= info.file_size
        if self._left_bytes < 0:
            raise ReadFailure(
                Outcome.TOO_LARGE, "Unpacked, it is much larger than the limit in the settings."
            )
        with self._package.open(info) as stream:
            yield from feed(stream, target)
