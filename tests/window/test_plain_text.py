import pytest

from vext_desktop.window.plain_text import (
    REPLACEMENT,
    qt_ranges,
    shown_folder,
    shown_line,
    shown_marks,
    shown_place,
    shown_text,
    shown_tooltip,
)


def test_white_space_becomes_single_spaces() -> None:
    assert shown_line("  a\n\n b\t\u2028c\u00a0 ") == "a b c"


@pytest.mark.parametrize(
    "hostile",
    ["\x00", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\ufffc", "\ufdd0", "\uffff", "\udcff"],
)
def test_a_character_that_hides_or_reorders_others_is_made_visible(hostile: str) -> None:
    assert shown_line(f"a{hostile}b") == f"a{REPLACEMENT}b"
    assert shown_text(f"a{hostile}b") == f"a{REPLACEMENT}b"


def test_lines_of_any_kind_end_with_a_line_feed() -> None:
    assert shown_text("a\r\nb\rc\u2029d\x0ce") == "a\nb\nc\nd\ne"


def test_marks_stay_on_their_words_when_spaces_go() -> None:
    text = "  The\n\n  quick\t\x00fox  jumps "
    marks = [(text.index(word), text.index(word) + len(word)) for word in ("quick", "jumps")]
    line, moved = shown_marks(text, marks)
    assert line == f"The quick {REPLACEMENT}fox jumps"
    assert [line[start:end] for start, end in moved] == ["quick", "jumps"]


def test_marks_outside_of_the_text_are_cut_off() -> None:
    assert shown_marks("abc", [(1, 99), (50, 60), (-5, 1)]) == ("abc", ((1, 3), (0, 1)))


def test_ranges_are_counted_in_utf16_for_qt() -> None:
    text = "a\N{GRINNING FACE}b\N{GRINNING FACE}\N{GRINNING FACE}c"
    assert qt_ranges(text, [(1, 2), (3, 5), (5, 6)]) == [(1, 2), (4, 4), (8, 1)]


def test_the_own_folder_is_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    assert shown_folder("/home/anna/Mail/a.txt") == "~/Mail"
    assert shown_folder("/home/anna/a.txt") == "~"
    assert shown_folder("/home/annabel/a.txt") == "/home/annabel"


def test_a_place_names_what_is_known() -> None:
    assert shown_place(12, "Results\n") == "page 12 · Results"
    assert shown_place(None, "") == ""


def test_a_tool_tip_is_never_markup() -> None:
    tip = shown_tooltip("<img src='file:///x'>\nb")
    assert "<img" not in tip
    assert "&lt;img" in tip
    assert "<br>b" in tip
