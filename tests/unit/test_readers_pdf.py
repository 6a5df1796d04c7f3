"""PDF: page by page, and a name for each way in which there is nothing to read."""

from pathlib import Path

import psutil
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
from made_documents import LIMITS, locked_pdf, pdf, pdf_of, stream

from vext_desktop.documents.readers import pdf as pdf_reader
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome


def read(tmp_path: Path, content: bytes, limits: ReadLimits = LIMITS) -> list[Section]:
    path = tmp_path / "ünïcode.pdf"
    path.write_bytes(content)
    return list(pdf_reader.read(path, limits))


def outcome(tmp_path: Path, content: bytes, limits: ReadLimits = LIMITS) -> Outcome:
    with pytest.raises(ReadFailure) as raised:
        read(tmp_path, content, limits)
    return raised.value.outcome


def files_in_hand() -> set[Path]:
    return {Path(file.path) for file in psutil.Process().open_files()}


def test_each_page_is_a_section(tmp_path: Path) -> None:
    found = read(tmp_path, pdf([["First page.", "Second line."], [], ["Third page."]]))
    assert [(section.page, section.text) for section in found] == [
        (1, "First page.\nSecond line."),
        (3, "Third page."),
    ]


def test_the_outline_gives_the_headings(tmp_path: Path) -> None:
    content = pdf([["a"], ["b"], ["c"], ["d"]], outline={"Start": 1, "End": 3})
    assert [section.heading for section in read(tmp_path, content)] == ["", "Start", "Start", "End"]


def test_a_locked_pdf_is_set_aside_with_a_reason(tmp_path: Path) -> None:
    assert outcome(tmp_path, locked_pdf()) is Outcome.LOCKED
    # The library's error code outlives the file: the next damaged one is not locked.
    assert outcome(tmp_path, b"%PDF-1.7\nrubbish") is Outcome.DAMAGED


def test_pages_of_pictures_have_no_text_layer(tmp_path: Path) -> None:
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, stream(b"0 0 5 5 re f")]
    assert outcome(tmp_path, pdf_of(objects)) is Outcome.NO_TEXT_LAYER


def test_blank_pages_are_empty(tmp_path: Path) -> None:
    assert outcome(tmp_path, pdf([[], []])) is Outcome.EMPTY


def test_a_pdf_without_pages_is_empty(tmp_path: Path) -> None:
    assert outcome(tmp_path, pdf([])) is Outcome.EMPTY


def test_half_a_pdf_is_damaged(tmp_path: Path) -> None:
    content = pdf([["text"]] * 20)
    assert outcome(tmp_path, content[: len(content) // 8]) is Outcome.DAMAGED


def test_too_many_pages_are_too_large(tmp_path: Path) -> None:
    limits = ReadLimits(10**8, 2, 10**6, 10**9)
    assert outcome(tmp_path, pdf([["a"], ["b"], ["c"]]), limits) is Outcome.TOO_LARGE


@pytest.mark.parametrize(
    ("raw", "whole"),
    [
        ("docu\x02mentation", "documentation"),
        ("docu\ufffe\r\nmentation", "documentation"),
        ("DOCU\x02MENTATION", "DOCUMENTATION"),
        ("DOE\x02Macsyma", "DOE-Macsyma"),
    ],
)
def test_divided_words_are_made_whole(raw: str, whole: str) -> None:
    assert pdf_reader.clean_text(raw) == whole


def test_signs_without_meaning_are_dropped_and_lines_kept() -> None:
    assert pdf_reader.clean_text("a\x13\x00b\r\nc\r\n \r\n\r\nd\f") == "ab\nc\n\nd"


def test_everything_is_closed_when_reading_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(pdf([["text"]] * 5))
    sections = pdf_reader.read(path, LIMITS)
    next(sections)
    assert path in files_in_hand()
    sections.close()  # type: ignore[attr-defined]  # a generator
    assert path not in files_in_hand()


def test_a_long_document_is_opened_anew_now_and_then_without_losing_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_reader, "_PAGES_IN_MEMORY", 2)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([[f"page {number}"] for number in range(7)], {"Head": 3}))
    found = [
        (section.page, section.heading, section.text) for section in pdf_reader.read(path, LIMITS)
    ]
    assert [page for page, _, _ in found] == [1, 2, 3, 4, 5, 6, 7]
    assert found[6] == (7, "Head", "page 6")


def test_comments_and_filled_in_fields_are_read(tmp_path: Path) -> None:
    notes = [
        b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (please check) >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (n) /Rect [0 0 9 9] /V (Ann Miller) >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /Rect [0 0 9 9] /V /Off >>",
        b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /Contents (a link) >>",
    ]
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Annots [%s] >>" % b" ".join(
        b"%d 0 R" % (4 + place) for place in range(len(notes))
    )
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    content = pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, *notes])
    assert [section.text for section in read(tmp_path, content)] == ["please check\n\nAnn Miller"]


def test_files_that_lie_in_a_pdf_are_named(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument(pdf([["text"]]))
    document.new_attachment("Übersicht.xlsx").set_data(b"x")
    path = tmp_path / "a.pdf"
    document.save(path)
    document.close()
    found = [section.text for section in pdf_reader.read(path, LIMITS)]
    assert found == ["text", "Attachments: Übersicht.xlsx"]
