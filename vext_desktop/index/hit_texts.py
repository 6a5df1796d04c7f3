"""The texts of passages that were found: only of those that are wanted, since that takes time."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from vext_desktop.index.fusion import passage_of
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.rows import HIT_COLUMNS, TOLD_COLUMNS, StoreHit


def with_texts(tables: Sequence[LanceTable], hits: Sequence[StoreHit]) -> list[StoreHit]:
    """The same hits with their texts; one whose row has just been removed has none.

    Args:
        tables: All volumes, by their number.
        hits: What was found in them.
    """
    wanted: dict[int, list[int]] = {}
    for hit in hits:
        if hit.place is not None and not hit.text:
            wanted.setdefault(hit.place[0], []).append(hit.place[1])
    told: dict[Hashable, tuple[Any, ...]] = {}
    for number, row_ids in wanted.items():
        found = tables[number].take(row_ids, (*HIT_COLUMNS, *TOLD_COLUMNS))
        told.update(zip(_rows(found, HIT_COLUMNS), _rows(found, TOLD_COLUMNS), strict=True))
    return [_with_text(tables, hit, told) for hit in hits]


def _with_text(
    tables: Sequence[LanceTable], hit: StoreHit, told: dict[Hashable, tuple[Any, ...]]
) -> StoreHit:
    if hit.text or hit.place is None:
        return hit
    found = told.get(passage_of(hit))
    if found is None:  # maintenance has moved the row meanwhile
        where = " AND ".join(f"{name} = {int(getattr(hit, name))}" for name in HIT_COLUMNS)
        batches = tables[hit.place[0]].read(TOLD_COLUMNS, where)
        found = next((row for batch in batches for row in _rows(batch, TOLD_COLUMNS)), None)
    return hit if found is None else replace(hit, **dict(zip(TOLD_COLUMNS, found, strict=True)))


def _rows(found: Any, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """These columns of Arrow data, row by row."""
    return zip(*(found.column(name).to_pylist() for name in columns), strict=True)
