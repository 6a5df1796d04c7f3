"""Snippets: where the query's words stand, in any script, with whole words."""

import pytest

from vext_desktop.index.matching import WordMatcher
from vext_desktop.index.query import parse_query
from vext_desktop.index.snippet import CUT_SIGN, Snippet, make_snippet


def snippet(passage: str, query: str, width: int = 240) -> Snippet:
    return make_snippet(passage, WordMatcher(parse_query(query).words), width)


def marked(passage: str, query: str, width: int = 240) -> list[str]:
    found = snippet(passage, query, width)
    return [found.text[start:end] for start, end in found.marks]


def test_a_short_passage_is_shown_whole_with_white_space_collapsed() -> None:
    assert snippet("  One\n\n two\t\tthree \x00 four ", "two") == Snippet(
        "One two three four", ((4, 7),)
    )


@pytest.mark.parametrize(
    ("passage", "shown"),
    [
        (
            "# Cake\n\n| What | Grams |\n|---|---:|\n| sugar | 180 |",
            "Cake | What | Grams | | sugar | 180 |",
        ),
        ("Title\n=====\nIntroduction ........ 4", "Title Introduction 4"),
        ("wait ... C ++ - and so # on", "wait ... C ++ - and so on"),
        ("-----", "-----"),
    ],
)
def test_ruled_lines_take_no_room(passage: str, shown: str) -> None:
    assert snippet(passage, "sugar").text == shown


@pytest.mark.parametrize(
    ("passage", "query", "words"),
    [
        ("Foxes were running, a fox ran.", "fox run", ["Foxes", "running", "fox"]),
        ("Studies of a study; studied.", "studies", ["Studies", "study", "studied"]),
        ("A snake_case_name here", "snake_case", ["snake", "case"]),
        ("Ask mail.me@example.org now", "mail.me@example.org", ["mail", "example", "org"]),
        ("Die Häuser, ein CAFÉ", "hauser café", ["Häuser", "CAFÉ"]),
        ("nai\u0308ve cafe\u0301", "café", ["cafe\u0301"]),
        ("Bundesrepublikanischer", "bundesrepublik", []),
        ("Katalogen und Kataloge", "Katalog", ["Katalogen", "Kataloge"]),
        ("в Москве и Москва", "москва", ["Москва"]),
        ("sing a song", "s", []),
        ("the passing of the glass", "pass glass", ["passing", "glass"]),
    ],
)
def test_words_are_marked_by_their_stem(passage: str, query: str, words: list[str]) -> None:
    assert marked(passage, query) == words


@pytest.mark.parametrize(
    ("passage", "query", "words"),
    [
        ("我在北京大学的图书馆", "北京大学", ["北京大学"]),
        ("日本語のテキスト", "テキスト", ["テキスト"]),
        ("我爱猫", "猫", ["猫"]),
        ("Python入門書", "python 入門", ["Python入門"]),
    ],
)
def test_scripts_without_spaces_are_marked_by_their_parts(
    passage: str, query: str, words: list[str]
) -> None:
    assert marked(passage, query) == words


def test_words_found_everywhere_are_marked_only_when_there_is_nothing_else() -> None:
    assert marked("the cat and the dog", "the cat") == ["cat"]
    assert marked("to be or not to be", "to be") == ["to", "be", "to", "be"]


def test_the_part_with_most_different_words_is_chosen() -> None:
    filler = "lorem ipsum " * 60
    passage = f"{filler}leak leak leak {filler}a leak of memory has a slope {filler}"
    found = snippet(passage, "memory leak slope", 120)
    assert "leak of memory has a slope" in found.text
    assert found.text.startswith(CUT_SIGN)
    assert found.text.endswith(CUT_SIGN)


def test_a_rare_word_weighs_more_than_a_frequent_one() -> None:
    filler = "lorem ipsum " * 40
    passage = f"{'report ' * 20}{filler}budget {filler}"
    assert "budget" in snippet(passage, "budget report", 60).text


def test_edges_fall_between_words() -> None:
    passage = " ".join(f"word{number}" for number in range(300))
    found = snippet(passage, "word150", 100)
    inside = found.text.strip(CUT_SIGN)
    assert set(inside.split(" ")) <= set(passage.split(" "))
    assert len(found.text) <= 102


def test_a_word_longer_than_the_snippet_is_cut() -> None:
    found = snippet("x" * 5000, "y", 100)
    assert found.text == "x" * 100 + CUT_SIGN
    assert len(snippet("猫" * 5000, "猫", 100).text) <= 102


def test_without_a_match_the_beginning_is_shown() -> None:
    found = snippet("First words. " + "More words follow here. " * 50, "zebra", 30)
    assert found == Snippet("First words. More words follow" + CUT_SIGN, ())


@pytest.mark.parametrize("query", ["", " ", '"', "***", "\ud800", "(" * 50])
@pytest.mark.parametrize("passage", ["", " \n ", "\ud800\ufffe", "text"])
def test_no_query_and_no_passage_is_too_odd(passage: str, query: str) -> None:
    assert snippet(passage, query).marks == ()


def test_marks_lie_inside_the_snippet_wherever_it_is_cut() -> None:
    passage = " ".join(f"alpha{n} beta gamma" for n in range(200))
    for width in range(10, 260, 7):
        found = snippet(passage, "beta gamma alpha77", width)
        assert [found.text[start:end] for start, end in found.marks]
        for start, end in found.marks:
            assert found.text[start:end] in {"beta", "gamma", "alpha77"}
