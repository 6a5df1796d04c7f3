"""Deleted passages, damaged briefs, full disks: nothing wrong is found, and nothing is missed."""

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import DIMENSION, rows, vector_of

from vext_desktop.index.briefs import shelf, writing
from vext_desktop.index.briefs.layout import HEADER_BYTES, read_header
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import BRIEFS, drop_table, volume_folders

NAME = "chunks-some"
SIZE = 20
ALL = set(range(1, 51))


def open_store(folder: Path, *, read_only: bool = False) -> Store:
    return Store(
        folder, "model-a", DIMENSION, table_name=NAME, read_only=read_only, max_rows_of_volume=SIZE
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    store = open_store(folder)
    for first in range(1, 51, 10):
        store.add(rows([f"fox number{first + n}" for n in range(10)], first))
    store.maintain()
    store.close()
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Iterator[Store]:
    """Three volumes: two that are full and have a brief, and the last."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def briefs(folder: Path) -> list[Path]:
    """The files beside the full volumes."""
    there = volume_folders(folder / f"{NAME}.lance")
    return [file for one in there for file in sorted((one / BRIEFS).glob("*"))]


def found(store: Store) -> set[int]:
    """What is found by words and by meaning, which must be the same."""
    by_words = store.search_text("fox", 99)
    by_meaning = store.search_vector(vector_of("fox"), 99)
    assert {hit.file_id for hit in by_words} == {hit.file_id for hit in by_meaning}
    assert len(by_words) == len(by_meaning) == len({hit.file_id for hit in by_words})
    told = store.with_texts(by_meaning)
    assert all(hit.text == f"fox number{hit.file_id}" for hit in told)
    return {hit.file_id for hit in by_words}


def by_briefs(store: Store) -> set[int]:
    """Which files are found by briefs and not by the volumes themselves."""
    return {hit.file_id for hit in store.search_text("fox", 99) if hit.words}


def test_deleted_passages_are_not_found_and_the_others_still_quickly(
    tmp_path: Path, store: Store
) -> None:
    before = briefs(tmp_path)
    assert by_briefs(store) == set(range(1, 41))
    store.delete([(5, 1), (25, 1), (33, 2)])
    for _ in range(2):
        assert found(store) == ALL - {5, 25}
        assert by_briefs(store) == set(range(1, 41)) - {5, 25}
        store.maintain()
    assert briefs(tmp_path) == before


def test_what_was_deleted_while_nobody_looked_is_not_found(tmp_path: Path, store: Store) -> None:
    store.delete([(5, 1), (25, 1)])
    store.close()
    again = open_store(tmp_path)
    assert found(again) == ALL - {5, 25}
    assert by_briefs(again) == set(range(1, 41)) - {5, 25}
    again.close()


def test_a_brief_of_much_that_is_gone_is_made_anew(tmp_path: Path, store: Store) -> None:
    first, second = briefs(tmp_path)
    store.delete([(number, 1) for number in range(1, 8)])
    store.maintain()
    assert found(store) == ALL - set(range(1, 8))
    assert briefs(tmp_path)[1] == second
    assert briefs(tmp_path)[0].name > first.name
    assert by_briefs(store) == set(range(8, 41))


def test_a_volume_with_rows_that_its_brief_lacks_is_asked_itself(
    tmp_path: Path, store: Store
) -> None:
    first, second = briefs(tmp_path)
    shutil.copyfile(first, second)
    assert found(store) == ALL
    assert by_briefs(store) == set(range(1, 21))
    store.maintain()
    assert by_briefs(store) == set(range(1, 41))


def test_a_volume_that_is_empty_needs_no_brief(tmp_path: Path, store: Store) -> None:
    store.delete([(number, 1) for number in range(1, 21)])
    store.maintain()
    assert found(store) == ALL - set(range(1, 21))
    for file in briefs(tmp_path):
        file.unlink()
    store.delete([(21, 1)])
    store.maintain()
    assert len(briefs(tmp_path)) == 1
    assert found(store) == ALL - set(range(1, 22))


def test_passages_of_a_further_reading_are_others(store: Store) -> None:
    store.delete([(5, 2)])
    assert found(store) == ALL


def spoil(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 0x10
    file.write_bytes(content)


PARTS = ["vectors", "file_ids", "generations", "ordinals", "codes", "lists", "entries", "lengths"]


@pytest.mark.parametrize("part", ["header", *PARTS, "texts", "text_places", "common"])
@pytest.mark.usefixtures("expected_warnings")
def test_a_damaged_brief_gives_no_wrong_answer_and_is_made_anew(
    tmp_path: Path, store: Store, part: str
) -> None:
    file = briefs(tmp_path)[0]
    section = read_header(file.read_bytes()[:HEADER_BYTES]).sections.get(part)
    first, size = (40, 1) if section is None else (section.at, section.size_bytes)
    expected = {hit.file_id: hit.score for hit in store.search_vector(vector_of("fox"), 99)}
    for at in range(first, first + size, max(1, size // 7)):
        spoil(file, at)
    store.close()
    again = open_store(tmp_path)
    assert found(again) == ALL
    near = {hit.file_id: hit.score for hit in again.search_vector(vector_of("fox"), 99)}
    assert near == pytest.approx(expected, abs=0.01)
    assert again.search_text("fox number3", 99)[0].file_id == 3
    assert file not in briefs(tmp_path)
    again.maintain()
    assert by_briefs(again) == set(range(1, 41))
    again.close()


@pytest.mark.parametrize("length", [0, 100, HEADER_BYTES, HEADER_BYTES + 2000])
@pytest.mark.usefixtures("expected_warnings")
def test_a_brief_that_ends_too_early_is_none(tmp_path: Path, store: Store, length: int) -> None:
    file = briefs(tmp_path)[1]
    file.write_bytes(file.read_bytes()[:length])
    assert found(store) == ALL
    assert not file.exists()


@pytest.mark.usefixtures("expected_warnings")
def test_a_reader_leaves_a_damaged_brief_to_the_program_that_writes(
    tmp_path: Path, store: Store
) -> None:
    store.close()
    file = briefs(tmp_path)[0]
    spoil(file, 40)
    reader = open_store(tmp_path, read_only=True)
    assert found(reader) == ALL
    assert by_briefs(reader) == set(range(21, 41))
    assert file.exists()
    reader.close()


def test_a_reader_sees_what_is_deleted_and_tidied_beside_it(tmp_path: Path, store: Store) -> None:
    reader = open_store(tmp_path, read_only=True)
    assert found(reader) == ALL
    store.delete([(number, 1) for number in range(1, 15)])
    store.maintain()
    reader._volumes.reopen()
    assert found(reader) == ALL - set(range(1, 15))
    reader.close()


@pytest.mark.parametrize("broken", ["write_brief", "remove_drafts"])
@pytest.mark.usefixtures("expected_warnings")
def test_a_brief_that_cannot_be_written_does_no_harm(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    for file in briefs(tmp_path):
        file.unlink()
    monkeypatch.setattr(shelf, broken, fail)
    store.maintain()
    assert found(store) == ALL
    assert by_briefs(store) == set()
    monkeypatch.undo()
    store.add(rows(["fox number51"], 51))
    store.maintain()
    assert by_briefs(store) == set(range(1, 41))


@pytest.mark.usefixtures("expected_warnings")
def test_a_disk_with_little_room_is_not_filled_with_briefs(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in briefs(tmp_path):
        file.unlink()
    monkeypatch.setattr(shelf, "free_bytes", lambda _: 200 << 20)
    store.maintain()
    assert briefs(tmp_path) == []
    assert found(store) == ALL


@pytest.mark.usefixtures("expected_warnings")
def test_nothing_is_left_of_a_brief_whose_writing_failed(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    for file in briefs(tmp_path):
        file.unlink()
    monkeypatch.setattr(writing.os, "fsync", fail)
    store._volumes._shelf.write_missing(store._volumes._full())
    assert briefs(tmp_path) == []


def test_a_volume_is_read_piece_by_piece(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in briefs(tmp_path):
        file.unlink()
    monkeypatch.setattr(writing, "_PIECE_ROWS", 7)
    store.maintain()
    assert by_briefs(store) == set(range(1, 41))
    assert found(store) == ALL


def test_what_a_killed_program_left_of_a_brief_is_removed(tmp_path: Path, store: Store) -> None:
    folder = briefs(tmp_path)[0].parent
    briefs(tmp_path)[0].unlink()
    (folder / "00017.draft").write_bytes(b"half")
    (folder / "words.draft").write_bytes(b"half")
    assert found(store) == ALL
    store.maintain()
    assert [file.suffix for file in folder.iterdir()] == [".brief"]


def test_a_brief_is_left_to_the_next_time_where_a_write_waits(tmp_path: Path, store: Store) -> None:
    for file in briefs(tmp_path):
        file.unlink()
    looks = iter([True, True, True, False, False])
    volumes = store._volumes
    volumes._shelf.write_missing(volumes._full(), lambda: next(looks))
    assert [file.suffix for file in briefs(tmp_path)] == [".brief"]
    store.begin_maintenance(is_quiet=True)
    volumes.hurry_maintenance()
    store.add(rows(["fox number51"], 51))
    assert found(store) == ALL | {51}


def test_an_index_without_briefs_is_the_same_index(tmp_path: Path, store: Store) -> None:
    for file in briefs(tmp_path):
        shutil.rmtree(file.parent)
    assert found(store) == ALL
    store.maintain()
    assert by_briefs(store) == set(range(1, 41))


def test_a_brief_is_no_room_that_could_be_given_back(tmp_path: Path, store: Store) -> None:
    store.maintain()
    size = store.size()
    for file in briefs(tmp_path):
        file.unlink()
    without = store.size()
    assert size.bytes_on_disk > without.bytes_on_disk
    assert size.reclaimable_bytes == without.reclaimable_bytes


def test_a_brief_goes_with_its_table(tmp_path: Path, store: Store) -> None:
    store.close()
    drop_table(tmp_path, NAME)
    assert list(tmp_path.rglob("*.brief")) == []
