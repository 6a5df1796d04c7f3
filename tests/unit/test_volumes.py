"""Rows in several volumes are written, found, tidied and deleted as if they were in one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import DIMENSION, row, rows, vector_of

from vext_desktop.index.store import Store
from vext_desktop.index.table_names import drop_table, volume_folders

NAME = "chunks-some"


def open_store(folder: Path, *, read_only: bool = False) -> Store:
    return Store(
        folder,
        "model-a",
        DIMENSION,
        table_name=NAME,
        read_only=read_only,
        max_rows_of_volume=20,
        min_rows_for_vector_index=1000,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    for first in range(1, 61, 10):
        opened.add(rows([f"fox number{first + n}" for n in range(10)], first))
    yield opened
    opened.close()


def volumes(folder: Path) -> list[Path]:
    return volume_folders(folder / f"{NAME}.lance")


def test_a_full_volume_gets_no_more_rows(tmp_path: Path, store: Store) -> None:
    assert len(volumes(tmp_path)) == 3
    assert store.count() == 60
    assert store.size().rows == 60
    assert {key[0] for key in store.keys()} == set(range(1, 61))  # noqa: SIM118 - no dict


def test_what_is_found_is_the_best_of_all_volumes(store: Store) -> None:
    for _ in range(2):
        for wanted in (1, 25, 60):
            assert store.search_text(f"number{wanted}", 5)[0].file_id == wanted
            near = store.search_vector(vector_of(f"fox number{wanted}"), 5)
            assert near[0].file_id == wanted
            scores = [hit.score for hit in near]
            assert scores == sorted(scores, reverse=True)
        assert len(store.search_text("fox", 100)) == len(store.search_vector(vector_of("x"), 99))
        store.maintain()


def test_a_volume_that_has_all_of_the_best_is_asked_for_all_of_them(tmp_path: Path) -> None:
    store = Store(tmp_path, "m", DIMENSION, table_name=NAME, max_rows_of_volume=100)
    for number, word in enumerate(["hen", "fox", "cow"]):
        store.add(rows([f"{word} here"] * 100, 1000 * (number + 1)))
    for _ in range(2):
        found = store.search_vector(vector_of("fox here"), 90)
        assert {hit.file_id // 1000 for hit in found} == {2}
        assert len(found) == len(store.search_text("fox", 90)) == 90
        store.maintain()
    assert len(store.search_text("here", 280)) == 280
    store.close()


def test_texts_are_read_of_the_hits_that_are_wanted(store: Store) -> None:
    found = store.search_vector(vector_of("fox"), 60)
    assert {hit.text for hit in found} == {""}
    told = store.with_texts(found)
    assert [hit.text for hit in told] == [f"fox number{hit.file_id}" for hit in found]


def test_texts_are_read_also_when_maintenance_has_moved_the_rows(store: Store) -> None:
    found = store.search_vector(vector_of("fox"), 60)
    store.delete([(3, 1), (27, 1)])
    store.maintain()
    texts = {hit.file_id: hit.text for hit in store.with_texts(found)}
    assert texts.pop(3) == texts.pop(27) == ""
    assert texts == {number: f"fox number{number}" for number in texts}


def test_deleting_reaches_every_volume(store: Store) -> None:
    store.delete([(5, 1), (25, 1), (60, 1)])
    store.maintain()
    assert store.count() == 57
    assert {hit.file_id for hit in store.search_text("fox", 99)} == set(range(1, 61)) - {5, 25, 60}


def test_another_opening_goes_on_where_the_first_was(tmp_path: Path, store: Store) -> None:
    store.close()
    again = open_store(tmp_path)
    again.add([row(100, "late fox")])
    assert (again.count(), len(volumes(tmp_path))) == (61, 4)
    assert len(again.search_text("fox", 99)) == 61
    assert again.unindexed_rows == 61
    again.maintain()
    assert (again.unindexed_rows, len(again.search_text("fox", 99))) == (0, 61)
    again.close()


def test_a_reader_sees_volumes_that_are_begun_beside_it(tmp_path: Path, store: Store) -> None:
    reader = open_store(tmp_path, read_only=True)
    assert len(reader.search_text("fox", 99)) == 60
    store.add(rows(["new fox"] * 5, 200))
    assert len(volumes(tmp_path)) == 4
    assert {hit.file_id for hit in reader.search_text("new", 9)} == set(range(200, 205))
    reader.close()


def test_the_first_volume_can_be_tidied_beside_the_others(tmp_path: Path, store: Store) -> None:
    store.maintain()
    store.delete([(1, 1)])
    store.maintain()
    assert len(volumes(tmp_path)) == 3
    assert store.count() == 59
    assert store.size().reclaimable_bytes < store.size().bytes_on_disk / 2


def test_removing_the_table_removes_its_volumes(tmp_path: Path, store: Store) -> None:
    store.close()
    drop_table(tmp_path, NAME)
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_marks_one_volume_is_worth_as_much_there_as_in_one_table(
    tmp_path: Path,
) -> None:
    letters = [f"letter {n} about a house" for n in range(40)]
    bills = [f"invoice {n} about a garden" for n in range(8)]
    letters[3], letters[30] = "letter about an invoice", "an old garden"
    answers = []
    for max_rows in (1000, 40):
        store = Store(
            tmp_path / str(max_rows), "m", DIMENSION, table_name=NAME, max_rows_of_volume=max_rows
        )
        store.add(rows(letters))
        store.add(rows(bills, 101))
        store.maintain()
        answers.append([hit.file_id for hit in store.search_text("invoice garden", 8)])
        store.close()
    assert set(answers[0]) == set(range(101, 109))
    assert set(answers[1]) == set(answers[0])
