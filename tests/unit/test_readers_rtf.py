"""RTF: the right characters, the right shape, and nothing that is not shown."""

from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.formats import reader_for
from vext_desktop.documents.readers import rtf
from vext_desktop.documents.section import ReadFailure, Section
from vext_desktop.outcomes import Outcome


def read(tmp_path: Path, body: bytes, head: bytes = rb"\ansi\ansicpg1252") -> list[Section]:
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1" + head + b" " + body + b"}")
    return list(rtf.read(path, LIMITS))


def text(tmp_path: Path, body: bytes, head: bytes = rb"\ansi\ansicpg1252") -> str:
    return "|".join(section.text for section in read(tmp_path, body, head))


def test_paragraphs_signs_and_formatting(tmp_path: Path) -> None:
    body = rb"{\b bold} and \i italic\i0\par next\line line\tab tab\~x\-y "
    body += rb"\{\}\\ \ldblquote q\rdblquote"
    assert text(tmp_path, body) == "bold and italic\n\nnext\nline\ttab xy {}\\ \u201cq\u201d"


def test_characters_come_from_code_pages_fonts_and_unicode(tmp_path: Path) -> None:
    fonts = rb"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 C;}}"
    body = fonts + rb"caf\'e9 \f1\'ef\'f0\f0  \f2\'93\'8c\'8b\'9e\'83A\f0  \u233?\uc2\u8364 EU.\uc1"
    body += rb"\u-10179?\u-9137?"
    assert (
        text(tmp_path, body) == "caf\u00e9 \u043f\u0440 \u6771\u4eac\u30a2 \u00e9\u20ac.\U0001f44f"
    )


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (rb"\mac", "\u00e9"), (rb"\ansi\ansicpg10000", "\u00e9"), (rb"\pc", "\u00c4"),
        (rb"\ansi\ansicpg1251", "\u040b"), (rb"\ansi\ansicpg99999", "\u017d"),
    ],
)  # fmt: skip
def test_the_code_page_of_the_document_counts(tmp_path: Path, head: bytes, shown: str) -> None:
    assert text(tmp_path, rb"\'8e", head) == shown


def test_pictures_styles_and_unknown_groups_are_not_text(tmp_path: Path) -> None:
    body = rb"{\*\unknown gone}{\pict\pngblip 89504e47}{\pict\bin4 }{}\}{\info{\title t}}shown"
    assert text(tmp_path, body) == "shown"


def test_binary_data_with_braces_does_not_disturb(tmp_path: Path) -> None:
    assert text(tmp_path, rb"{\pict\bin5 }}}}}}after") == "after"


def test_rows_of_tables_keep_their_cells(tmp_path: Path) -> None:
    row = rb"\trowd\pard\intbl a\par b\cell c\cell\row "
    assert text(tmp_path, b"x\\par " + row * 2 + rb"\pard y") == "x\na b\tc\na b\tc\n\ny"


def test_headings_are_known_by_style_name_or_level(tmp_path: Path) -> None:
    styles = rb"{\stylesheet{\s0 Normal;}{\s1\sb240 heading 1;}{\s7\outlinelevel0 Titre;}}"
    body = styles + rb"intro\par\pard\s1 One\par\pard\s0 text\par\pard\s7 Deux\par\pard more"
    assert [(section.heading, section.text) for section in read(tmp_path, body)] == [
        ("", "intro"), ("One", "One\n\ntext"), ("Deux", "Deux\n\nmore")
    ]  # fmt: skip


def test_notes_headers_and_comments_come_after_the_text(tmp_path: Path) -> None:
    body = rb"{\header\pard top\par}sen{\footnote\pard the note\par}tence"
    body += rb"{\*\atnid A}{\*\annotation{\*\atndate 1}why?}{\footer top}"
    found = [(section.heading, section.text) for section in read(tmp_path, body)]
    assert found == [
        ("", "sentence"), ("Header", "top"), ("Footnotes", "the note"), ("Comments", "why?")
    ]  # fmt: skip


def test_boxes_and_links_are_read_once_and_deleted_text_not_at_all(tmp_path: Path) -> None:
    box = rb"{\shp{\*\shpinst\shpleft1{\sp{\sn n}{\sv v}}{\shptxt\pard boxed\par}}{\shprslt boxed}}"
    link = rb'{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}'
    body = b"a" + box + link + rb"{\deleted gone}{\v hidden}"
    assert text(tmp_path, body) == "boxed\n\nalinkhidden"


def test_what_follows_the_document_is_not_part_of_it(tmp_path: Path) -> None:
    assert text(tmp_path, b"in} out") == "in"


def test_half_a_document_gives_what_it_has(tmp_path: Path) -> None:
    assert text(tmp_path, b"{{{deep \\'e") == "deep e"


def test_groups_nested_without_end_are_damage(tmp_path: Path) -> None:
    with pytest.raises(ReadFailure) as raised:
        read(tmp_path, b"{" * 20_000)
    assert raised.value.outcome is Outcome.DAMAGED


def test_rtf_under_the_name_of_an_old_word_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(rb"{\rtf1 dear}")
    assert [section.text for section in reader_for(path)(path, LIMITS)] == ["dear"]


def test_a_long_paragraph_comes_in_pieces(tmp_path: Path) -> None:
    found = read(tmp_path, rb"\pard" + rb"\u8364?\u-10179?\u-9137\'3f" * 100_000)
    assert len(found) > 2
    assert "".join(section.text for section in found) == "\u20ac\U0001f44f" * 100_000
    found = read(tmp_path, rb"word \b word\b0  " * 20_000)
    assert len(found) > 2
    assert "".join(section.text for section in found).count("word") == 40_000
