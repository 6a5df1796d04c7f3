"""Text packed with gzip: read as what it is, within the limits; nothing else under that name."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.formats import is_supported, reader_for
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome


def packed(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def read(path: Path, limits: ReadLimits = LIMITS) -> list[Section]:
    return list(reader_for(path)(path, limits))


def outcome(path: Path, limits: ReadLimits = LIMITS) -> Outcome:
    with pytest.raises(ReadFailure) as raised:
        read(path, limits)
    return raised.value.outcome


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_packed_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    words = "Les élèves étaient très contents de leur journée.\n" * 20
    path = packed(tmp_path / "a.txt.gz", words.encode(encoding))
    assert "".join(section.text for section in read(path)) == words


def test_a_packed_table_keeps_its_rows(tmp_path: Path) -> None:
    path = packed(tmp_path / "prices.csv.gz", b"thing;price\nbread;3\nrent;900\n")
    assert read(path)[0].text == "thing | price\nbread | 3\nrent | 900"


def test_a_packed_markdown_keeps_its_headings(tmp_path: Path) -> None:
    path = packed(tmp_path / "notes.md.gz", b"# Bread\n\nKnead the dough.\n")
    assert read(path)[0].heading == "Bread"


@pytest.mark.parametrize("name", ["a.txt.gz", "A.LOG.GZ", "app.log.1.gz", "b.jsonl.gz", "c.srt.gz"])
def test_these_names_are_read(name: str) -> None:
    assert is_supported(name)


@pytest.mark.parametrize("name", ["a.tar.gz", "b.gz", "c.pdf.gz", "d.docx.gz", "e.1.gz", ".gz"])
def test_these_names_are_not(name: str) -> None:
    assert not is_supported(name)


def test_what_unpacks_beyond_the_limit_is_too_large(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.txt.gz", b"a line that is always the same\n" * 2_000_000)
    limits = replace(LIMITS, max_expansion=2, max_characters=1 << 40)
    assert outcome(path, limits) is Outcome.TOO_LARGE


def test_what_is_cut_off_or_no_gzip_is_damaged(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.txt.gz", b"".join(b"line %d\n" % n for n in range(5000)))
    whole.write_bytes(whole.read_bytes()[:-2000])
    assert outcome(whole) is Outcome.DAMAGED
    plain = tmp_path / "b.txt.gz"
    plain.write_text("only named so")
    assert outcome(plain) is Outcome.DAMAGED


def test_what_is_no_text_inside_is_unsupported(tmp_path: Path) -> None:
    assert outcome(packed(tmp_path / "a.txt.gz", bytes(range(256)) * 50)) is Outcome.UNSUPPORTED
