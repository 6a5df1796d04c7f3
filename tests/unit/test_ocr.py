"""Scanned pages: read by Tesseract where that is wished and there, else with the reason why not."""

import os
import stat
from pathlib import Path

import pytest
from made_documents import pdf_of, stream

from vext_desktop.documents.readers import pdf as pdf_reader
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="the program of the tests is a shell script"
)

LIMITS = ReadLimits(10**8, 100, 10**6, 10**9, ocr_languages="eng+deu")
PICTURE = b"0 0 300 300 re f"
TEXT = b"BT /F1 12 Tf 50 50 Td (typed) Tj ET"


def scan(path: Path, contents: list[bytes]) -> Path:
    """A PDF with these drawings on its pages."""
    font = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    kids = b" ".join(b"%d 0 R" % (3 + 2 * place) for place in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents)),
    ]
    for place, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources %s >>" % (4 + 2 * place, font)
        )
        objects.append(stream(content))
    path.write_bytes(pdf_of(objects))
    return path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in Tesseract's place, the only one that is found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder / "tesseract"


def install(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def read(path: Path, limits: ReadLimits = LIMITS) -> list[Section]:
    return list(pdf_reader.read(path, limits))


def failure(path: Path, limits: ReadLimits = LIMITS) -> ReadFailure:
    with pytest.raises(ReadFailure) as raised:
        read(path, limits)
    return raised.value


def test_scanned_pages_are_read_as_grey_pictures_of_300_dots_per_inch(
    tmp_path: Path, program: Path
) -> None:
    install(program, f'echo "$@" > "{tmp_path}/asked"; /bin/cat > "{tmp_path}/seen"; echo scanned')
    found = read(scan(tmp_path / "a.pdf", [TEXT, PICTURE]))
    assert [(section.page, section.text) for section in found] == [(1, "typed"), (2, "scanned")]
    assert (tmp_path / "asked").read_text() == "stdin stdout -l eng+deu\n"
    head, _, pixels = (tmp_path / "seen").read_bytes().partition(b" 255\n")
    assert head == b"P5 2500 3334"
    assert len(pixels) == 2500 * 3334
    assert {pixels[0], pixels[-2500]} == {255, 0}, "the lower left is painted"


def test_without_the_wish_pictures_are_no_text(tmp_path: Path, program: Path) -> None:
    install(program, "echo scanned")
    found = failure(scan(tmp_path / "a.pdf", [PICTURE]), ReadLimits(10**8, 100, 10**6, 10**9))
    assert (found.outcome, found.reason) == (
        Outcome.NO_TEXT_LAYER, Outcome.NO_TEXT_LAYER.sentence
    )  # fmt: skip


def test_a_missing_program_is_the_reason_but_costs_no_page_with_text(
    tmp_path: Path, program: Path
) -> None:
    found = failure(scan(tmp_path / "a.pdf", [PICTURE]))
    assert found.outcome is Outcome.NO_TEXT_LAYER
    assert "not installed" in found.reason
    assert [section.text for section in read(scan(tmp_path / "b.pdf", [PICTURE, TEXT]))] == [
        "typed"
    ]


def test_a_missing_language_is_the_reason(tmp_path: Path, program: Path) -> None:
    install(program, "echo \"Failed loading language 'deu'\" >&2; exit 1")
    assert "eng+deu" in failure(scan(tmp_path / "a.pdf", [PICTURE])).reason


def test_pictures_without_text_say_so(tmp_path: Path, program: Path) -> None:
    install(program, "/bin/cat > /dev/null")
    assert "finds no text" in failure(scan(tmp_path / "a.pdf", [PICTURE])).reason


def test_a_page_that_takes_too_long_is_given_up(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(program, "exec /bin/sleep 60")
    monkeypatch.setattr("vext_desktop.documents.readers.ocr._PAGE_LIMIT_S", 0.3)
    assert failure(scan(tmp_path / "a.pdf", [PICTURE])).outcome is Outcome.NO_TEXT_LAYER
