"""PDF: the text layer, page by page."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]  # it ships no types

from vext_desktop.documents.readers.pdf_notes import attachment_names, page_notes
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section, too_many_pages
from vext_desktop.outcomes import Outcome

if TYPE_CHECKING:
    from vext_desktop.documents.readers.ocr import PageOcr

# PDFium marks the hyphen of a word that is divided at a line's end with one of these.
_DIVISION = re.compile(r"(?P<before>\w)[\x02\ufffe](?:\r?\n)?(?P<after>\w{0,2})")
# What glyphs of unknown meaning come as, beside what divides lines and pages.
_MEANINGLESS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?|\f")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_NO_KIDS = re.compile(rb"/Kids\s*\[\s*\]")
_NO_COUNT = re.compile(rb"/Count\s+0\b")
_ENCRYPT = b"/Encrypt"
_LOCKED_CODES = frozenset({pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY})
_STEP_BYTES = 1 << 20
_LARGEST_WITHOUT_PAGES_BYTES = 100_000
_PAGES_IN_MEMORY = 500
_MOST_OUTLINE_ENTRIES = 20_000
_LONGEST_HEADING = 200


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield one section for each page with text; its heading is the outline's entry for it.

    Raises:
        ReadFailure: LOCKED, DAMAGED, EMPTY (no pages, or only blank ones), NO_TEXT_LAYER (its
            pages are pictures) or TOO_LARGE.
    """
    reading = _Reading(path)
    try:
        pages = len(reading.pdf)
        if pages > limits.max_pages:
            raise too_many_pages(pages, limits)
        if pages == 0:
            raise ReadFailure(Outcome.EMPTY, "It has no pages.")
        yield from _sections(reading, pages, limits.ocr_languages)
    finally:
        reading.pdf.close()


class _Reading:
    """A document that is opened anew now and then: PDFium keeps 12 kB of each page it has seen."""

    def __init__(self, path: Path) -> None:
        self.pdf = _open(path)
        self._path = path
        self._seen = 0

    def page(self, number: int) -> pypdfium2.PdfPage:
        """A page, counted from 0."""
        if self._seen >= _PAGES_IN_MEMORY:
            self.pdf.close()
            self.pdf = _open(self._path)
            self._seen = 0
        self._seen += 1
        return self.pdf[number]


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if _says_it_has_no_pages(path):  # for PDFium, that is damage
            raise ReadFailure(Outcome.EMPTY, "It has no pages.") from error
        # PDFium's error code can be that of an earlier file, so the file must agree.
        if error.err_code in _LOCKED_CODES and _says_it_is_encrypted(path):
            raise ReadFailure(Outcome.LOCKED) from error
        raise ReadFailure(Outcome.DAMAGED) from error


def _says_it_has_no_pages(path: Path) -> bool:
    with path.open("rb") as file:
        content = file.read(_LARGEST_WITHOUT_PAGES_BYTES)
    return bool(_NO_KIDS.search(content) and _NO_COUNT.search(content))


def _says_it_is_encrypted(path: Path) -> bool:
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(_STEP_BYTES):
            if _ENCRYPT in tail + piece:
                return True
            tail = piece[-len(_ENCRYPT) :]
    return False


def _sections(reading: _Reading, pages: int, languages: str) -> Iterator[Section]:
    starts, titles = _outline(reading.pdf)
    pictures = _Pictures(languages)
    has_text = False
    broken = 0
    for number in range(pages):
        try:
            page = reading.page(number)
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        try:
            text = _text_of(page) or pictures.text_of(page)
            text = "\n\n".join(filter(None, (text, *page_notes(page, text))))
        finally:
            page.close()
        if text:
            has_text = True
            place = bisect_right(starts, number)
            yield Section(text, page=number + 1, heading=titles[place - 1] if place else "")
    if has_text:
        if names := attachment_names(reading.pdf):
            yield Section(f"Attachments: {', '.join(names)}")
        return
    if broken == pages:
        raise ReadFailure(Outcome.DAMAGED, "None of its pages can be read.")
    raise pictures.failure or ReadFailure(Outcome.EMPTY)


class _Pictures:
    """The pages without text, and what Tesseract reads in them if it is asked to.

    Args:
        languages: What it is to read; nothing if empty.
    """

    def __init__(self, languages: str) -> None:
        self.failure: ReadFailure | None = None
        self._languages = languages
        self._ocr: PageOcr | None = None

    def text_of(self, page: pypdfium2.PdfPage) -> str:
        """The text that is seen in a page; `failure` says why there is none."""
        if pdfium.FPDFPage_CountObjects(page) <= 0:
            return ""
        if not self._languages:
            self.failure = self.failure or ReadFailure(Outcome.NO_TEXT_LAYER)
            return ""
        from vext_desktop.documents.readers.ocr import PageOcr  # noqa: PLC0415 - rarely asked for

        try:
            self._ocr = self._ocr or PageOcr(self._languages)
            text = self._ocr.text_of(page)
        except ReadFailure as failure:
            self.failure, self._languages = failure, ""  # so it would be with the next page
            return ""
        self.failure = ReadFailure(
            Outcome.NO_TEXT_LAYER, "Its pages are pictures, in which Tesseract finds no text."
        )
        return text


def _text_of(page: pypdfium2.PdfPage) -> str:
    textpage = page.get_textpage()
    try:
        raw = textpage.get_text_bounded()
    finally:
        textpage.close()
    return clean_text(raw)


def clean_text(raw: str) -> str:
    """The text of a page as PDFium gives it, with whole words and "\\n" line ends."""
    text = _LINE_END.sub("\n", _DIVISION.sub(_undivided, raw))
    return _BLANK_LINES.sub("\n\n", _MEANINGLESS.sub("", text)).strip()


def _undivided(found: re.Match[str]) -> str:
    """A divided word made whole, or a compound with its hyphen: "Linux-Kernel", "DOE-Macsyma"."""
    before, after = found["before"], found["after"]
    is_one_word = after[:1].islower() or (before.isupper() and len(after) == 2 and after.isupper())
    return before + ("" if is_one_word else "-") + after


def _outline(pdf: pypdfium2.PdfDocument) -> tuple[list[int], list[str]]:
    """Page indexes at which the outline's entries begin, ascending, and the entries' titles."""
    entries: dict[int, str] = {}
    for bookmark in islice(pdf.get_toc(), _MOST_OUTLINE_ENTRIES):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        title = " ".join(bookmark.get_title().split())[:_LONGEST_HEADING]
        if page is not None and title:
            entries.setdefault(page, title)
    starts = sorted(entries)
    return starts, [entries[start] for start in starts]
