"""The store: rows in and out, and filters."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from store_rows import DIMENSION, row, rows, vector_of

from vext_desktop.index import row_filter
from vext_desktop.index.row_filter import MAX_IDS
from vext_desktop.index.rows import ChunkRow
from vext_desktop.index.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store", "model-a", DIMENSION)
    yield opened
    opened.close()


def found(store: Store, query: str, file_ids: list[int] | None = None) -> list[int]:
    return [hit.file_id for hit in store.search_text(query, 10, file_ids)]


def near(store: Store, query: str, limit: int = 10, file_ids: list[int] | None = None) -> list[int]:
    return [hit.file_id for hit in store.search_vector(vector_of(query), limit, file_ids)]


def test_a_row_comes_back_as_it_went_in(store: Store) -> None:
    vector = vector_of("some vector")
    store.add([ChunkRow(7, 3, 5, 12, "Heading", 100, 122, "A passage about foxes.", vector)])
    found = [*store.search_text("fox", 1), *store.search_vector(vector, 1)]
    assert len(found) == 2
    for hit in store.with_texts(found):
        assert (hit.file_id, hit.generation, hit.ordinal, hit.page) == (7, 3, 5, 12)
        assert (hit.heading, hit.start, hit.end) == ("Heading", 100, 122)
        assert hit.text == "A passage about foxes."
    assert store.search_vector(vector, 1)[0].score == pytest.approx(1.0, abs=1e-3)
    assert list(store.keys()) == [(7, 3, 5, 100, 122)]
    np.testing.assert_allclose(store.vectors_of(7)[3, 5], vector, atol=1e-3)
    assert store.vectors_of(8) == {}


def test_what_was_added_is_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    first = Store(tmp_path / "Straße 日本 store", "model-a", DIMENSION)
    first.add(rows(["a fox"]))
    first.close()
    again = Store(tmp_path / "Straße 日本 store", "model-a", DIMENSION)
    assert found(again, "fox") == [1]
    again.close()


def test_each_model_has_a_table_of_its_own(tmp_path: Path, store: Store) -> None:
    store.add(rows(["a fox"]))
    other = Store(tmp_path / "store", "model-b", DIMENSION)
    assert other.count() == 0
    other.close()
    assert store.count() == 1


def test_all_rows_of_named_generations_are_deleted_and_no_others(store: Store) -> None:
    store.add([row(1, "old fox"), row(1, "old fox", ordinal=1), row(1, "new fox", 2)])
    store.add([row(2, "other fox"), row(3, "third fox")])
    store.delete([(1, 1), (3, 1), (99, 1)])
    assert sorted(key[:2] for key in list(store.keys())) == [(1, 2), (2, 1)]
    store.delete([])
    assert store.count() == 2


def test_thousands_of_scattered_pairs_are_deleted(store: Store) -> None:
    vector = vector_of("x")
    store.add([ChunkRow(n, 1, 0, None, "", 0, 1, "x", vector) for n in range(6000)])
    store.delete([(n, 1) for n in range(0, 6000, 2)])
    assert store.count() == 3000
    assert all(key[0] % 2 for key in list(store.keys()))


def test_the_nearest_vectors_come_first(store: Store) -> None:
    store.add(rows(["red apple pie", "blue ocean wave", "red apple juice"]))
    assert near(store, "red apple pie")[:2] == [1, 3]
    scores = [hit.score for hit in store.search_vector(vector_of("red apple pie"), 3)]
    assert scores == sorted(scores, reverse=True)


def test_a_filter_lets_only_its_files_through(store: Store) -> None:
    store.add(rows([f"fox number {n}" for n in range(50)]))
    assert set(found(store, "fox", [3, 4, 40])) == {3, 4, 40}
    assert set(near(store, "fox", 10, [3, 4, 40])) == {3, 4, 40}
    assert found(store, "fox", []) == []


def test_a_filter_of_many_scattered_files_is_exact(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_vector, far_vector = vector_of("near"), vector_of("far away")
    # A tenth of what a list may really name: the same is done with a tenth of the rows.
    most = MAX_IDS // 10
    monkeypatch.setattr(row_filter, "MAX_IDS", most)
    total = 4 * most
    # One file in three is more than a list may name, so they are spanned and checked.
    store.add(
        [
            ChunkRow(n, 1, 0, None, "", 0, 4, "near" if n % 3 else "far", v)
            for n in range(total)
            for v in [near_vector if n % 3 else far_vector]
        ]
    )
    # The nearest rows are all outside the filter, so that it must look deeper.
    wanted = [n for n in range(total) if not n % 3]
    hits = near(store, "near", 20, wanted)
    assert len(hits) == 20
    assert not [n for n in hits if n % 3]
    assert found(store, "near", wanted) == []


def test_text_that_is_no_unicode_is_cleaned(store: Store) -> None:
    store.add([row(1, "a lone \ud800 surrogate")])
    (hit,) = store.search_text("surrogate", 1)
    assert hit.text == "a lone ? surrogate"
    assert len(hit.text) == hit.end - hit.start


@pytest.mark.parametrize(
    "vector",
    [np.zeros(DIMENSION + 1, np.float32), np.full(DIMENSION, np.nan, np.float32)],
)
def test_a_vector_that_cannot_be_right_is_refused(
    store: Store, vector: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> None:
    with pytest.raises(ValueError, match="vectors of shape"):
        store.add([ChunkRow(1, 1, 0, None, "", 0, 1, "x", vector)])
    assert store.count() == 0
