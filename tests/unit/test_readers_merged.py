"""Documents merged into a DOCX (altChunk): read as what they were before."""

import zipfile
from pathlib import Path

import pytest
from made_documents import LIMITS, docx, paragraph

from vext_desktop.documents.readers import docx as docx_reader

_KIND = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RTF = r"{\rtf1\ansi Merged from \b RTF\b0 .\par}"
_MHT = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<p>Merged from a page.</p>"


def merged(path: Path, name: str, content: bytes) -> str:
    """The text of a DOCX with a part of this name merged into it."""
    plain = docx(path, paragraph("Before.") + "<w:altChunk/>" + paragraph("After."))
    with zipfile.ZipFile(plain) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    parts[f"word/{name}"] = content
    parts["word/_rels/document.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId9" Type="%s/aFChunk" Target="%s"/></Relationships>'
    ) % (_KIND, name.encode())
    with zipfile.ZipFile(path, "w") as package:
        for part, data in parts.items():
            package.writestr(part, data)
    return "|".join(section.text for section in docx_reader.read(path, LIMITS))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("chunk.html", b"<html><body><p>Merged from HTML.</p></body></html>", "Merged from HTML."),
        ("chunk.txt", "Zusammengeführt.".encode("cp1252"), "Zusammengeführt."),
        ("chunk.rtf", _RTF.encode(), "Merged from RTF."),
        ("chunk.mht", _MHT.encode(), "Merged from a page."),
    ],
)
def test_a_merged_document_is_read(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    text = merged(tmp_path / "a.docx", name, content)
    assert expected in text
    assert "Before." in text
    assert "After." in text


def test_a_merged_word_document_is_read(tmp_path: Path) -> None:
    inner = docx(tmp_path / "inner.docx", paragraph("Merged from Word.")).read_bytes()
    assert "Merged from Word." in merged(tmp_path / "a.docx", "chunk.docx", inner)


def test_a_damaged_one_does_not_hide_the_document(tmp_path: Path) -> None:
    assert (
        merged(tmp_path / "a.docx", "chunk.docx", b"PK\x03\x04 no package") == "Before.\n\nAfter."
    )
    assert merged(tmp_path / "b.docx", "chunk.bin", bytes(range(200))) == "Before.\n\nAfter."
