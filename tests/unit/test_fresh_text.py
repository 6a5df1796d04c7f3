"""The words of new passages in memory are found as LanceDB's text index finds them."""

from pathlib import Path

import pytest
from store_rows import DIMENSION, rows

from vext_desktop.index.fresh_text import FreshText
from vext_desktop.index.query import parse_query
from vext_desktop.index.store import Store

TEXTS = [
    "The foxes were running over the field",
    "Eine Füchsin läuft über das Feld",
    "我们在图书馆看书",
    "図書館で本を読む",
    "ห้องสมุดเปิดทุกวัน",
    "mail to someone@example.org about 10.1000/182",
    "a red house and a blue door",
    "a blue house and a red door",
    "SELECT * FROM words; DROP TABLE words --",
]
QUERIES = [
    "fox", "running", "FIELD", "fuchsin", "图书馆", "図書館", "ห้องสมุด", "someone@example.org",
    '"red house"', '"red house" door', "house door", '" OR NEAR(', "select", "zebra", "a", "",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_the_same_passages_before_and_after_maintenance(
    tmp_path: Path, query: str
) -> None:
    store = Store(tmp_path, "m", DIMENSION)
    store.add(rows(TEXTS))
    before = {hit.file_id for hit in store.search_text(query, 20)}
    store.maintain()
    assert {hit.file_id for hit in store.search_text(query, 20)} == before
    store.close()


def test_a_passage_that_holds_more_of_the_words_comes_first() -> None:
    fresh = FreshText()
    fresh.add(rows(["a fox", "a fox and a hen", "a hen", "a house"]))
    found = fresh.search(parse_query("fox hen"), 10, None)
    assert found[0].file_id == 2
    assert {hit.file_id for hit in found} == {1, 2, 3}
    fresh.close()


def test_only_what_the_index_does_not_hold_yet_is_kept() -> None:
    fresh = FreshText()
    fresh.add(rows([f"fox {n}" for n in range(50)]))
    fresh.keep_last(3)
    assert len(fresh) == 3
    found = fresh.search(parse_query("fox"), 10, "(file_id BETWEEN 1 AND 49)")
    assert {hit.file_id for hit in found} == {48, 49}
    fresh.keep_last(0)
    assert (len(fresh), fresh.search(parse_query("fox"), 10, None)) == (0, [])
    fresh.add(rows(["fox"]))
    assert len(fresh.search(parse_query("fox"), 10, None)) == 1
    fresh.close()


def test_a_file_whose_text_is_no_text_does_no_harm() -> None:
    fresh = FreshText()
    fresh.add(rows(["a lone \ud800 surrogate", "a nul \0 sign"]))
    assert len(fresh.search(parse_query("a \ud800 \0"), 10, None)) == 2
    fresh.close()


def test_what_it_takes_is_told_and_is_gone_with_its_passages(tmp_path: Path) -> None:
    fresh = FreshText()
    fresh.add(rows([f"{n} fox " * 100 for n in range(1000)]))
    assert 800_000 < fresh.size_bytes < 4_000_000  # 800 characters each, and their words
    fresh.keep_last(0)
    assert fresh.size_bytes < 200_000
    fresh.close()
    assert fresh.size_bytes == 0


def test_the_words_of_new_rows_are_held_until_maintenance(tmp_path: Path) -> None:
    store = Store(tmp_path, "m", DIMENSION)
    before = store.fresh_bytes
    store.add(rows([f"{n} fox " * 100 for n in range(500)]))
    assert store.fresh_bytes > before + 400_000
    store.maintain()
    assert store.fresh_bytes < before + 100_000
    store.close()


def test_new_passages_that_share_their_subject_are_found_before_old_ones_that_touch_it(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, "m", DIMENSION)
    store.add(rows([f"number {n} of {'cells' if n % 10 == 0 else 'others'}" for n in range(300)]))
    store.maintain()
    store.add(rows([f"the zeppelin of cells {n}" for n in range(5)], 1000))
    found = [hit.file_id for hit in store.search_text("zeppelin cells", 10)]
    assert set(found[:5]) == set(range(1000, 1005))
    common = store.search_text("number cells", 10)
    assert common[0].file_id < 1000, "what holds both words is old"
    store.close()


def test_what_was_deleted_is_neither_found_nor_counted() -> None:
    fresh = FreshText()
    fresh.add(rows(["an early fox", "a late fox"]))
    fresh.forget("generation = 1 AND (file_id BETWEEN 2 AND 2)")
    assert [hit.file_id for hit in fresh.search(parse_query("late fox"), 10, None)] == [1]
    fresh.keep_last(1)  # all that LanceDB's index lacks
    assert [hit.file_id for hit in fresh.search(parse_query("fox"), 10, None)] == [1]
    fresh.close()
