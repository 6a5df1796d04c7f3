"""What the data folder takes is told by part, and tidying up gives back what it promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import DIMENSION, rows

from vext_desktop.index.disk_use import DiskPart, DiskUse, TidyReceipt, measure_disk
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths

NAME = "chunks-some"
EDITION = Edition(1, NAME, "key", "m", DIMENSION, "", True, True, 0.0, None, None)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path)
    found.create()
    found.prepared_models.unlink()  # lent to all tests: not this folder's
    return found


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    opened = Store(
        paths.store, "m", DIMENSION, table_name=NAME, max_rows_of_volume=200,
        min_rows_for_vector_index=150,
    )  # fmt: skip
    words = " ".join(f"word{n}" for n in range(80))
    for first in range(1, 400, 100):
        opened.add(rows([f"{words} {first + n}" for n in range(100)], first))
    yield opened
    opened.close()


def sizes(use: DiskUse) -> dict[str, int]:
    return {part.name: part.size_bytes for part in use.parts}


def all_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def test_the_parts_are_all_that_the_folder_takes(paths: Paths, store: Store) -> None:
    paths.ledger.write_bytes(b"x" * 1000)
    (paths.data_dir / "stray").write_bytes(b"x" * 10)
    for _ in range(2):
        use = measure_disk(paths, [EDITION], [])
        assert use.size_bytes == all_bytes(paths.data_dir)
        assert sizes(use)["ledger"] == 1000
        assert sizes(use)["other"] >= 10
        store.maintain()


def test_vectors_are_counted_in_all_volumes_and_have_an_index_of_their_own(
    paths: Paths, store: Store
) -> None:
    store.maintain()
    found = sizes(measure_disk(paths, [EDITION], []))
    assert found["vectors"] == 400 * DIMENSION * 2
    assert found["passages"] > 0
    assert found["text_index"] > 0
    assert found["vector_index"] > 0
    assert found["kept_index"] == 0


def test_tidying_gives_back_what_was_promised(paths: Paths, store: Store) -> None:
    store.maintain()
    store.delete([(n, 1) for n in range(1, 380)])
    before = measure_disk(paths, [EDITION], [])
    store.maintain()
    after = measure_disk(paths, [EDITION], [])
    assert sizes(after)["old_versions"] < sizes(before)["old_versions"] / 2
    receipt = TidyReceipt(before, after, 1.0)
    assert receipt.freed_bytes > before.reclaimable_bytes * 0.9
    assert "gave back" in receipt.sentence


def test_an_index_that_is_kept_is_no_part_of_what_tidying_gives_back(
    paths: Paths, store: Store
) -> None:
    found = measure_disk(paths, [], [EDITION])
    assert sizes(found)["kept_index"] == all_bytes(paths.store / f"{NAME}.lance")
    assert found.reclaimable_bytes == 0
    assert found.promise == "There is nothing to tidy up: all of it is in use."
    assert store.count() == 400


def test_a_table_that_cannot_be_understood_is_not_called_reclaimable(
    paths: Paths, store: Store
) -> None:
    store.close()
    for file in paths.store.rglob("*.manifest"):
        file.write_bytes(b"damaged")
    assert measure_disk(paths, [EDITION], []).reclaimable_bytes == 0


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(300, 100, "gave back 200 MB"), (100, 150, "50 MB more on the disk"), (9, 9, "nothing back")],
)
def test_a_receipt_says_what_came_of_it(before: int, after: int, words: str) -> None:
    one, other = (DiskUse((DiskPart("ledger", "", size * 10**6),)) for size in (before, after))
    assert words in TidyReceipt(one, other, 0.5).sentence
