"""A brief beside its volume: which of its passages are there now, and where."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.brief import Brief
from vext_desktop.index.briefs.layout import BriefError
from vext_desktop.index.briefs.writing import SUFFIX
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.rows import HIT_COLUMNS
from vext_desktop.index.table_names import BRIEFS


class Near(Protocol):
    """What a search by meaning asks: see `Brief`."""

    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def file(self) -> Path: ...  # noqa: D102
    def passages(self) -> tuple[NDArray[Any], ...]: ...  # noqa: D102
    def some_passages(  # noqa: D102
        self, rows: Sequence[int]
    ) -> list[tuple[int, int, int]]: ...
    def file_ids(self) -> NDArray[np.int64]: ...  # noqa: D102
    def read_codes(  # noqa: D102
        self, into: NDArray[np.uint64]
    ) -> NDArray[np.uint64]: ...
    def nearness(  # noqa: D102
        self, rows: Sequence[int], vector: NDArray[np.float32]
    ) -> NDArray[np.float32]: ...


B_co = TypeVar("B_co", bound=Near, covariant=True)


@dataclass(frozen=True, slots=True)
class Seat(Generic[B_co]):
    """A brief, and where the volume has its passages now.

    Attributes:
        volume: Number of the volume.
        brief: Open.
        row_ids: LanceDB's number of each passage's row; below 0 where it was deleted.
    """

    volume: int
    brief: B_co
    row_ids: NDArray[np.int64]

    def allowed(self, file_ids: NDArray[np.int64] | None) -> NDArray[np.bool_]:
        """Which passages are there and belong to these files, which are in order."""
        there = self.row_ids >= 0
        if file_ids is None:
            return there
        own = self.brief.file_ids()
        wanted = np.zeros(int(file_ids[-1]) + 2, np.bool_)
        wanted[file_ids] = True
        return there & wanted[np.minimum(own, len(wanted) - 1)]


def latest_brief(volume: LanceTable) -> Path | None:
    """The brief that was written last."""
    try:
        # Paths as text: putting them together costs more than looking, and each search does.
        with os.scandir(f"{volume.folder}{os.sep}{BRIEFS}") as there:
            newest = max((entry.name for entry in there if entry.name.endswith(SUFFIX)), default="")
    except OSError:
        return None
    return volume.folder / BRIEFS / newest if newest else None


def take_seat(volume: LanceTable, file: Path, dimension: int) -> Seat[Brief] | None:
    """Compare a brief with its volume: 20 ms; None where it lacks rows that are there.

    Raises:
        BriefError: It is damaged.
        StoreError: The volume cannot be read.
    """
    brief = Brief(file)
    try:
        if brief.dimension != dimension:
            raise BriefError("it is of vectors of another length", file)
        row_ids, new = place_rows(brief.passages(), read_keys(volume))
    except BaseException:
        brief.close()
        raise
    if len(new):
        brief.close()
        return None
    return Seat(volume.number, brief, row_ids)


def read_keys(volume: LanceTable) -> tuple[NDArray[np.int64], ...]:
    """The file_id, generation and ordinal of a volume's rows, and LanceDB's number of each.

    Raises:
        StoreError: The volume cannot be read.
    """
    batches = list(volume.read((*HIT_COLUMNS, "_rowid")))
    return tuple(
        np.concatenate([np.zeros(0, np.int64), *(batch.column(name) for batch in batches)]).astype(
            np.int64
        )
        for name in (*HIT_COLUMNS, "_rowid")
    )


def place_rows(
    keys: Sequence[NDArray[Any]], found: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Find the passages of a brief in its volume.

    Args:
        keys: The file_id, generation and ordinal of each.
        found: What `read_keys` found.

    Returns:
        LanceDB's number of each passage's row, -1 where it is gone; and which of the volume's
        rows, counted from 0, are of none of them.
    """
    *there, row_ids = found
    known = len(keys[0])
    if all(np.array_equal(own, other[:known]) for own, other in zip(keys, there, strict=True)):
        return row_ids[:known], np.arange(known, len(row_ids))
    places = {key: place for place, key in enumerate(_told(keys))}
    placed, new = np.full(known, -1, np.int64), []
    for number, (key, row_id) in enumerate(zip(_told(there), row_ids.tolist(), strict=True)):
        place = places.get(key)
        if place is None:
            new.append(number)
        else:
            placed[place] = row_id
    return placed, np.array(new, np.intp)


def _told(columns: Sequence[NDArray[Any]]) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)
