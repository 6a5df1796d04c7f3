"""Markdown: the text as it is, under its headings."""

from pathlib import Path

from made_documents import LIMITS

from vext_desktop.documents.readers import markdown


def read(tmp_path: Path, content: str) -> list[tuple[str, str]]:
    path = tmp_path / "page.md"
    path.write_text(content)
    sections = list(markdown.read(path, LIMITS))
    assert "".join(section.text for section in sections) == content
    assert all(section.continues == (place > 0) for place, section in enumerate(sections))
    return [(section.heading, section.text) for section in sections]


def test_each_heading_begins_a_section(tmp_path: Path) -> None:
    found = read(tmp_path, "Before.\n\n# One #\ntext\n## Two\n\nmore\n")
    assert found == [("", "Before.\n\n"), ("One", "# One #\ntext\n"), ("Two", "## Two\n\nmore\n")]


def test_underlined_headings_count(tmp_path: Path) -> None:
    found = read(tmp_path, "Title\n=====\n\ntext\n\nPart\n----\nmore\n")
    assert [heading for heading, _ in found] == ["Title", "Part"]


def test_markup_in_a_heading_is_left_out_of_its_name(tmp_path: Path) -> None:
    assert read(tmp_path, "# The `code` of *[us](http://x)*\n")[0][0] == "The code of us"


def test_what_only_looks_like_a_heading_is_text(tmp_path: Path) -> None:
    content = "#hashtag\n\n- item\n---\n| a |\n---\n\n```sh\n# comment\nx\n===\n```\n\ntext\n"
    assert [heading for heading, _ in read(tmp_path, content)] == [""]


def test_inline_code_in_a_line_of_its_own_opens_no_block(tmp_path: Path) -> None:
    assert read(tmp_path, "```inline```\n# Real\n")[-1][0] == "Real"


def test_front_matter_is_no_heading(tmp_path: Path) -> None:
    found = read(tmp_path, "---\ntitle: x\ntags: y\n---\n# Real\ntext\n")
    assert [heading for heading, _ in found] == ["", "Real"]


def test_a_rule_on_top_hides_no_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "---\n\n# Real\n")[-1][0] == "Real"


def test_a_long_section_comes_in_pieces(tmp_path: Path) -> None:
    found = read(tmp_path, "# Long\n" + "line\n" * 40_000)
    assert len(found) > 2
    assert {heading for heading, _ in found} == {"Long"}
