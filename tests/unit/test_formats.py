"""Which reader a file gets, and which reason a file gets that none can read."""

import zipfile
from pathlib import Path

import pytest
from made_documents import LIMITS, docx, paragraph, pdf
from made_packages import pptx, rows, shape, xlsx

from vext_desktop.documents.formats import (
    SUPPORTED_SUFFIXES,
    characters_per_byte,
    is_supported,
    reader_for,
)
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.outcomes import Outcome


def read(path: Path, limits: ReadLimits = LIMITS) -> str:
    return "".join(section.text for section in reader_for(path)(path, limits))


def failure(path: Path, limits: ReadLimits = LIMITS) -> ReadFailure:
    with pytest.raises(ReadFailure) as raised:
        read(path, limits)
    return raised.value


def test_a_pdf_named_as_a_word_file_is_read_as_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "really.docx"
    path.write_bytes(pdf([["portable"]]))
    assert read(path) == "portable"


def test_a_workbook_and_slides_under_other_names_are_read_as_such(tmp_path: Path) -> None:
    assert read(xlsx(tmp_path / "table.docx", {"s": rows(["cell"])})) == "s\ncell"
    assert read(pptx(tmp_path / "show.txt", [shape("slide")])) == "slide"


@pytest.mark.parametrize("name", ["really.pdf", "really.txt", "really.html"])
def test_a_word_file_under_another_name_is_read_as_one(tmp_path: Path, name: str) -> None:
    assert read(docx(tmp_path / name, paragraph("office"))) == "office"


def test_text_under_the_name_of_a_pdf_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "notes.pdf"
    path.write_text("just a note\n")
    assert read(path) == "just a note\n"


def test_a_web_page_under_the_name_of_a_word_file_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "export.docx"
    path.write_text("<html><body><p>exported</p></body></html>")
    assert read(path) == "exported"


@pytest.mark.parametrize(
    "content", [b"\x93\x01\x00\x07" * 99, b"1 0 obj << /Type /Page >> endobj startxref 9"]
)
def test_a_pdf_that_lost_its_beginning_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lost.pdf"
    path.write_bytes(content)
    assert failure(path).outcome is Outcome.DAMAGED


def test_an_encrypted_office_file_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "secret.docx"
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000)
    path.write_bytes(container + "EncryptedPackage".encode("utf-16-le"))
    assert failure(path).outcome is Outcome.LOCKED


def test_an_old_office_file_under_a_new_name_is_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "old.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    assert failure(path).outcome is Outcome.UNSUPPORTED


def test_another_archive_under_a_text_name_is_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("photo.jpg", "x")
    assert failure(path).outcome is Outcome.UNSUPPORTED


def test_half_an_archive_is_damaged(tmp_path: Path) -> None:
    path = docx(tmp_path / "half.docx", paragraph("text"))
    path.write_bytes(path.read_bytes()[:300])
    assert failure(path).outcome is Outcome.DAMAGED


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b""), ("a.pdf", b""), ("a.docx", b""), ("a.txt", b" \n "), ("a.html", b"<p> </p>")],
)
def test_a_file_without_text_is_empty(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert failure(path).outcome is Outcome.EMPTY


def test_a_file_that_is_gone_has_vanished(tmp_path: Path) -> None:
    assert failure(tmp_path / "gone.txt").outcome is Outcome.VANISHED


def test_a_file_that_may_not_be_opened_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "private.txt"
    path.write_text("x")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root, as in a container, may read everything
    assert failure(path).outcome is Outcome.UNREADABLE


def test_a_folder_under_a_files_name_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    assert failure(tmp_path / "folder.txt").outcome is Outcome.UNREADABLE


def test_an_unknown_kind_is_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x")
    assert failure(path).outcome is Outcome.UNSUPPORTED


def test_a_file_over_the_size_limit_is_too_large_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_text("x" * 3_000_000)
    found = failure(path, ReadLimits(2_000_000, 10, 10**7, 10**9))
    assert found.outcome is Outcome.TOO_LARGE
    assert "3 MB" in found.reason
    assert "2 MB" in found.reason


def test_more_characters_than_the_limit_are_too_large_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    path.write_text("<p>word</p>" * 1000)
    assert failure(path, ReadLimits(10**7, 10, 3000, 10**9)).outcome is Outcome.TOO_LARGE


def test_whatever_a_parser_stumbles_over_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(path: Path, limits: ReadLimits) -> None:
        raise RecursionError

    monkeypatch.setattr("vext_desktop.documents.readers.html.read", stumble)
    path = tmp_path / "page.html"
    path.write_text("<p>x")
    assert failure(path).outcome is Outcome.DAMAGED


@pytest.mark.parametrize("name", ["A.PDF", "b.py", "c.csv", "README", "Makefile", "d.Markdown"])
def test_names_are_known_in_any_case(name: str) -> None:
    assert is_supported(Path(name))


@pytest.mark.parametrize("name", ["a.exe", "b.jpg", "pdf", "noname", ".txt"])
def test_other_names_are_not(name: str) -> None:
    assert not is_supported(Path(name))


def test_every_kind_has_an_estimate_of_its_text() -> None:
    plain = SUPPORTED_SUFFIXES - {".gz"}
    assert all(0 < characters_per_byte(suffix) <= 1 for suffix in plain)
    assert characters_per_byte(".gz") > 1
    assert characters_per_byte(".PDF") == characters_per_byte(".pdf")
    assert characters_per_byte(".exe") == 0
