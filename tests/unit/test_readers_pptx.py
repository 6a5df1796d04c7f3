"""PPTX: what is on the slides and behind them, in the order of the show."""

from pathlib import Path

import pytest
from made_documents import LIMITS
from made_packages import drawn, package, pptx, relations, shape

from vext_desktop.documents.readers import pptx as pptx_reader
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome


def read(path: Path, limits: ReadLimits = LIMITS) -> list[Section]:
    return list(pptx_reader.read(path, limits))


def test_slides_come_in_the_order_of_the_show_with_number_and_title(tmp_path: Path) -> None:
    slides = [
        shape("a remark\nof two lines") + shape("The Title", "ctrTitle"),
        shape("no title here"),
    ]
    found = read(pptx(tmp_path / "a.pptx", slides))
    assert [(section.page, section.heading, section.text) for section in found] == [
        (1, "The Title", "a remark\nof two lines\n\nThe Title"),
        (2, "", "no title here"),
    ]


def test_tables_groups_breaks_and_split_runs_are_read(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    table = f"<a:tbl><a:tr>{cell('a')}{cell('b')}</a:tr><a:tr>{cell('c')}{cell('')}</a:tr></a:tbl>"
    runs = "<a:r><a:t>hel</a:t></a:r><a:r><a:t>lo</a:t></a:r><a:br/><a:r><a:t>you</a:t></a:r>"
    group = (
        f"<p:grpSp><p:grpSp><p:sp><p:txBody><a:p>{runs}</a:p></p:txBody></p:sp></p:grpSp></p:grpSp>"
    )
    found = read(pptx(tmp_path / "a.pptx", [f"<p:graphicFrame>{table}</p:graphicFrame>{group}"]))
    assert [section.text for section in found] == ["a\tb\nc\n\nhello\nyou"]


def test_notes_comments_charts_and_diagrams_belong_to_their_slide(tmp_path: Path) -> None:
    points = "<c:strCache><c:pt><c:v>North</c:v></c:pt><c:pt><c:v>South</c:v></c:pt></c:strCache>"
    beside = {
        "notes1.xml": ("notesSlide", drawn("p:notes", shape("say this") + shape("9", "sldNum"))),
        "comment1.xml": (
            "comments",
            drawn("p:cmLst", "<p:cm><p:text>is this right?</p:text></p:cm>"),
        ),
        "chart1.xml": (
            "chart",
            drawn("c:chart", f"<c:tx><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:tx>{points * 2}"),
        ),
        "data1.xml": ("diagramData", drawn("c:x", "<a:p><a:r><a:t>circle</a:t></a:r></a:p>")),
    }
    found = read(pptx(tmp_path / "a.pptx", [shape("Head", "title"), shape("next")], beside))
    assert [(section.page, section.heading) for section in found] == [
        (1, "Head"), (1, "Head"), (1, "Head"), (2, "")
    ]  # fmt: skip
    assert [section.text for section in found] == [
        "Head\n\ncircle\n\nSales\n\nNorth | South", "say this", "Comment: is this right?", "next"
    ]  # fmt: skip


def test_what_a_picture_shows_is_read_and_footers_only_once(tmp_path: Path) -> None:
    picture = '<p:pic><p:cNvPr id="4" name="Picture 3" descr="a red barn"/></p:pic>'
    slides = [picture + shape("ACME confidential", "ftr"), shape("ACME confidential", "ftr")]
    found = read(pptx(tmp_path / "a.pptx", slides))
    assert [section.text for section in found] == ["a red barn\n\nACME confidential"]


def test_the_copy_for_old_programs_is_not_read_twice(tmp_path: Path) -> None:
    both = f"<mc:Choice>{shape('new')}</mc:Choice><mc:Fallback>{shape('new')}</mc:Fallback>"
    found = read(pptx(tmp_path / "a.pptx", [f"<mc:AlternateContent>{both}</mc:AlternateContent>"]))
    assert [section.text for section in found] == ["new"]


def test_slides_without_their_list_are_taken_by_number(tmp_path: Path) -> None:
    parts = {f"ppt/slides/slide{n}.xml": drawn("p:sld", shape(f"slide {n}")) for n in (10, 2)}
    parts["ppt/presentation.xml"] = drawn("p:presentation", '<p:sldId id="256" r:id="lost"/>')
    found = read(package(tmp_path / "a.pptx", parts))
    assert [section.text for section in found] == ["slide 2", "slide 10"]


def test_a_presentation_without_its_main_part_is_damaged(tmp_path: Path) -> None:
    path = package(tmp_path / "a.pptx", {"ppt/x.xml": "<x/>", "_rels/.rels": relations()})
    with pytest.raises(ReadFailure) as raised:
        read(path)
    assert raised.value.outcome is Outcome.DAMAGED


def test_more_slides_than_the_limit_are_too_large(tmp_path: Path) -> None:
    path = pptx(tmp_path / "a.pptx", [shape("x")] * 3)
    with pytest.raises(ReadFailure, match="3 pages") as raised:
        read(path, ReadLimits(10**8, 2, 10**6, 10**9))
    assert raised.value.outcome is Outcome.TOO_LARGE
