"""The token bound: what is known of a longer text is not counted again, and is still true."""

import json
import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from vext_desktop.documents.token_bound import TokenBound
from vext_desktop.embedding.default_model import find_model

MOST = 20
WORDS = ["a", "unbelievableness", "naïve", "東京", "don't", "x_y", "\x1c", "\u200b", "…", "\u2028"]


@pytest.fixture(scope="module")
def file() -> str:
    return str(find_model("").folder / "tokenizer.json")


@pytest.fixture(scope="module")
def tokenizer(file: str) -> Tokenizer:
    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def noted(bound: TokenBound, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    counted: list[str] = []
    measure = bound._measure

    def note(text: str) -> int:
        counted.append(text)
        return measure(text)

    monkeypatch.setattr(bound, "_measure", note)
    return counted


def test_a_beginning_that_ends_at_a_space_is_not_counted_again(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = TokenBound(file, MOST)
    counted = noted(bound, monkeypatch)
    text = "one two three four"
    assert [bound.fit(part) for part in (text, text[:7], text[:8], text[:3])] == [18, 7, 8, 3]
    assert counted == [text]
    assert bound.fit(text[:5]) == 5  # half a word
    assert bound.fit("another") == 7
    assert counted == [text, text[:5], "another"]


def test_a_beginning_of_a_text_that_is_too_long_is_known_up_to_where_it_was_read(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = TokenBound(file, MOST)
    counted = noted(bound, monkeypatch)
    text = " ".join(["word"] * 30)
    edge = bound.fit(text)
    assert edge == len("word ") * (MOST - 2)
    assert bound.fit(text[: edge - 1]) == edge - 1
    assert counted == [text]
    assert bound.fit(text[: edge + 4]) < edge + 4
    assert len(counted) == 2


def test_what_is_said_to_fit_has_never_more_tokens_than_the_model_reads(
    file: str, tokenizer: Tokenizer
) -> None:
    random_words = random.Random(7)
    bound = TokenBound(file, MOST)
    for _ in range(200):
        text = "".join(
            random_words.choice(WORDS) + random_words.choice(["", " ", "\n", "\t"])
            for _ in range(random_words.randrange(1, 25))
        )
        bound.fit(text)
        for _ in range(4):
            part = text[: random_words.randrange(1, len(text) + 1)]
            if bound.fit(part) == len(part) > 1:
                assert len(tokenizer.encode(part)) <= MOST


def test_a_tokenizer_that_looks_beyond_words_counts_each_text(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = json.loads(Path(file).read_text("utf-8"))
    description["pre_tokenizer"] = None
    other = tmp_path / "tokenizer.json"
    other.write_text(json.dumps(description), "utf-8")
    bound = TokenBound(str(other), MOST)
    counted = noted(bound, monkeypatch)
    bound.fit("one two")
    bound.fit("one")
    assert counted == ["one two", "one"]
