"""A volume that cannot be made, or was being made when the program was killed, does no harm."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_rows import DIMENSION, rows

from vext_desktop.errors import DiskFullError
from vext_desktop.index import lance_table
from vext_desktop.index.rows import ChunkRow
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import volume_folders

NAME = "chunks-some"


def open_store(folder: Path, *, read_only: bool = False) -> Store:
    return Store(
        folder, "m", DIMENSION, table_name=NAME, read_only=read_only, max_rows_of_volume=20
    )


def breaking(error: BaseException) -> Callable[[Any], None]:
    def build(_table: object) -> None:
        raise error

    return build


def test_a_volume_that_has_no_room_is_begun_when_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    store.add(rows(["fox"] * 20))
    with monkeypatch.context() as broken:
        broken.setattr(lance_table, "build_text_index", breaking(OSError(errno.ENOSPC, "full")))
        with pytest.raises(DiskFullError):
            store.add(rows(["fox"] * 3, 100))
    assert (store.count(), len(store.search_text("fox", 99))) == (20, 20)
    assert store.size().rows == 20
    store.add(rows(["fox"] * 3, 100))
    store.maintain()
    assert (store.count(), len(store.search_text("fox", 99))) == (23, 23)
    store.close()


def test_a_kill_while_a_volume_is_made_leaves_an_index_that_can_be_written_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    store.add(rows(["fox"] * 20))
    with monkeypatch.context() as broken:
        broken.setattr(lance_table, "build_text_index", breaking(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            store.add(rows(["fox"] * 3, 100))
    reader = open_store(tmp_path, read_only=True)
    assert (reader.count(), len(reader.search_text("fox", 99))) == (20, 20)
    reader.close()
    again = open_store(tmp_path)
    again.add(rows(["fox"] * 3, 100))
    again.maintain()
    assert (again.count(), len(again.search_text("fox", 99))) == (23, 23)
    again.close()
    assert [folder.name for folder in volume_folders(tmp_path / f"{NAME}.lance")] == [
        f"{NAME}.lance",
        "1.lance",
    ]
    assert len(list((tmp_path / f"{NAME}.lance" / "_volumes").iterdir())) == 1


def test_a_table_that_has_no_text_index_gets_one(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add(rows(["fox"] * 3))
    store._volumes.last._table.drop_index("text_idx")
    store.close()
    again = open_store(tmp_path)
    assert len(again.search_text("fox", 99)) == 3
    again.close()


@pytest.mark.parametrize("dimension", [12, 16])
def test_vectors_of_any_length_get_an_index(tmp_path: Path, dimension: int) -> None:
    store = Store(tmp_path, "m", dimension, min_rows_for_vector_index=300)
    vectors = np.random.default_rng(0).normal(size=(300, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.add([ChunkRow(n, 1, 0, None, "", 0, 1, f"word{n}", vectors[n]) for n in range(300)])
    store.maintain()
    indices = store._volumes.last._table.list_indices()
    assert ["vector"] in [index.columns for index in indices]
    assert store.search_vector(vectors[7], 1)[0].file_id == 7
    store.close()
