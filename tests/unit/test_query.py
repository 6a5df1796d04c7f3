"""What a person typed, taken apart."""

import pytest

from vext_desktop.index.query import MAX_QUERY_CHARACTERS, ParsedQuery, parse_query


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("two words", ParsedQuery("two words", (), ())),
        ('find "exact  phrase" now', ParsedQuery("find now", ("exact phrase",), ())),
        ("“curly” „deutsch“ «guillemets»", ParsedQuery("", ("curly", "deutsch", "guillemets"), ())),
        ('an "unclosed quote', ParsedQuery('"unclosed quote', (), ())),
        ('"" "***"', ParsedQuery("", (), ())),
        (
            "mail a.b@c.org or snake_case, C-3PO.",
            ParsedQuery("mail a.b@c.org snake_case, C-3PO.", (), ("a.b@c.org", "snake_case")),
        ),
        ("lone \ud800 and nul \0", ParsedQuery("lone nul", (), ())),
    ],
)
def test_a_query_is_taken_apart(typed: str, parsed: ParsedQuery) -> None:
    assert parse_query(typed) == parsed


@pytest.mark.parametrize("typed", ["", "   ", "***", '""', "( ) | &", "_"])
def test_a_query_without_a_word_is_empty(typed: str) -> None:
    assert parse_query(typed).is_empty
    assert parse_query(typed).words == ()


def test_words_are_in_lower_case_and_each_once_also_those_of_phrases() -> None:
    assert parse_query('Big "bad Wolf" big_Cat').words == ("big", "cat", "bad", "wolf")


def test_a_pasted_book_is_cut() -> None:
    assert len(parse_query("word " * 100_000).text) <= MAX_QUERY_CHARACTERS


def test_words_without_a_subject_do_not_choose_passages() -> None:
    assert parse_query("How do I end a lease?").text == "end lease?"
    assert parse_query("What is the name Bash an acronym for").words == ("name", "bash", "acronym")


def test_a_query_of_such_words_alone_is_kept() -> None:
    assert parse_query("to be or not to be").text == "to be or not to be"


def test_words_without_a_subject_stay_in_a_phrase() -> None:
    assert parse_query('"the end of the world"').phrases == ("the end of the world",)
