"""A ZIP file of parts, as Office, OpenDocument and e-books are: opened with distrust."""

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from zlib import error as zlib_error

from vext_desktop.documents.readers.ooxml import Relation, RelationTarget, XmlTarget, feed
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.outcomes import Outcome

# What is unpacked may be this much larger than the largest file that is read.
_EXPANSION = 4
# Below this, a high ratio is no harm: a small table of equal cells has it too.
_HARMLESS_BYTES = 50_000_000
_IS_ENCRYPTED = 0x1
_STEP_BYTES = 1 << 20


@contextmanager
def open_package(path: Path, limits: ReadLimits) -> "Iterator[Package]":
    """Open a file as a package.

    Raises:
        ReadFailure: LOCKED, DAMAGED or TOO_LARGE, also later while its parts are read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield Package(archive, path.stat().st_size, limits)
    except (zipfile.BadZipFile, zlib_error, EOFError) as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    except NotImplementedError as error:  # how zipfile meets a compression that it lacks
        raise ReadFailure(Outcome.DAMAGED, f"It is packed in an unknown way ({error}).") from error


@contextmanager
def package_within(content: bytes, limits: ReadLimits) -> "Iterator[Package]":
    """Open a package that is a part of another one; see `open_package`."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            yield Package(archive, len(content), limits)
    except (zipfile.BadZipFile, zlib_error, EOFError, NotImplementedError) as error:
        raise ReadFailure(Outcome.DAMAGED) from error


class Package:
    """The parts of one document.

    Args:
        archive: The open ZIP file.
        size_bytes: Its size.
        limits: How many parts it may have, and how far it may expand.
    """

    def __init__(self, archive: zipfile.ZipFile, size_bytes: int, limits: ReadLimits) -> None:
        self._archive = archive
        self._left_bytes = min(
            limits.max_file_bytes * _EXPANSION,
            max(_HARMLESS_BYTES, size_bytes * limits.max_expansion),
        )
        members = archive.infolist()
        if len(members) > limits.max_members:
            raise ReadFailure(
                Outcome.TOO_LARGE,
                f"It is packed from {len(members):,} files; the limit in the settings is "
                f"{limits.max_members:,}.",
            )
        # Some programs write other slashes, or another case than the relations say.
        self._parts = {
            info.filename.replace("\\", "/").lstrip("/").lower(): info for info in members
        }

    @property
    def names(self) -> list[str]:
        """The names of all parts, in lower case, as the archive orders them."""
        return list(self._parts)

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def feed(self, part: str, target: XmlTarget) -> Iterator[None]:
        """Parse a part into a target, piece by piece; a part that is not there is empty."""
        info = self._claimed(part)
        if info is not None:
            with self._archive.open(info) as stream:
                yield from feed(stream, target)

    def feed_all(self, part: str, target: XmlTarget) -> None:
        """Parse a small part that is beside the main text."""
        for _ in self.feed_aside(part, target):
            pass

    def feed_aside(self, part: str, target: XmlTarget) -> Iterator[None]:
        """Parse a part beside the main text; one that is damaged ends where the damage is."""
        try:
            yield from self.feed(part, target)
        except (zipfile.BadZipFile, zlib_error, EOFError):
            return
        except ReadFailure as failure:
            if failure.outcome is not Outcome.DAMAGED:
                raise

    def read(self, part: str) -> bytes:
        """All of a part; empty if it is not there."""
        info = self._claimed(part)
        if info is None:
            return b""
        with self._archive.open(info) as stream:
            return b"".join(iter(lambda: stream.read(_STEP_BYTES), b""))

    def relations(self, part: str) -> dict[str, Relation]:
        """The parts that a part names, by the relation's id; of the package for no name."""
        folder, name = posixpath.split(part)
        found = RelationTarget()
        self.feed_all(posixpath.join(folder, "_rels", f"{name}.rels"), found)
        return {
            name: Relation(relation.kind, resolved(folder, relation.target))
            for name, relation in found.relations.items()
        }

    def related(self, part: str) -> dict[str, list[str]]:
        """The parts that a part names, by kind."""
        kinds: dict[str, list[str]] = {}
        for relation in self.relations(part).values():
            kinds.setdefault(relation.kind, []).append(relation.target)
        return kinds

    def main_part(self, usual: str) -> str:
        """The part with the document itself.

        Raises:
            ReadFailure: DAMAGED, when there is none.
        """
        named = self.related("").get("officeDocument", [])
        main = next((part for part in [*named, usual] if part in self), None)
        if main is None:
            raise ReadFailure(Outcome.DAMAGED, "The main part of the document is missing.")
        return main

    def _claimed(self, part: str) -> zipfile.ZipInfo | None:
        """A part that may be unpacked, its size taken off what is left."""
        info = self._parts.get(part.lower())
        if info is None:
            return None
        if info.flag_bits & _IS_ENCRYPTED:
            raise ReadFailure(Outcome.LOCKED)
        # zipfile never yields more than this size, whatever the compressed data would give.
        self._left_bytes -= info.file_size
        if self._left_bytes < 0:
            raise ReadFailure(
                Outcome.TOO_LARGE, "Unpacked, it is much larger than the limit in the settings."
            )
        return info


def resolved(folder: str, target: str) -> str:
    """The name of a part that is named from a folder of the package."""
    return posixpath.normpath(posixpath.join("/", folder, target))[1:].lower()
