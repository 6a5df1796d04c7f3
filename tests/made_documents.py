"""Documents that the tests make for themselves, down to the hostile ones."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from vext_desktop.documents.section import ReadLimits

LIMITS = ReadLimits(
    max_file_bytes=100_000_000, max_pages=1000, max_characters=5_000_000, memory_bytes=600_000_000
)

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf_of(objects: list[bytes], encryption: bytes = b"") -> bytes:
    """A PDF file of these objects, of which the first is the catalogue."""
    content, places = bytearray(b"%PDF-1.7\n"), list[int]()
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<< /Size %d /Root 1 0 R %s>>" % (len(objects) + 1, encryption)
    return bytes(content) + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A PDF stream object."""
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def pdf(pages: list[list[str]], outline: Mapping[str, int] | None = None) -> bytes:
    """A PDF with these lines of (Latin) text on each page, and an outline to page indexes."""
    font = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    first = 3  # after catalogue and page tree, each page is an object and its content another
    kids = b" ".join(b"%d 0 R" % (first + 2 * place) for place in range(len(pages)))
    objects = [b"", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))]
    for place, lines in enumerate(pages):
        shown = b" T* ".join(b"(%s) Tj" % line.encode("latin-1") for line in lines)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources %s >>" % (first + 2 * place + 1, font)
        )
        objects.append(stream(b"BT /F1 12 Tf 14 TL 50 700 Td %s ET" % shown if lines else b""))
    catalogue = b"<< /Type /Catalog /Pages 2 0 R "
    if outline:
        entry = len(objects) + 2
        catalogue += b"/Outlines %d 0 R " % (entry - 1)
        last = entry + len(outline) - 1
        objects.append(b"<< /Type /Outlines /First %d 0 R /Last %d 0 R >>" % (entry, last))
        for title, page in outline.items():
            following = b"/Next %d 0 R " % (entry + 1) if entry < last else b""
            objects.append(
                b"<< /Title (%s) /Parent %d 0 R %s/Dest [%d 0 R /Fit] >>"
                % (title.encode(), last - len(outline), following, first + 2 * page)
            )
            entry += 1
    objects[0] = catalogue + b">>"
    return pdf_of(objects)


ENCRYPTION = (
    b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b">"
    b" /P -44 >> /ID [<00> <00>] "
)


def locked_pdf() -> bytes:
    """A PDF that asks for a password, whatever the password is."""
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", pages, b"<< /Type /Page /Parent 2 0 R >>"]
    return pdf_of(objects, ENCRYPTION)


def endless_pdf() -> bytes:
    """A PDF of a few kilobytes whose page takes 10 to the power of 26 drawing steps."""
    depth = 26
    forms = []
    for level in range(depth):
        inner = b"<< /XObject << /F %d 0 R >> >>" % (6 + level) if level < depth - 1 else b"<< >>"
        body = b"/F Do " * 10 if level < depth - 1 else b"0 0 m 1 1 l S"
        entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources %s" % inner
        forms.append(stream(body, entries))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources "
    page += b"<< /XObject << /F 5 0 R >> >> >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    return pdf_of([catalogue, pages, page, stream(b"/F Do " * 10), *forms])


def docx(path: Path, body: str, parts: Mapping[str, str] | None = None) -> Path:
    """Write a Word file.

    Args:
        path: Where.
        body: The XML inside w:body; prefixes w, mc and wps are bound.
        parts: More parts: the kind of relation, and their XML with the prefix w bound.
    """
    relations = "".join(
        f'<Relationship Id="r{kind}" Type="{_TYPES}/{kind}" Target="{kind}.xml"/>'
        for kind in parts or {}
    )
    root = f'<Relationship Id="r" Type="{_TYPES}/officeDocument" Target="word/document.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "_rels/.rels", f'<Relationships xmlns="{_RELATIONS}">{root}</Relationships>'
        )
        package.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        )
        package.writestr("word/document.xml", word_xml("document", f"<w:body>{body}</w:body>"))
        for kind, content in (parts or {}).items():
            package.writestr(f"word/{kind}.xml", content)
    return path


def word_xml(name: str, content: str) -> str:
    """One part of a Word file."""
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    return f'<w:{name} xmlns:w="{_W}" xmlns:mc="{mc}" xmlns:wps="urn:wps">{content}</w:{name}>'


def paragraph(text: str, style: str = "") -> str:
    """A paragraph of a Word file."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"
