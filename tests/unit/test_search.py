"""Search: what is shown, how it is filtered, grouped and fused, and what is said beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ledger_steps import KEY, found, record_of, scan
from store_rows import DIMENSION, row, vector_of

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.rows import StoreHit
from vext_desktop.index.search import (
    NO_FILE_NOTICE,
    NO_MODEL_NOTICE,
    SearchAnswer,
    Searcher,
    SearchMode,
    SearchRequest,
    _weights,
)
from vext_desktop.index.store import Store
from vext_desktop.outcomes import Outcome


@dataclass
class Index:
    """Ledger, store and searcher over one root, filled with texts by file name."""

    root: Path
    ledger: Ledger
    store: Store

    def fill(self, files: dict[str, list[str]], mtime: int = 1) -> None:
        """One complete run: each file has these passages."""
        met = [found(self.root / name, 10, mtime) for name in files]
        run_id, _ = scan(self.ledger, self.root, *met)
        while (record := self.ledger.next_waiting(run_id)) is not None:
            texts = files[Path(record.path).relative_to(self.root).as_posix()]
            generation = self.ledger.begin_file(record.file_id, f"{record.path} {mtime}")
            self.store.add(
                [row(record.file_id, text, generation, place) for place, text in enumerate(texts)]
            )
            self.ledger.finish_file(record.file_id, generation, len(texts), 10, mtime, KEY)

    def ask(self, query: str, **options: object) -> SearchAnswer:
        """Search with a vector, as the engine does."""
        request = SearchRequest(query, **options)  # type: ignore[arg-type] # named in each test
        return Searcher(self.store, self.ledger).search(request, vector_of(query))

    def names(self, query: str, **options: object) -> list[str]:
        """Names of the files of an answer, best first."""
        return [Path(hit.path).name for hit in self.ask(query, **options).hits]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    root = tmp_path / "docs"
    root.mkdir()
    store = Store(tmp_path / "store", "model-a", DIMENSION)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add_roots([root])
        yield Index(root, ledger, store)
    store.close()


@pytest.mark.parametrize("mode", SearchMode)
def test_the_best_file_comes_first_in_every_mode(index: Index, mode: SearchMode) -> None:
    index.fill({"a.txt": ["apples and pears"], "b.txt": ["oceans of water"], "c.txt": ["a leak"]})
    answer = index.ask("oceans water", mode=mode)
    assert Path(answer.hits[0].path).name == "b.txt"
    assert (answer.query, answer.mode, answer.notice) == ("oceans water", mode, "")
    assert answer.seconds > 0
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_hit_says_where_it_is_and_marks_the_words(index: Index) -> None:
    index.fill({"a.txt": ["first passage", "the second passage on leaks"]})
    hit = index.ask("leak", limit=1).hits[0]
    assert (hit.path, hit.start, hit.end) == (str(index.root / "a.txt"), 0, 27)
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["leaks"]
    assert hit.text == "the second passage on leaks"


def test_a_file_is_one_hit_and_passages_are_hits_of_their_own_when_asked_for(index: Index) -> None:
    index.fill({"a.txt": ["fox one", "fox two", "fox fox three"], "b.txt": ["fox four"]})
    assert sorted(index.names("fox")) == ["a.txt", "b.txt"]
    assert sorted(index.names("fox", group_by="chunk")) == ["a.txt"] * 3 + ["b.txt"]
    assert len(index.names("fox", group_by="chunk", limit=2)) == 2


def test_one_file_with_very_many_passages_does_not_crowd_out_the_others(index: Index) -> None:
    crowd = {"crowd.txt": [f"fox {n}" for n in range(700)]}
    others = {f"{n}.txt": [f"a fox among the many other words of text {n}"] for n in range(8)}
    index.fill({**crowd, **others})
    for mode in SearchMode:
        assert len(index.names("fox", limit=9, mode=mode)) == 9


def test_a_file_that_is_not_done_is_not_shown(index: Index) -> None:
    index.fill({"a.txt": ["a fox"]})
    run_id, _ = scan(index.ledger, index.root, found(index.root / "a.txt"), found("/docs/b.txt"))
    record = index.ledger.next_waiting(run_id)
    assert record is not None
    generation = index.ledger.begin_file(record.file_id, "h")
    index.store.add([row(record.file_id, "a fox too", generation)])
    assert index.names("fox") == ["a.txt"]
    index.ledger.finish_file(record.file_id, generation, 1, 10, 1, KEY)
    assert sorted(index.names("fox")) == ["a.txt", "b.txt"]


def test_a_changed_file_is_shown_as_it_was_until_it_is_read_again_and_never_twice(
    index: Index,
) -> None:
    index.fill({"a.txt": ["an old fox"]})
    run_id, _ = scan(index.ledger, index.root, found(index.root / "a.txt", 10, 2))
    record = index.ledger.next_waiting(run_id)
    assert record is not None
    generation = index.ledger.begin_file(record.file_id, "h2")
    index.store.add([row(record.file_id, "a new fox", generation)])
    texts = [hit.text for hit in index.ask("fox", group_by="chunk").hits]
    assert texts == ["an old fox"]
    index.ledger.finish_file(record.file_id, generation, 1, 10, 2, KEY)
    texts = [hit.text for hit in index.ask("fox", group_by="chunk").hits]
    assert texts == ["a new fox"]


def test_what_a_search_must_pass_over_is_made_up_for_by_looking_deeper(index: Index) -> None:
    index.store.add([row(1, f"fox {n}", 99, n) for n in range(600)])
    index.fill({f"{n}.txt": [f"one more fox in text {n}"] for n in range(5)})
    for mode in SearchMode:
        assert len(index.names("fox", limit=5, mode=mode)) == 5


def test_ignored_and_vanished_files_are_not_shown_and_offline_ones_are_marked(
    index: Index,
) -> None:
    index.fill({"a.txt": ["a fox"], "b.txt": ["a fox"], "c.txt": ["a fox"]})
    index.ledger.ignore([1])
    assert sorted(index.names("fox")) == ["b.txt", "c.txt"]
    scan(index.ledger, index.root, found(index.root / "c.txt"))
    assert index.names("fox") == ["c.txt"]
    index.root.rmdir()
    scan(index.ledger, index.root)
    assert record_of(index.ledger, 3).state is Outcome.OFFLINE
    answer = index.ask("fox")
    assert [hit.is_offline for hit in answer.hits] == [True]
    assert "not connected" in answer.notice


def test_filters_are_by_folder_kind_and_time(index: Index) -> None:
    index.fill({"a.txt": ["a fox"], "sub/b.pdf": ["a fox"], "sub/c.txt": ["a fox"]}, 5 * 10**9)
    assert sorted(index.names("fox", folder=str(index.root / "sub"))) == ["b.pdf", "c.txt"]
    assert index.names("fox", suffixes=(".pdf",)) == ["b.pdf"]
    assert len(index.names("fox", modified_after=5.0)) == 3
    answer = index.ask("fox", modified_before=5.0)
    assert (answer.hits, answer.notice) == ((), NO_FILE_NOTICE)


def test_without_a_vector_words_answer_and_the_answer_says_so(index: Index) -> None:
    index.fill({"a.txt": ["a fox"]})
    searcher = Searcher(index.store, index.ledger)
    answer = searcher.search(SearchRequest("fox", mode=SearchMode.VECTOR), None)
    assert (len(answer.hits), answer.mode, answer.notice) == (1, SearchMode.TEXT, NO_MODEL_NOTICE)
    assert searcher.search(SearchRequest("fox", mode=SearchMode.TEXT), None).notice == ""


@pytest.mark.parametrize("query", ["", "  ", '"', "***", "(", "\ud800", "\0", '"never closed'])
@pytest.mark.parametrize("mode", SearchMode)
def test_no_query_is_an_error(index: Index, query: str, mode: SearchMode) -> None:
    index.fill({"a.txt": ["a fox"]})
    answer = index.ask(query, mode=mode)
    assert answer.query == query
    if not query.strip():
        assert answer.hits == ()


def test_a_quoted_phrase_is_told_from_its_words(index: Index) -> None:
    index.fill({"a.txt": ["memory is full"], "b.txt": ["full of memory"]})
    assert index.names('"full of memory"', mode=SearchMode.TEXT) == ["b.txt"]


def test_an_empty_index_answers_with_nothing(index: Index) -> None:
    assert index.ask("fox").hits == ()
    assert index.ask("fox", limit=0).hits == ()


def test_a_hit_by_meaning_is_worth_its_likeness_beside_the_best() -> None:
    def hit(score: float, text: str = "") -> StoreHit:
        return StoreHit(1, 1, 0, None, "", 0, 1, text, score)

    likeness, words = _weights("almond cake", [hit(0.8), hit(0.2), hit(-0.1)], [hit(9, "a cake")])
    assert likeness == [1.0, pytest.approx(0.25), 0.0]
    assert 0 < words[0] < 1
