"""What a file is by its first bytes, whatever its name says."""

import re
import zipfile
from pathlib import Path

from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome

_HEAD_BYTES = 1024
_PDF = b"%PDF-"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RTF = re.compile(rb"\s*\{\\(?:rtf|urtf)")
_MHTML = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_MIME = re.compile(rb"\A\s*(?:mime-version|from|date|subject|content-type|x-\S+):", re.IGNORECASE)
# By a part that a package has, the reader of such packages; the first that fits.
_PACKAGES = (
    ("word/", "docx"),
    ("xl/workbook.bin", "xls"),
    ("xl/", "xlsx"),
    ("ppt/", "pptx"),
    ("meta-inf/container.xml", "epub"),
    ("content.xml", "odf"),
)
# By the stream that an OLE container has, the reader of such containers.
_CONTAINERS = (
    ("EncryptedPackage", ""),
    ("__properties_version1.0", "msg"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_OLD_NAMES = {
    "WordDocument": ("Word", ".docx"),
    "PowerPoint Document": ("PowerPoint", ".pptx"),
}
# Readers of packages and containers: under their names, text is a surprise.
_ZIPPED = frozenset({"docx", "xlsx", "pptx", "odf", "epub"})
_PACKED = _ZIPPED | {"pdf", "rtf", "xls", "msg", "old"}
_PDF_INSIDES = (b"endobj", b"startxref", b"/Type")


def reader_by_content(path: Path, name: str) -> str:
    """The name of the reader that a file's first bytes ask for.

    Args:
        path: The file.
        name: The reader that its suffix asks for; it stands where the bytes are not clear.

    Raises:
        ReadFailure: EMPTY, LOCKED, UNSUPPORTED or DAMAGED, where the bytes show that.
        OSError: The file cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise ReadFailure(Outcome.EMPTY, "It is an empty file.")
    if _PDF in head and (name == "pdf" or head.startswith(_PDF)):
        return "pdf"
    if head.startswith(_ZIP):
        return _inside_zip(path, name)
    if head.startswith(_OLE):
        return _inside_ole(path, name)
    if _RTF.match(head):
        return "rtf"
    if name in _PACKED:
        return _misnamed(head)
    return name


def _inside_zip(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            entries = [entry.replace("\\", "/").lower() for entry in package.namelist()[:5000]]
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    for inside, reader in _PACKAGES:
        if any(entry.startswith(inside) for entry in entries):
            return reader
    if name in _ZIPPED:
        return name
    raise ReadFailure(Outcome.UNSUPPORTED, "It is a ZIP archive, whatever its name says.")


def _inside_ole(path: Path, name: str) -> str:
    """Office writes this container for old formats, and around new ones with a password."""
    streams = _root_streams(path)
    for stream, reader in _CONTAINERS:
        if stream in streams:
            if reader:
                return reader
            raise ReadFailure(Outcome.LOCKED)
    for stream, (program, suffix) in _OLD_NAMES.items():
        if stream in streams:
            raise ReadFailure(
                Outcome.UNSUPPORTED,
                f"It is in the format of {program} 97 to 2003, which is not read. "
                f"Save it as {suffix} to index it.",
            )
    if name in {"xls", "msg"}:
        raise ReadFailure(Outcome.DAMAGED)
    raise ReadFailure(
        Outcome.UNSUPPORTED,
        "It is in the format of Office 97 to 2003. Save it in a newer one to index it.",
    )


def _root_streams(path: Path) -> set[str]:
    """The streams at a container's root; in a damaged one, those that are named anywhere."""
    import olefile  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships no types; rarely needed

    try:
        with olefile.OleFileIO(path) as container:
            found = {str(entry[0]) for entry in container.listdir(streams=True, storages=True)}
    except Exception:  # noqa: BLE001 - it meets damage with whatever error it stumbles into
        found = set()
    if found:
        return found
    names = [name for name, _ in _CONTAINERS] + list(_OLD_NAMES)
    wanted = {name.encode("utf-16-le"): name for name in names}
    longest = max(map(len, wanted))
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            window = tail + piece
            found.update(name for pattern, name in wanted.items() if pattern in window)
            tail = piece[-longest:]
    return found


def _misnamed(head: bytes) -> str:
    """Text under the name of a PDF or Office file is read as the text that it is."""
    from vext_desktop.documents.encodings import (  # noqa: PLC0415 - loads a library
        is_binary,
        marked_encoding,
    )

    if is_binary(head) and not marked_encoding(head):
        raise ReadFailure(Outcome.DAMAGED)
    if any(inside in head for inside in _PDF_INSIDES):
        raise ReadFailure(Outcome.DAMAGED)  # a PDF that has lost its beginning
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")) or b"<html" in start:
        return "html"
    if b"<office:document" in head:
        return "odf"
    if _MIME.match(head) and _MHTML.search(head):
        return "mhtml"
    return "text"
