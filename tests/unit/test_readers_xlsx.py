"""XLSX: every sheet, readable rows, numbers as they are shown, and what is beside the cells."""

from pathlib import Path

import pytest
from made_documents import LIMITS
from made_packages import drawn, package, rows, shape, xlsx

from vext_desktop.documents.readers import xlsx as xlsx_reader
from vext_desktop.documents.readers.number_formats import NumberFormat
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome


def read(path: Path, limits: ReadLimits = LIMITS) -> list[Section]:
    return list(xlsx_reader.read(path, limits))


def sheet_text(path: Path, content: str, **parts: str) -> str:
    text = "|".join(section.text for section in read(xlsx(path, {"s": content}, **parts)))
    assert text.startswith("s\n"), "the name of the sheet"
    return text[2:]


def test_each_sheet_stands_under_its_name_also_a_hidden_one(tmp_path: Path) -> None:
    sheets = {"Prices": rows(["a", 1]), "hidden one": rows(["b"])}
    found = read(xlsx(tmp_path / "a.xlsx", sheets))
    assert [(section.heading, section.text) for section in found] == [
        ("Prices", "Prices\na | 1"), ("hidden one", "hidden one\nb")
    ]  # fmt: skip


def test_the_header_comes_again_with_each_block_of_rows(tmp_path: Path) -> None:
    lines: list[list[str | float]] = [["List of towns"], ["Town", "People"]]
    lines += [[f"Some town number {number}", number] for number in range(100)]
    text = sheet_text(tmp_path / "a.xlsx", rows(*lines))
    blocks = text.split("\n\n")
    assert blocks[0].startswith("List of towns\nTown | People\nSome town number 0 | 0\n")
    assert len(blocks) > 2
    assert all(block.startswith("Town | People\nSome town") for block in blocks[1:])
    assert all(len(block) <= 1000 for block in blocks)
    assert text.count("Some town number 57 | 57") == 1


def test_figures_in_the_first_row_are_no_header(tmp_path: Path) -> None:
    lines: list[list[str | float]] = [[f"row {number}" * 5, number] for number in range(100)]
    text = sheet_text(tmp_path / "a.xlsx", rows(*lines))
    assert text.count("row 0") == 5


def test_shared_texts_are_joined_and_reading_aids_left_out(tmp_path: Path) -> None:
    texts = "<si><r><t>rich </t></r><r><t>text</t></r><rPh><t>aid</t></rPh></si><si><t>b</t></si>"
    cells = '<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>99</v></c></row>'
    text = sheet_text(tmp_path / "a.xlsx", f"<sheetData>{cells}</sheetData>", texts=texts)
    assert text == "b | rich text"


def test_dates_are_dates_and_shares_are_shares(tmp_path: Path) -> None:
    styles = '<numFmts><numFmt numFmtId="165" formatCode="dd\\.mm\\.yyyy"/></numFmts>'
    styles += '<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
    styles += '<xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="10"/></cellXfs>'
    cells = "".join(
        f'<c s="{style}"><v>{value}</v></c>'
        for style, value in ((1, 45292), (2, 45292.75), (3, 0.075), (0, 0.30000000000000004))
    )
    text = sheet_text(
        tmp_path / "a.xlsx", f"<sheetData><row>{cells}</row></sheetData>", styles=styles
    )
    assert text == "2024-01-01 | 2024-01-01 18:00 | 7.50% | 0.3"


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("[$-407]d/ mmmm yyyy;@", "45292", "2024-01-01"),
        ("h:mm AM/PM", "0.5", "12:00:00"),
        ('#,##0.00 "days"', "3", "3"),
        ("[Red]0.00", "3", "3"),
        ("0%", "0.5", "50%"),
        ("General", "1.1000000000000001", "1.1"),
        ("yyyy-mm-dd", "-5", "-5"),
        ("yyyy", "no number", "no number"),
    ],
)
def test_number_formats_are_understood(code: str, value: str, shown: str) -> None:
    assert NumberFormat(170, code).text(value) == shown


def test_formulas_show_their_value_or_else_themselves(tmp_path: Path) -> None:
    cells = '<row><c><f>SUM(A1)</f><v>6</v></c><c t="str"><f>T(1)</f><v>six</v></c>'
    cells += '<c><f>NOW()</f></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
    text = sheet_text(tmp_path / "a.xlsx", f"<sheetData>{cells}</sheetData>")
    assert text == "6 | six | =NOW() | TRUE | #N/A"


def test_cells_that_are_far_apart_cost_nothing(tmp_path: Path) -> None:
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    cells = f'<row r="1">{cell.format("A1", "first")}{cell.format("XFD1", "wide")}</row>'
    cells += f'<row r="1048576">{cell.format("XFD1048576", "last")}</row>'
    text = sheet_text(tmp_path / "a.xlsx", f"<sheetData>{cells}</sheetData>")
    assert text.startswith("first | |")
    assert text.endswith("| wide\nlast")
    assert len(text) < 60


def test_empty_cells_stay_visible_where_they_are_few(tmp_path: Path) -> None:
    cell = '<c r="{}"><v>{}</v></c>'
    cells = "".join(cell.format(place, place[1:]) for place in ("C1", "E1", "H1"))
    text = sheet_text(tmp_path / "a.xlsx", f'<sheetData><row r="1">{cells}</row></sheetData>')
    assert text == "| | 1 | | 1 | | | 1"


def test_comments_text_boxes_and_page_headers_are_not_lost(tmp_path: Path) -> None:
    comment = '<comment ref="B2"><text><r><t>check </t></r><r><t>this</t></r></text></comment>'
    beside = {
        "comments1.xml": ("comments", drawn("x", comment)),
        "drawing1.xml": ("drawing", drawn("xdr:wsDr", shape("in a box"))),
    }
    content = (
        rows(["cell"])
        + "<headerFooter><oddHeader>&amp;LDraft&amp;R&amp;P</oddHeader></headerFooter>"
    )
    found = read(xlsx(tmp_path / "a.xlsx", {"s": content}, beside=beside))
    assert [section.text for section in found] == [
        "s\ncell", "in a box", "Comment on B2: check this", "Draft"
    ]  # fmt: skip
    assert {section.heading for section in found} == {"s"}


def test_many_rows_come_in_pieces(tmp_path: Path) -> None:
    lines: list[list[str | float]] = [["word " * 20, number] for number in range(3000)]
    found = read(xlsx(tmp_path / "a.xlsx", {"s": rows(*lines)}))
    assert len(found) > 3
    assert all(section.continues for section in found[1:])


def test_more_shared_text_than_the_limit_is_too_large(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"s": ""}, texts=f"<si><t>{'x' * 900}</t></si>" * 2)
    with pytest.raises(ReadFailure) as raised:
        read(path, ReadLimits(10**8, 10, 1000, 10**9))
    assert raised.value.outcome is Outcome.TOO_LARGE


def test_an_archive_of_too_many_files_is_too_large(tmp_path: Path) -> None:
    path = package(tmp_path / "a.xlsx", {f"xl/{number}": "" for number in range(30)})
    with pytest.raises(ReadFailure, match="30 files") as raised:
        read(path, ReadLimits(10**8, 10, 1000, 10**9, max_members=20))
    assert raised.value.outcome is Outcome.TOO_LARGE


def test_what_expands_far_too_much_is_too_large(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"s": " " * 60_000_000})
    with pytest.raises(ReadFailure, match="Unpacked") as raised:
        read(path)
    assert raised.value.outcome is Outcome.TOO_LARGE


def test_a_workbook_without_its_relations_is_read_by_the_usual_names(tmp_path: Path) -> None:
    parts = {
        "xl/workbook.xml": '<workbook><sheet name="One"/></workbook>',
        "xl/worksheets/sheet1.xml": '<worksheet><row><c t="s"><v>0</v></c></row></worksheet>',
        "xl/sharedStrings.xml": "<sst><si><t>shared</t></si></sst>",
    }
    assert [section.text for section in read(package(tmp_path / "a.xlsx", parts))] == [
        "One\nshared"
    ]
