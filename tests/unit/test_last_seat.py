"""The volume that grows is asked for what is near without LanceDB, whatever happens to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import DIMENSION, row, vector_of

from vext_desktop.index.briefs import last_seat
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.rows import ChunkRow
from vext_desktop.index.store import Store

SIZE = 20


def open_store(folder: Path, *, read_only: bool = False) -> Store:
    return Store(
        folder,
        "model-a",
        DIMENSION,
        table_name="chunks-some",
        read_only=read_only,
        max_rows_of_volume=SIZE,
    )


def fox(number: int) -> ChunkRow:
    return row(number, f"fox number{number} runs home")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One full volume with a brief, and a last one of five rows."""
    opened = open_store(tmp_path)
    opened.add([fox(number) for number in range(1, 21)])
    opened.add([fox(number) for number in range(21, 26)])
    opened.maintain()
    yield opened
    opened.close()


@pytest.fixture
def no_lance(monkeypatch: pytest.MonkeyPatch) -> None:
    """LanceDB is not asked for what is near."""

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(LanceTable, "nearest", refuse)


def nearest(store: Store, number: int) -> tuple[int, str]:
    """The file that is found for a passage, and its text."""
    (hit,) = store.with_texts(store.search_vector(fox(number).vector, 1))
    assert hit.score == pytest.approx(1.0, abs=0.01)
    return hit.file_id, hit.text


@pytest.mark.usefixtures("no_lance")
def test_what_was_added_is_found_at_once(store: Store) -> None:
    for number in range(26, 31):
        store.add([fox(number)])
        for wanted in (7, 23, number):
            assert nearest(store, wanted) == (wanted, fox(wanted).text)
    found = store.search_vector(vector_of("fox"), 50)
    assert {hit.file_id for hit in found} == set(range(1, 31))


@pytest.mark.usefixtures("no_lance")
def test_only_passages_of_the_chosen_files_are_found(store: Store) -> None:
    assert {hit.file_id for hit in store.search_vector(vector_of("fox"), 50, [3, 24])} == {3, 24}


@pytest.mark.usefixtures("no_lance")
def test_what_was_deleted_is_found_no_more(store: Store) -> None:
    assert nearest(store, 22)[0] == 22
    store.delete([(22, 1)])
    store.add([row(22, "another cow", generation=2)])
    found = {hit.file_id: hit.generation for hit in store.search_vector(vector_of("fox"), 50)}
    assert found == {**dict.fromkeys(range(1, 26), 1), 22: 2}
    assert nearest(store, 24) == (24, fox(24).text)


@pytest.mark.usefixtures("no_lance")
def test_texts_are_right_after_maintenance_has_moved_the_rows(store: Store) -> None:
    store.add([fox(26)])
    assert nearest(store, 26)[0] == 26
    store.delete([(21, 1)])
    store.maintain()
    for number in (22, 26):
        assert nearest(store, number) == (number, fox(number).text)


@pytest.mark.usefixtures("no_lance")
def test_the_next_volume_is_followed_when_one_is_full(store: Store) -> None:
    for first in (26, 36, 46):
        store.add([fox(number) for number in range(first, first + 10)])
        store.maintain()
        assert nearest(store, first + 9) == (first + 9, fox(first + 9).text)


@pytest.mark.usefixtures("no_lance")
def test_it_is_made_anew_when_most_of_it_is_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_seat, "_LEAST_KEPT", 4)
    assert nearest(store, 21)[0] == 21
    store.delete([(number, 1) for number in (21, 22, 23)])
    assert nearest(store, 25)[0] == 25
    brief = store._volumes._shelf._last._brief
    assert brief is not None
    assert brief.rows == 2


@pytest.mark.usefixtures("expected_warnings")
@pytest.mark.parametrize("size_bytes", [0, 150])
def test_where_its_file_is_damaged_lance_is_asked(store: Store, size_bytes: int) -> None:
    assert nearest(store, 21)[0] == 21
    brief = store._volumes._shelf._last._brief
    assert brief is not None
    brief._stream.seek(0)
    brief._stream.write(b"x" * 10)
    brief._stream.truncate(size_bytes)
    for number in (21, 25, 3):
        assert nearest(store, number)[0] == number
    assert store._volumes._shelf._last._brief is None
    store.add([fox(26)])
    assert nearest(store, 26)[0] == 26
    assert store._volumes._shelf._last._brief is not None


def test_many_new_rows_are_taken_in_by_some_searches_and_all_are_found_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_seat, "_MOST_AT_ONCE", 2)
    taken = []
    for _ in range(4):
        assert nearest(store, 25)[0] == 25
        brief = store._volumes._shelf._last._brief
        assert brief is not None
        taken.append(brief.rows)
    assert taken == [2, 4, 5, 5]


def test_another_program_sees_what_was_added(tmp_path: Path, store: Store) -> None:
    reader = open_store(tmp_path, read_only=True)
    assert nearest(reader, 25)[0] == 25
    reader.close()
    assert nearest(store, 25)[0] == 25


def test_keys_and_signs_alone_are_in_memory(store: Store) -> None:
    assert nearest(store, 25)[0] == 25
    brief = store._volumes._shelf._last._brief
    assert brief is not None
    assert sum(column.nbytes for column in brief.passages()) == 16 * 5
    assert brief._codes.nbytes <= 8 * (5 + 1024)
