"""CSV and its relatives: rows are found whatever divides them and however they are encoded."""

from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.readers import delimited


def read(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return "".join(section.text for section in delimited.read(path, LIMITS))


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
def test_what_divides_the_cells_is_found_out(tmp_path: Path, divider: str) -> None:
    lines = [divider.join(cells) for cells in (["Name", "Sum"], ["Ann", "1"], ["Bob", "-2"])]
    assert read(tmp_path / "a.csv", "\n".join(lines).encode()) == "Name | Sum\nAnn | 1\nBob | -2"


def test_decimal_commas_do_not_divide(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"Year;Sum\n2023;-814,38\n2024;9,5\n") == (
        "Year | Sum\n2023 | -814,38\n2024 | 9,5"
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    content = "名前,住所\r\n佐藤太郎,東京\r\n".encode(encoding)
    assert read(tmp_path / "a.csv", content) == "名前 | 住所\n佐藤太郎 | 東京"


def test_quoted_cells_keep_dividers_and_line_ends(tmp_path: Path) -> None:
    content = b'Who,What\r\n"Miller, Ann","said ""no""\r\ntwice"\r\n'
    assert read(tmp_path / "a.csv", content) == 'Who | What\nMiller, Ann | said "no" twice'


def test_the_line_that_names_the_divider_is_no_row(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"sep=;\na;b\n1;2\n") == "a | b\n1 | 2"


def test_a_list_without_columns_is_read_as_text(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b"one\ntwo\n\nthree\n") == "one\ntwo\n\nthree"


def test_nothing_is_lost_behind_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    rest = "".join(f"word{number},{number}\n" for number in range(120_000))
    text = read(tmp_path / "a.csv", f'a,b\n"open,1\n{rest}'.encode())
    assert text.startswith("a | b")
    assert "word0,0\nword1,1\n" in text
    assert text.endswith("word119999,119999")


def test_a_file_that_is_nothing_but_zeros_and_quotes_ends(tmp_path: Path) -> None:
    assert '"' in read(tmp_path / "a.csv", b'"' * 200_001 + b"\n" + b"a,b\n" * 3)
