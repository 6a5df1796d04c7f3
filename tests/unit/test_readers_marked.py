"""Notebooks, subtitles and reStructuredText: the text, under what it is found by."""

import json
from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.formats import reader_for
from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome


def found(path: Path, content: str) -> list[tuple[str, str]]:
    path.write_text(content, encoding="utf-8")
    return [(section.heading, section.text) for section in reader_for(path)(path, LIMITS)]


def test_a_notebook_is_read_cell_by_cell_with_what_it_printed(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "source": "import x"},
        {"cell_type": "markdown", "source": ["# The Title #\n", "text"]},
        {"cell_type": "code", "source": "1/0", "outputs": [
            {"output_type": "stream", "text": ["out\n"]},
            {"data": {"text/plain": "2", "text/html": "<b>2</b>", "image/png": "AAAA"}},
            {"data": {"text/html": "<table><tr><td>a<td>b</table>"}},
            {"traceback": ["\u001b[31mZeroDivisionError\u001b[0m"]},
        ]},
    ]  # fmt: skip
    assert found(tmp_path / "a.ipynb", json.dumps({"cells": cells})) == [
        ("", "import x"),
        ("The Title", "# The Title #\ntext\n\n1/0\n\nout\n\n2\n\na\tb\n\nZeroDivisionError"),
    ]


def test_an_old_notebook_is_read_too(tmp_path: Path) -> None:
    cells = [{"cell_type": "heading", "source": "Head"}, {"cell_type": "code", "input": ["x"]}]
    assert found(tmp_path / "a.ipynb", json.dumps({"worksheets": [{"cells": cells}]})) == [
        ("Head", "Head\n\nx")
    ]


@pytest.mark.parametrize("content", ["{", "[]", '{"cells": 3, "x": [', '{"other": 1}'])
def test_what_is_no_notebook_is_damaged(tmp_path: Path, content: str) -> None:
    with pytest.raises(ReadFailure) as raised:
        found(tmp_path / "a.ipynb", content)
    assert raised.value.outcome is Outcome.DAMAGED


def test_subtitles_lose_times_and_numbers_and_each_section_knows_its_time(tmp_path: Path) -> None:
    content = "1\n00:00:01,000 --> 00:00:02,000\n<i>Hello</i>\nworld\n\n2\n"
    content += "00:00:03,000 --> 00:00:04,000\n42 cakes\n00:00:05,000 --> 00:00:06,000\nBye\n"
    content += "\n4\n00:02:00,000 --> 00:02:01,000\n{\\an8}" + "long " * 120
    content += "\n\n5\n01:00:00,000 --> 01:00:01,000\nend\n"
    (first, said), second = found(tmp_path / "a.srt", content)
    assert (first, said.split("\n")[:4]) == ("00:00:01", ["Hello", "world", "42 cakes", "Bye"])
    assert said.endswith("Bye\n" + ("long " * 120).strip())
    assert second == ("01:00:00", "end")


def test_webvtt_notes_are_read_and_styles_are_not(tmp_path: Path) -> None:
    content = "WEBVTT - Title\n\nSTYLE\n::cue { color: red }\n\nintro\n"
    content += "00:01.000 --> 00:02.000 line:0\n<v Ann>Tea &amp; cake<00:01.500></v>\n"
    content += "\nNOTE a remark\n"
    assert found(tmp_path / "a.vtt", content) == [("00:00:01", "Tea & cake\na remark")]


def test_ass_subtitles_are_read_without_their_styles(tmp_path: Path) -> None:
    content = "[Events]\nFormat: Layer, Start\n"
    content += "Dialogue: 0,0:01:02.50,0:01:04.00,Default,,0,0,0,,{\\i1}One, two{\\i0}\\Nthree\n"
    assert found(tmp_path / "a.ass", content) == [("00:01:02", "One, two\nthree")]


def test_headings_of_restructuredtext_are_underlined(tmp_path: Path) -> None:
    content = (
        "=====\nTitle\n=====\n\nintro\n\nPart one\n--------\ntext\n\n==== ====\na    b\n==== ====\n"
    )
    content += "\nno\nheading\n-------\n\n----\n\nEnd\n~~~\n"
    sections = found(tmp_path / "a.rst", content)
    assert [heading for heading, _ in sections] == ["Title", "Part one", "End"]
    assert "".join(text for _, text in sections) == content
