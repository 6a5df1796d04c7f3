"""What a file is by its first bytes, whatever its name says."""

import zipfile
from pathlib import Path

from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome

_PDF = b"%PDF-"
_PDF_WITHIN_BYTES = 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_OFFICE_FOLDERS = {
    "xl/": "a spreadsheet",
    "ppt/": "a presentation",
    "content.xml": "an OpenDocument file",
    "meta-inf/container.xml": "an electronic book",
}
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
        head = file.read(_PDF_WITHIN_BYTES)
    if not head:
        raise ReadFailure(Outcome.EMPTY, "It is an empty file.")
    if _PDF in head and (name == "pdf" or head.startswith(_PDF)):
        return "pdf"
    if head.startswith(_ZIP):
        return _inside_zip(path, name)
    if head.startswith(_OLE):
        raise _failure_of_ole(path)
    if name in {"pdf", "docx"}:
        return _misnamed(head)
    return name


def _inside_zip(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            entries = [entry.lower() for entry in package.namelist()[:5000]]
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    for inside, kind in _OFFICE_FOLDERS.items():
        if any(entry.startswith(inside) for entry in entries):
            raise ReadFailure(
                Outcome.UNSUPPORTED, f"It is {kind}, whatever its name says: not read yet."
            )
    if name == "docx" or any(entry.startswith("word/") for entry in entries):
        return "docx"
    raise ReadFailure(Outcome.UNSUPPORTED, "It is a ZIP archive, whatever its name says.")


def _failure_of_ole(path: Path) -> ReadFailure:
    """Office writes this container for old formats, and around new ones with a password."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if _ENCRYPTED_STREAM in tail + piece:
                return ReadFailure(Outcome.LOCKED)
            tail = piece[-len(_ENCRYPTED_STREAM) :]
    return ReadFailure(
        Outcome.UNSUPPORTED,
        "It is in the format of Office 97 to 2003. Save it in a newer one to index it.",
    )


def _misnamed(head: bytes) -> str:
    """Text under the name of a PDF or Word file is read as the text that it is."""
    from vext_desktop.documents.encodings import (  # noqa: PLC0415 - loads a library
        is_binary,
        marked_encoding,
    )

    if is_binary(head) and not marked_encoding(head):
        raise ReadFailure(Outcome.DAMAGED)
    if any(inside in head for inside in _PDF_INSIDES):
        raise ReadFailure(Outcome.DAMAGED)  # a PDF that has lost its beginning
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "html"
    return "text"
