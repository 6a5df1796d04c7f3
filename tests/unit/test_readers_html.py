"""HTML: what a person sees on the page, and nothing of what they do not."""

from pathlib import Path

import pytest
from made_documents import LIMITS

from vext_desktop.documents.readers import html
from vext_desktop.documents.section import Section

RUSSIAN = "Съешь же ещё этих мягких французских булок"


def read(tmp_path: Path, content: str | bytes) -> list[Section]:
    path = tmp_path / "page.html"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(html.read(path, LIMITS))


def body(tmp_path: Path, content: str) -> str:
    return "|".join(section.text for section in read(tmp_path, f"<body>{content}</body>"))


def test_title_and_headings_make_sections(tmp_path: Path) -> None:
    found = read(
        tmp_path, "<title>The\n page</title><p>intro<h1>One <b>bold</b></h1><p>a<h2></h2><p>b"
    )
    assert [(section.heading, section.text) for section in found] == [
        ("The page", "The page"),
        ("The page", "intro"),
        ("One bold", "One bold\n\na"),
        ("One bold", "b"),
    ]


def test_scripts_styles_and_comments_are_left_out(tmp_path: Path) -> None:
    content = "<script>evil()</script><style>p{}</style><!-- c --><p>text<noscript>no</noscript>"
    assert body(tmp_path, content) == "text"


def test_paragraphs_lists_and_breaks_keep_their_lines(tmp_path: Path) -> None:
    content = "<p>one\n  two</p><p>three</p><ul><li>a<li>b</ul>x<br>y<br><br>z"
    assert body(tmp_path, content) == "one two\n\nthree\n\na\nb\n\nx\ny\n\nz"


def test_words_in_inline_elements_are_not_torn_or_glued(tmp_path: Path) -> None:
    assert body(tmp_path, "<p>a<b>b</b>c <i>d</i> e<span> f</span></p>") == "abc d e f"


def test_table_rows_are_lines_of_cells(tmp_path: Path) -> None:
    content = "<table><tr><th>h1<th>h2<tr><td><p>a</p></td><td><p>b</p></td></table>end"
    assert body(tmp_path, content) == "h1\th2\na\tb\n\nend"


def test_preformatted_text_keeps_its_lines(tmp_path: Path) -> None:
    assert body(tmp_path, "<p>x</p><pre>def f():\n    <b>return</b> 1\n</pre>") == (
        "x\n\ndef f():\n    return 1\n"
    )


def test_runs_of_blank_lines_collapse(tmp_path: Path) -> None:
    assert "\n\n\n" not in body(
        tmp_path, "<div><p>a</p><div></div></div><br><br><br><pre>\n\n\n\nb"
    )


@pytest.mark.parametrize(
    "content",
    [
        f'<meta charset="windows-1251"><p>{RUSSIAN}'.encode("cp1251"),
        f'<meta content="text/html; charset=koi8-r"><p>{RUSSIAN}'.encode("koi8-r"),
        f"<p>{RUSSIAN}".encode("utf-16"),
        f"<p>{RUSSIAN}".encode(),
        f'<meta charset="utf-8"><p>{RUSSIAN * 3}'.encode("cp1251"),
        f'<meta charset="iso-8859-1"><p>{RUSSIAN}'.encode(),
    ],
)
def test_the_evidence_of_the_bytes_wins_over_what_is_declared(
    tmp_path: Path, content: bytes
) -> None:
    assert RUSSIAN in read(tmp_path, content)[-1].text


def test_deep_nesting_needs_no_recursion(tmp_path: Path) -> None:
    assert body(tmp_path, "<div>" * 5000 + "pearl" + "</div>" * 5000) == "pearl"


def test_a_long_page_comes_in_pieces_with_nothing_lost(tmp_path: Path) -> None:
    found = read(tmp_path, "<h1>Long</h1>" + "<p>some words</p>" * 20_000)
    assert len(found) > 2
    assert [section.continues for section in found] == [False] + [True] * (len(found) - 1)
    assert "".join(section.text for section in found) == "Long" + "\n\nsome words" * 20_000


def test_what_pictures_show_is_read_and_aids_above_characters_are_not(tmp_path: Path) -> None:
    content = '<p>see <img alt="a red barn">!<img></p><ruby>漢<rp>(<rt>kan<rp>)</ruby>字'
    assert body(tmp_path, content) == "see a red barn !\n\n漢字"


def test_elements_of_xhtml_that_close_at_once_do_not_take_the_rest(tmp_path: Path) -> None:
    content = '<?xml version="1.0"?><html xmlns="x"><head><title/><script src="y"/></head>'
    content += '<body><p>one<a id="z"/><br/>two</p></body></html>'
    assert [section.text for section in read(tmp_path, content)] == ["one\ntwo"]
