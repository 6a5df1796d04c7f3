"""A brief beside its volume: which of its passages are there now, and where."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.brief import Brief
from vext_desktop.index.briefs.layout import BriefError
from vext_desktop.index.briefs.writing import SUFFIX
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.rows import HIT_COLUMNS
from vext_desktop.index.table_names import BRIEFS


@dataclass(slots=True)
class Seat:
    """A brief, and where the volume has its passages now.

    Attributes:
        volume: Number of the volume.
        brief: Open.
        row_ids: LanceDB's number of each passage's row; below 0 where it was deleted.
    """

    volume: int
    brief: Brief
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


def take_seat(volume: LanceTable, file: Path, dimension: int) -> Seat | None:
    """Compare a brief with its volume: 20 ms; None where it lacks rows that are there.

    Raises:
        BriefError: It is damaged.
        StoreError: The volume cannot be read.
    """
    brief = Brief(file)
    try:
        if brief.dimension != dimension:
            raise BriefError("it is of vectors of another length", file)
        row_ids = _placed(brief, volume)
    except BaseException:
        brief.close()
        raise
    if row_ids is None:
        brief.close()
        return None
    return Seat(volume.number, brief, row_ids)


def _placed(brief: Brief, volume: LanceTable) -> NDArray[np.int64] | None:
    """LanceDB's number of each row of a brief; -1 where it is gone, None if rows are new."""
    batches = list(volume.read((*HIT_COLUMNS, "_rowid")))
    *there, row_ids = [
        np.concatenate([np.zeros(0, np.int64), *(batch.column(name) for batch in batches)])
        for name in (*HIT_COLUMNS, "_rowid")
    ]
    keys: tuple[NDArray[Any], ...] = brief.passages()
    if all(np.array_equal(own, other) for own, other in zip(keys, there, strict=True)):
        return row_ids.astype(np.int64)
    places = {key: place for place, key in enumerate(_told(keys))}
    placed = np.full(brief.rows, -1, np.int64)
    for key, row_id in zip(_told(there), row_ids.tolist(), strict=True):
        place = places.get(key)
        if place is None:
            return None
        placed[place] = row_id
    return placed


def _told(columns: Sequence[NDArray[Any]]) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)
