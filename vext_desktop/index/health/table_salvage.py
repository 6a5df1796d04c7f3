"""A table made anew from the rows that can still be read of a damaged one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vext_desktop.errors import StoreError
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.lance_files import Fragment, TableVersion
from vext_desktop.index.health.rows_check import Pair
from vext_desktop.index.health.table_check import TableState
from vext_desktop.index.health.volume_files import Volume
from vext_desktop.index.lance_import import import_lancedb, told_panics
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.table_names import check_maker, table_folder

_ROWS_AT_ONCE = 2000
_NAME = "salvage"
# A vector that is stored as float16 is of unit length to within this; another one is damaged.
_LENGTH_TOLERANCE = 0.02
# Manifests are named by what is left to it, so that the latest comes first.
_LAST_NUMBER = (1 << 64) - 1


def salvage_volume(
    volume: Volume, edition: Edition, state: TableState, wanted: set[Pair], scratch: Path
) -> Iterator[tuple[int, int]]:
    """Write the rows that can be read into a new table in the place of the old one.

    Args:
        volume: Nothing lies where its folder goes.
        edition: Whose table it is.
        state: How the files of the damaged table are, at the place where it lies now.
        wanted: Pairs that belong to files; rows of others are left out.
        scratch: A folder for links to the files that are whole; removed at the end.

    Yields:
        Rows looked at so far, and how many there are.

    Raises:
        StoreError: The new table cannot be written.
    """
    version, folder = state.version, volume.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = LanceTable(folder.parent, folder.stem, edition.dimension, edition.model, read_only=False)
    try:
        new.reopen()
        if version is None:
            return
        whole = [one for one in version.fragments if one.number not in state.bad_fragments]
        total = sum(one.rows for one in whole)
        _link(state.folder, version, whole, table_folder(scratch, _NAME))
        done, seen = 0, set[tuple[int, int, int]]()
        for batch in _read(scratch, edition, whole):
            done += batch.num_rows
            kept = _sound(batch, wanted, seen)
            if kept.num_rows:
                new.add(kept)
            yield done, total
    finally:
        new.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _link(folder: Path, version: TableVersion, whole: list[Fragment], table: Path) -> None:
    """A table of the readable version alone, without indices, so that LanceDB can open it."""
    names: list[str] = []
    for fragment in whole:
        names += [name for name, _ in fragment.data]
        names += [fragment.deletions] if fragment.deletions else []
    manifest = f"_versions/{_LAST_NUMBER - version.version:020d}.manifest"
    sources = {manifest: version.manifest, **{name: folder / name for name in names}}
    for name, source in sources.items():
        target = table / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _read(scratch: Path, edition: Edition, whole: list[Fragment]) -> Iterator[Any]:
    """The rows of the whole fragments; what cannot be read after all is left out."""
    os.environ.setdefault("LANCEDB_LOG", "error")
    try:
        with told_panics():
            table = import_lancedb().connect(scratch).open_table(_NAME)
            check_maker(scratch, table.schema, edition.dimension, edition.model)
    except (RuntimeError, OSError, ValueError, StoreError):
        return
    for fragment in whole:
        for first in range(0, fragment.rows, _ROWS_AT_ONCE):
            last = min(first + _ROWS_AT_ONCE, fragment.rows)
            ids = [fragment.number << 32 | row for row in range(first, last)]
            try:
                with told_panics():
                    # Deleted rows are left out by LanceDB.
                    yield table.take_row_ids(ids).to_arrow()
            except (RuntimeError, OSError, ValueError, StoreError):
                continue


def _sound(batch: Any, wanted: set[Pair], seen: set[tuple[int, int, int]]) -> Any:
    """The rows that are whole, wanted, and not there already."""
    import numpy as np  # noqa: PLC0415 - as lancedb itself
    import pyarrow as pa  # noqa: PLC0415 - the same

    columns = batch.column_names
    names = [name for name in columns if not name.startswith("_")]
    table = batch.select(names).combine_chunks()
    flat = table.column("vector").combine_chunks()
    width = flat.type.list_size
    vectors = flat.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
    lengths = np.linalg.norm(vectors.reshape(-1, width), axis=1)
    is_sound = np.abs(lengths - 1.0) < _LENGTH_TOLERANCE
    keys = zip(
        *(table.column(name).to_pylist() for name in ("file_id", "generation", "ordinal")),
        strict=True,
    )
    for place, key in enumerate(keys):
        is_sound[place] &= key[:2] in wanted and key not in seen and key[2] >= 0
        seen.add(key)
    return table.filter(pa.array(is_sound))
