"""How much of a query a passage holds."""

import pytest

from vext_desktop.index.coverage import coverages
from vext_desktop.index.matching import WordMatcher


def test_a_passage_with_all_words_is_covered_and_one_with_none_is_not() -> None:
    matcher = WordMatcher(["almond", "cake"])
    assert coverages(matcher, ["an almond cake", "a bicycle"]) == [pytest.approx(1.0), 0.0]


def test_a_word_that_every_passage_holds_says_little() -> None:
    matcher = WordMatcher(["dessert", "somebody", "avoids", "gluten"])
    found = coverages(matcher, ["ask somebody", "call somebody"])
    assert max(found) < 0.1


def test_a_rare_word_says_much() -> None:
    matcher = WordMatcher(["invoice", "krzysztof", "roof"])
    texts = ["the invoice"] * 60 + ["the roof"] * 30 + ["krzysztof wrote"]
    assert coverages(matcher, texts)[-1] > 0.5


def test_a_query_without_words_weighs_all_alike() -> None:
    assert coverages(WordMatcher([]), ["one", "two"]) == [1.0, 1.0]


def test_words_are_found_alike_with_and_without_other_signs_in_the_text() -> None:
    matcher = WordMatcher(["leases", "b2", "end"])
    text = "It_ends the LEASE; B2-ended, cab2 leasing. "
    plain = [(match.start, match.end, match.word) for match in matcher.find(text)]
    other = [(match.start, match.end, match.word) for match in matcher.find(text + "\u00e9")]
    assert plain == other
    assert [text[start:end] for start, end, _ in plain] == [
        "ends", "LEASE", "B2", "ended", "leasing"
    ]  # fmt: skip
