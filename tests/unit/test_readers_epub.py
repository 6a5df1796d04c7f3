"""EPUB: chapters in reading order under their titles, in both versions of the format."""

from pathlib import Path

import pytest
from made_documents import LIMITS
from made_packages import package

from vext_desktop.documents.readers import epub
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.outcomes import Outcome

CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
META = (
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Book</dc:title>'
    "<dc:creator>Ann</dc:creator><dc:description>&lt;p&gt;About&lt;/p&gt;</dc:description>"
    "</metadata>"
)
NCX = (
    '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/x.dtd"><ncx>'
    '<navMap><navPoint><navLabel><text>First</text></navLabel><content src="b%20b.xhtml"/>'
    '</navPoint><navPoint><navLabel><text>Second</text></navLabel><content src="a.xhtml#x"/>'
    "</navPoint></navMap></ncx>"
)
NAV = '<html><body><nav><a href="../b%20b.xhtml">First</a><a href="../a.xhtml#x">Second</a>'


def page(text: str) -> str:
    return f'<?xml version="1.0"?><html xmlns="x"><head><title/></head><body><p>{text}</p>'


def book(path: Path, version: int, **parts: str) -> Path:
    contents = '<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    if version == 3:
        contents = '<item id="n" href="t/nav.xhtml" media-type="application/xhtml+xml" '
        contents += 'properties="nav"/>'
    items = "".join(
        f'<item id="{name}" href="{href}" media-type="application/xhtml+xml"/>'
        for name, href in (("a", "a.xhtml"), ("b", "b%20b.xhtml"))
    )
    spine = f"<spine{' toc=' + chr(34) + 'n' + chr(34) if version == 2 else ''}>"
    spine += '<itemref idref="n"/><itemref idref="b"/><itemref idref="a"/></spine>'
    listed = f"<manifest>{items}{contents}</manifest>{spine}"
    return package(
        path,
        {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": f"<package>{META}{listed}</package>",
            "OEBPS/toc.ncx": NCX,
            "OEBPS/t/nav.xhtml": NAV,
            "OEBPS/a.xhtml": page("alpha"),
            "OEBPS/b b.xhtml": page("beta"),
            **parts,
        },
    )


@pytest.mark.parametrize("version", [2, 3])
def test_chapters_come_in_reading_order_under_the_titles_of_the_contents(
    tmp_path: Path, version: int
) -> None:
    found = list(epub.read(book(tmp_path / "a.epub", version), LIMITS))
    assert [(section.heading, section.text) for section in found] == [
        ("The Book", "The Book\nAnn\nAbout"), ("First", "beta"), ("Second", "alpha")
    ]  # fmt: skip


def test_a_book_whose_order_is_lost_is_read_by_name(tmp_path: Path) -> None:
    path = package(tmp_path / "a.epub", {"x/2.html": page("two"), "x/1.html": page("one")})
    assert [section.text for section in epub.read(path, LIMITS)] == ["one", "two"]


@pytest.mark.parametrize(("part", "is_locked"), [("OEBPS/a.xhtml", True), ("OEBPS/f.otf", False)])
def test_encrypted_chapters_lock_a_book_and_encrypted_fonts_do_not(
    tmp_path: Path, part: str, is_locked: bool
) -> None:
    listed = {"META-INF/encryption.xml": f'<e><CipherReference URI="{part}"/></e>'}
    path = book(tmp_path / "a.epub", 3, **listed)
    if not is_locked:
        assert list(epub.read(path, LIMITS))
        return
    with pytest.raises(ReadFailure) as raised:
        list(epub.read(path, LIMITS))
    assert raised.value.outcome is Outcome.LOCKED


def test_a_book_without_chapters_is_damaged_and_one_with_too_many_too_large(
    tmp_path: Path,
) -> None:
    with pytest.raises(ReadFailure) as raised:
        list(epub.read(package(tmp_path / "a.epub", {"x": "y"}), LIMITS))
    assert raised.value.outcome is Outcome.DAMAGED
    with pytest.raises(ReadFailure) as raised:
        list(epub.read(book(tmp_path / "b.epub", 3), ReadLimits(10**8, 1, 10**6, 10**9)))
    assert raised.value.outcome is Outcome.TOO_LARGE
