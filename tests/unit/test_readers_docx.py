"""DOCX: all the text that Word shows, in order; what is packed to harm is refused."""

import zipfile
from pathlib import Path

import pytest
from made_documents import LIMITS, docx, paragraph, word_xml

from vext_desktop.documents.readers import docx as docx_reader
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome

STYLES = word_xml(
    "styles",
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift1"/></w:style>'
    '<w:style w:styleId="Toc"><w:name w:val="TOC Heading"/><w:basedOn w:val="berschrift1"/>'
    '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>',
)


def read(path: Path, limits: ReadLimits = LIMITS) -> list[Section]:
    return list(docx_reader.read(path, limits))


def body_text(tmp_path: Path, body: str) -> str:
    return "|".join(section.text for section in read(docx(tmp_path / "a.docx", body)))


def outcome(path: Path, limits: ReadLimits = LIMITS) -> Outcome:
    with pytest.raises(ReadFailure) as raised:
        read(path, limits)
    return raised.value.outcome


def test_headings_are_known_by_their_built_in_name_in_any_language(tmp_path: Path) -> None:
    body = paragraph("Intro") + paragraph("Eins", "berschrift1") + paragraph("text")
    body += paragraph("Zwei", "Mine") + paragraph("Inhalt", "Toc")
    found = read(docx(tmp_path / "a.docx", body, {"styles": STYLES}))
    assert [(section.heading, section.text) for section in found] == [
        ("", "Intro"),
        ("Eins", "Eins\n\ntext"),
        ("Zwei", "Zwei\n\nInhalt"),
    ]


def test_tables_are_read_row_by_row_with_tabs(tmp_path: Path) -> None:
    def cell(*lines: str) -> str:
        return f"<w:tc>{''.join(paragraph(line) for line in lines)}</w:tc>"

    rows = f"<w:tr>{cell('a', 'b')}{cell('c')}</w:tr><w:tr>{cell('d')}{cell('')}</w:tr>"
    assert body_text(tmp_path, f"{paragraph('x')}<w:tbl>{rows}</w:tbl>{paragraph('y')}") == (
        "x\na b\tc\nd\n\ny"
    )


def test_tables_in_tables_are_read(tmp_path: Path) -> None:
    nested = paragraph("innermost")
    for _ in range(30):
        nested = f"<w:tbl><w:tr><w:tc>{nested}</w:tc></w:tr></w:tbl>"
    assert body_text(tmp_path, nested) == "innermost"


def test_notes_comments_headers_and_footers_come_after_the_text(tmp_path: Path) -> None:
    parts = {
        kind: word_xml(kind, paragraph(f"the {kind}"))
        for kind in ("footer", "comments", "footnotes", "header", "endnotes")
    }
    found = read(docx(tmp_path / "a.docx", paragraph("body"), parts))
    assert [section.text for section in found] == [
        "body", "the footnotes", "the endnotes", "the comments", "the header", "the footer"
    ]  # fmt: skip


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph('boxed')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    text = body_text(
        tmp_path, f"<w:p><w:r>{both}</mc:AlternateContent><w:t>round</w:t></w:r></w:p>"
    )
    assert text == "boxed\n\nround"


def test_deleted_text_and_field_codes_are_not_read(tmp_path: Path) -> None:
    runs = "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:instrText>PAGE</w:instrText>"
    runs += "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>new</w:t></w:r>"
    assert body_text(tmp_path, f"<w:p>{runs}</w:ins></w:p>") == "new"


def test_tabs_breaks_and_split_runs_keep_words_as_they_are(tmp_path: Path) -> None:
    runs = "<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>hel</w:t></w:r><w:r><w:t>lo</w:t>"
    runs += "<w:tab/><w:t>a</w:t><w:br/><w:t>b</w:t><w:noBreakHyphen/><w:t>c</w:t></w:r>"
    assert body_text(tmp_path, f"<w:p>{runs}</w:p>") == "hello\ta\nb-c"


def test_a_truncated_file_is_damaged(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("text") * 500)
    path.write_bytes(path.read_bytes()[:-200])
    assert outcome(path) is Outcome.DAMAGED


def test_broken_xml_is_damaged(tmp_path: Path) -> None:
    assert outcome(docx(tmp_path / "a.docx", "<w:p><w:r></w:p>")) is Outcome.DAMAGED


def test_a_file_without_a_document_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/other.xml", "<x/>")
    assert outcome(path) is Outcome.DAMAGED


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE d [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused(tmp_path: Path, declaration: str) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", declaration + word_xml("document", paragraph("&b;")))
    assert outcome(path) is Outcome.DAMAGED


def test_what_unpacks_to_far_more_than_the_limit_is_too_large(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", " " * 5_000_000)
    assert path.stat().st_size < 20_000
    assert outcome(path, ReadLimits(1_000_000, 10, 10**7, 10**9)) is Outcome.TOO_LARGE


def test_one_huge_paragraph_comes_in_pieces(tmp_path: Path) -> None:
    found = read(docx(tmp_path / "a.docx", paragraph("word " * 100_000)))
    assert len(found) > 3
    assert "".join(section.text for section in found) == "word " * 100_000


def test_what_a_picture_shows_is_read(tmp_path: Path) -> None:
    picture = '<w:drawing><wps:docPr name="Picture 1" descr="a red barn"/></w:drawing>'
    text = body_text(tmp_path, f"<w:p><w:r><w:t>see</w:t>{picture}<w:t>here</w:t></w:r></w:p>")
    assert text == "see a red barn here"


def test_the_text_of_charts_and_diagrams_is_read(tmp_path: Path) -> None:
    drawn = "<a:p><a:r><a:t>{}</a:t></a:r></a:p>"
    points = "<a:strCache><a:pt><a:v>North</a:v></a:pt></a:strCache>"
    parts = {
        "chart": f'<a:chart xmlns:a="a">{drawn.format("Sales")}{points}</a:chart>',
        "diagramData": f'<a:data xmlns:a="a">{drawn.format("circle")}</a:data>',
    }
    found = read(docx(tmp_path / "a.docx", paragraph("body"), parts))
    assert [(section.heading, section.text) for section in found] == [
        ("", "body"), ("Diagram", "circle"), ("Chart", "Sales\n\nNorth")
    ]  # fmt: skip


def test_damage_beside_the_text_costs_only_what_is_damaged(tmp_path: Path) -> None:
    parts = {"footnotes": "<broken", "comments": word_xml("comments", paragraph("why?"))}
    found = read(docx(tmp_path / "a.docx", paragraph("body"), parts))
    assert [section.text for section in found] == ["body", "why?"]
