"""OpenDocument: texts, sheets and slides, packed and flat, with all that stands beside the text."""

from pathlib import Path

import pytest
from made_documents import LIMITS
from made_packages import package

from vext_desktop.documents.formats import reader_for
from vext_desktop.documents.readers import odf
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome

_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "text", "table", "draw", "presentation", "style")
)
_SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:svg="urn:svg"'


def part(name: str, content: str) -> str:
    return f"<office:{name} {_SPACES}>{content}</office:{name}>"


def odt(path: Path, body: str, **parts: str) -> Path:
    content = part("document-content", f"<office:body>{body}</office:body>")
    return package(path, {"mimetype": "application/x", "content.xml": content, **parts})


def read(path: Path, limits: ReadLimits = LIMITS) -> list[Section]:
    return list(odf.read(path, limits))


def found(path: Path) -> list[tuple[int | None, str, str]]:
    return [(section.page, section.heading, section.text) for section in read(path)]


def test_headings_lists_spaces_and_signs_are_read(tmp_path: Path) -> None:
    body = '<text:p>Before</text:p><text:h text:outline-level="1">Head</text:h>'
    body += (
        "<text:p>a<text:s/>b<text:tab/>c<text:line-break/>d\n   e <text:span>f</text:span></text:p>"
    )
    body += "<text:list><text:list-item><text:p>one</text:p></text:list-item>"
    body += "<text:list-item><text:p>two</text:p></text:list-item></text:list>"
    assert found(odt(tmp_path / "a.odt", f"<office:text>{body}</office:text>")) == [
        (None, "", "Before"),
        (None, "Head", "Head\n\na b\tc\nd e f\none\ntwo"),
    ]


def test_deleted_text_is_left_out_and_notes_come_after_the_text(tmp_path: Path) -> None:
    body = "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:p>sen"
    body += "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
    body += "<text:p>the note</text:p></text:note-body></text:note>tence"
    body += "<office:annotation><dc:creator>Ann</dc:creator><text:p>why?</text:p>"
    body += "</office:annotation></text:p>"
    styles = part("document-styles", "<style:footer><text:p>foot</text:p></style:footer>" * 2)
    path = odt(tmp_path / "a.odt", f"<office:text>{body}</office:text>", **{"styles.xml": styles})
    assert found(path) == [
        (None, "", "sentence"),
        (None, "Footnotes", "the note"),
        (None, "Comments", "why?"),
        (None, "", "foot"),
    ]


def test_text_boxes_tables_and_descriptions_are_read(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cell.format('a')}{cell.format('b')}</table:table-row>"
    body = "<text:p><draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box>"
    body += "<svg:desc>a barn</svg:desc></draw:frame>round</text:p>"
    body += f"<table:table>{row}</table:table>"
    path = odt(tmp_path / "a.odt", f"<office:text>{body}</office:text>")
    assert found(path) == [(None, "", "boxed\n\na barn\n\nround\na\tb")]


def test_sheets_are_tables_under_their_names(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    gap = '<table:table-cell table:number-columns-repeated="16000"/>'
    value = '<table:table-cell office:date-value="2024-05-01"/>'
    rows = f"<table:table-row>{cell.format('Day')}{cell.format('Who')}{gap}</table:table-row>"
    rows += f'<table:table-row table:number-rows-repeated="9">{value}{cell.format("Ann")}'
    rows += f"</table:table-row><table:table-row>{gap}</table:table-row>"
    body = f'<table:table table:name="Plan">{rows}</table:table>' * 2
    path = odt(tmp_path / "a.ods", f"<office:spreadsheet>{body}</office:spreadsheet>")
    assert found(path) == [(None, "Plan", "Plan\nDay | Who\n2024-05-01 | Ann")] * 2


def test_slides_have_numbers_titles_and_notes(tmp_path: Path) -> None:
    title = '<draw:frame presentation:class="title"><draw:text-box><text:p>Big</text:p>'
    title += "</draw:text-box></draw:frame>"
    notes = "<presentation:notes><text:p>say it</text:p></presentation:notes>"
    pages = f'<draw:page draw:name="p" draw:master-page-name="m">{title}{notes}</draw:page>'
    pages += '<draw:page draw:name="q" draw:master-page-name="m"><text:p>x</text:p></draw:page>'
    path = odt(tmp_path / "a.odp", f"<office:presentation>{pages}</office:presentation>")
    assert found(path) == [(1, "Big", "Big"), (1, "Big", "say it"), (2, "", "x")]
    with pytest.raises(ReadFailure) as raised:
        read(path, ReadLimits(10**8, 1, 10**6, 10**9))
    assert raised.value.outcome is Outcome.TOO_LARGE


def test_a_flat_file_is_read_like_a_packed_one(tmp_path: Path) -> None:
    path = tmp_path / "a.fodt"
    content = part("document", "<office:meta><dc:title>t</dc:title></office:meta><office:body>"
                   "<office:text><text:p>flat</text:p></office:text></office:body>")  # fmt: skip
    path.write_text(content)
    assert found(path) == [(None, "", "flat")]
    assert "".join(section.text for section in reader_for(path)(path, LIMITS)) == "flat"


def test_embedded_objects_are_read_and_damage_in_them_costs_only_them(tmp_path: Path) -> None:
    inner = part("document-content", "<office:body><text:p>inner</text:p></office:body>")
    parts = {"Object 1/content.xml": "<broken", "Object 2/content.xml": inner}
    path = odt(tmp_path / "a.odt", "<office:text><text:p>outer</text:p></office:text>", **parts)
    assert [text for _, _, text in found(path)] == ["outer", "inner"]


def test_an_encrypted_file_is_locked(tmp_path: Path) -> None:
    manifest = {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}
    with pytest.raises(ReadFailure) as raised:
        read(odt(tmp_path / "a.odt", "", **manifest))
    assert raised.value.outcome is Outcome.LOCKED


def test_entities_of_a_document_type_are_refused_and_files_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    declared = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    body = part("document-content", "<office:body><text:p>&e;</text:p></office:body>")
    with pytest.raises(ReadFailure) as raised:
        read(package(tmp_path / "a.odt", {"content.xml": declared + body}))
    assert raised.value.outcome is Outcome.DAMAGED
