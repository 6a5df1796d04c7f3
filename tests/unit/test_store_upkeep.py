"""Upkeep of the store, full disks, damage, and errors as sentences."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from child_stage import wait_until
from store_rows import DIMENSION, rows, vector_of

from vext_desktop.errors import StoreError
from vext_desktop.index import lance_session
from vext_desktop.index.store import MIN_FREE_BYTES, Store, free_bytes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store", "model-a", DIMENSION)
    yield opened
    opened.close()


def found(store: Store, query: str, file_ids: list[int] | None = None) -> list[int]:
    return [hit.file_id for hit in store.search_text(query, 10, file_ids)]


def near(store: Store, query: str, limit: int = 10, file_ids: list[int] | None = None) -> list[int]:
    return [hit.file_id for hit in store.search_vector(vector_of(query), limit, file_ids)]


def test_maintenance_joins_pieces_and_gives_disk_back(store: Store) -> None:
    for n in range(20):
        store.add(rows([f"text {n} {i}" for i in range(8)], 8 * n))
    store.delete([(n, 1) for n in range(40)])
    before = store.size()
    assert (before.rows, store.needs_maintenance, store.unindexed_rows) == (120, True, 120)
    seconds = store.maintain()
    after = store.size()
    assert 0 < seconds < 60
    assert (after.rows, after.fragments, store.unindexed_rows) == (120, 1, 0)
    assert after.bytes_on_disk < before.bytes_on_disk
    assert after.reclaimable_bytes < before.reclaimable_bytes
    assert not store.needs_maintenance
    assert len(near(store, "text", 200)) == 120


def test_rows_that_are_written_while_maintenance_runs_are_not_taken_for_leftovers(
    store: Store,
) -> None:
    file_id, rounds_with_writing = 1, 0
    for _ in range(12):
        store.add(rows([f"before {file_id + i}" for i in range(200)], file_id))
        file_id += 200
        store.begin_maintenance()
        while store.finish_maintenance(0) is None:
            store.add(rows([f"during {file_id + i}" for i in range(20)], file_id))
            file_id += 20
            rounds_with_writing += 1
    assert rounds_with_writing > 12
    store.maintain()
    assert store.size().rows == file_id - 1
    hits = store.search_vector(vector_of("during"), file_id)
    assert {hit.file_id for hit in hits} == set(range(1, file_id))


def test_who_writes_during_the_last_maintenance_of_a_run_waits_for_its_end(store: Store) -> None:
    store.add(rows([f"text {i}" for i in range(500)]))
    store.begin_maintenance(is_quiet=True)
    store.add(rows(["late"], 900))
    assert store.finish_maintenance(0) == 0.0
    assert store.needs_maintenance
    store.begin_maintenance(is_quiet=True)
    store.delete([(900, 1)])
    store.maintain()
    assert (store.size().rows, store.needs_maintenance) == (500, False)


def test_searches_go_on_while_maintenance_runs(store: Store) -> None:
    for n in range(30):
        store.add(rows([f"fox {n} {i}" for i in range(8)], 8 * n))
    store.begin_maintenance()
    store.begin_maintenance()  # has begun already
    answers = []
    while (seconds := store.finish_maintenance(0.001)) is None:
        answers.append(len(found(store, "fox")))
        answers.append(len(near(store, "fox")))
    assert seconds > 0
    assert answers
    assert set(answers) == {10}
    assert store.size().fragments == 1
    assert store.finish_maintenance(0) == 0.0


def test_closing_during_maintenance_does_no_harm(tmp_path: Path, store: Store) -> None:
    for n in range(10):
        store.add(rows([f"fox {n}"], n))
    store.begin_maintenance()
    store.close()
    again = Store(tmp_path / "store", "model-a", DIMENSION)
    assert (again.count(), len(found(again, "fox"))) == (10, 10)
    again.close()


def test_the_need_for_maintenance_outlives_the_program(tmp_path: Path, store: Store) -> None:
    store.add(rows(["x"]))
    store.close()
    again = Store(tmp_path / "store", "model-a", DIMENSION)
    assert again.needs_maintenance
    again.maintain()
    again.close()
    third = Store(tmp_path / "store", "model-a", DIMENSION)
    assert not third.needs_maintenance
    third.close()


def test_files_that_a_killed_writer_left_are_removed_by_maintenance(
    tmp_path: Path, store: Store
) -> None:
    store.add(rows(["x"]))
    orphan = next((tmp_path / "store").glob("*.lance/data/*"))
    stray = orphan.with_name("00000000000000000000000000000000000000000000.lance")
    shutil.copy(orphan, stray)
    before = store.size().reclaimable_bytes
    store.maintain()
    assert store.size().reclaimable_bytes < before
    assert not stray.exists()  # by its whole name: LanceDB's own begin with binary digits
    assert store.count() == 1


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts handles in /proc")
def test_handles_on_removed_files_do_not_pile_up(store: Store) -> None:
    words = " ".join(f"word{n}" for n in range(60))
    held = []
    for n in range(5):
        store.add(rows([f"text {n} {i} {words}" for i in range(300)]))
        found(store, "text")
        store.maintain()
        found(store, "text")
        handles = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        held.append(sum("(deleted)" in str(link.readlink()) for link in handles))
    assert held == [held[0]] * 5


def test_the_caches_stay_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 20_000
    monkeypatch.setattr(lance_session, "METADATA_CACHE_BYTES", limit)
    monkeypatch.setattr(lance_session, "INDEX_CACHE_BYTES", limit)
    store.add(rows(["text"]))
    store.maintain()  # opens the session anew, with these limits
    for n in range(40):
        store.add(rows([f"text {n}"]))
        found(store, "text")
    assert store.cache_bytes > 0
    # LanceDB lets go of entries beside the queries, on a thread of its own; without these limits
    # it would hold 600 kB by now, and more with every row.
    assert wait_until(lambda: bool(found(store, "text")) and store.cache_bytes < 3 * limit, 20.0)


def test_a_vector_index_is_built_once_there_are_enough_rows_and_finds_the_same(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "store", "model-a", DIMENSION, min_rows_for_vector_index=1000)
    texts = [f"word{n % 97} word{n % 89} word{n}" for n in range(1200)]
    store.add(rows(texts))
    before = near(store, texts[500], 5)
    store.maintain()
    assert list((tmp_path / "store").glob("*.lance/_indices/*"))
    assert near(store, texts[500], 5)[0] == before[0] == 501
    store.add(rows(["a quite new passage"], 5000))
    assert near(store, "a quite new passage", 1) == [5000]
    assert near(store, texts[500], 5, [7, 900]) in ([7, 900], [900, 7])
    store.close()


def test_a_nearly_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    free = [10 * MIN_FREE_BYTES]
    store = Store(tmp_path / "store", "m", DIMENSION, measure_free=lambda _: free[0])
    store.add(rows(["a fox"]))
    free[0] = MIN_FREE_BYTES - 1
    with pytest.raises(StoreError, match="MB left") as told:
        store.add(rows(["another fox"]))
    assert "room" in told.value.hint
    with pytest.raises(StoreError, match="MB left"):
        store.maintain()
    assert found(store, "fox") == [1]
    assert free_bytes(tmp_path) > 0
    store.close()


class BreakingTable:
    """Stands before a real table and fails the first calls of one method."""

    def __init__(self, table: object, method: str, error: Exception, times: int = 1) -> None:
        self._table, self._method, self._error, self.times = table, method, error, times

    def __getattr__(self, name: str) -> object:
        if name == self._method and self.times > 0:
            self.times -= 1
            raise self._error
        return getattr(self._table, name)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("lance error: No space left on device (os error 28)"), "disk is full"),
        (PermissionError(13, "Permission denied"), "permission was denied"),
        (RuntimeError("lance error: something else\nat line 5"), "could not be written"),
    ],
)
def test_what_lancedb_raises_becomes_a_sentence(store: Store, error: Exception, words: str) -> None:
    store._volumes.last._table = BreakingTable(store._volumes.last._table, "add", error)
    with pytest.raises(StoreError, match=words) as told:
        store.add(rows(["x"]))
    assert told.value.hint
    assert "\n" not in told.value.message


def test_a_search_whose_version_is_removed_under_it_is_run_again(store: Store) -> None:
    store.add(rows(["a fox"]))
    real, gone = store._volumes.last._table, RuntimeError("lance error: Not found: data/1.lance")
    store._volumes.last._table = BreakingTable(real, "search", gone, times=1)
    assert found(store, "fox") == [1]
    store._volumes.last._table = BreakingTable(real, "search", gone, times=2)
    with pytest.raises(StoreError, match="could not be searched"):
        found(store, "fox")


def test_a_text_index_that_cannot_be_extended_is_built_anew(
    store: Store, expected_warnings: list[logging.LogRecord]
) -> None:
    store.add(rows(["a fox"]))
    error = RuntimeError("Max offset exceeds")
    broken = BreakingTable(store._volumes.last._table, "optimize", error)
    store._volumes.last._table = broken
    store.maintain()
    assert ["built anew" in record.getMessage() for record in expected_warnings] == [True]
    assert store.unindexed_rows == 0
    assert found(store, "fox") == [1]


def test_a_damaged_table_is_told_in_a_sentence(tmp_path: Path, store: Store) -> None:
    store.add(rows(["a fox"]))
    store.close()
    for file in (tmp_path / "store").glob("*.lance/_versions/*"):
        file.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="could not be opened") as told:
        Store(tmp_path / "store", "model-a", DIMENSION)
    assert "untouched" in told.value.hint


def test_a_reader_creates_nothing_and_sees_what_the_writer_writes(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    early = Store(folder, "model-a", DIMENSION, read_only=True)
    assert (early.count(), early.search_text("fox", 5), early.size().rows) == (0, [], 0)
    assert not folder.exists()
    early.close()
    writer = Store(folder, "model-a", DIMENSION)
    reader = Store(folder, "model-a", DIMENSION, read_only=True)
    writer.add(rows(["a fox"]))
    assert found(reader, "fox") in ([], [1])  # within a second
    writer.close()
    reader.close()
