"""The volume that rows are added to, asked for what is near without LanceDB.

One question to LanceDB takes 15 ms of processor there, as much as all full volumes by their
briefs. This takes 2 ms, and once after each change of the volume 15 ms and 20 µs for a new row.
"""

import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.growing import GrowingBrief
from vext_desktop.index.briefs.layout import BriefError, vectors_of
from vext_desktop.index.briefs.seats import Seat, place_rows, read_keys
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.lance_versions import latest_version
from vext_desktop.index.rows import HIT_COLUMNS
from vext_desktop.index.table_names import BRIEFS

logger = logging.getLogger("vext.store")

# At once LanceDB would read ahead of us, 60 MB.
_PIECE_ROWS = 1024
# So many new rows are taken in for one search, in 80 ms: after opening there are up to a volume's.
_MOST_AT_ONCE = 4096
_GOES_ON = "more to take in"  # in the place of a version
# With more passages than so many times those that are there, it is made anew.
_MOST_KEPT = 1.5
_LEAST_KEPT = 2000


class LastSeat:
    """Follows the volume that grows; for one thread.

    Args:
        dimension: Numbers in a vector.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._seat: Seat[GrowingBrief] | None = None
        self._brief: GrowingBrief | None = None
        self._seen: tuple[int, str] | None = None

    def close(self) -> None:
        """Let go of its file; harmless a second time."""
        if self._brief is not None:
            self._brief.close()
        self._brief = self._seat = self._seen = None

    def of(self, volume: LanceTable) -> Seat[GrowingBrief] | None:
        """What is in the volume now; None where LanceDB must be asked itself.

        Raises:
            StoreError: The volume cannot be read.
        """
        seen = volume.number, latest_version(volume.folder)
        if self._seen == seen:
            return self._seat
        if self._seen is not None and self._seen[0] != volume.number:
            self.close()
        # What is tried in vain is tried again when there is another version.
        self._seat, self._seen = None, seen
        try:
            self._seat = self._follow(volume)
        except BriefError as error:
            self.give_up(error)
        return self._seat

    def give_up(self, error: BriefError) -> None:
        """Leave the volume to LanceDB until it changes, and begin anew then."""
        logger.warning("searches in new passages take longer: %s", error)
        seen = self._seen
        self.close()
        self._seen = seen

    def _follow(self, volume: LanceTable) -> Seat[GrowingBrief] | None:
        found = read_keys(volume)
        there = len(found[0])
        if self._brief is not None and self._brief.rows > max(_LEAST_KEPT, _MOST_KEPT * there):
            self._brief.close()
            self._brief = None
        if self._brief is None:
            self._brief = GrowingBrief(volume.folder / BRIEFS, self._dimension)
        brief = self._brief
        row_ids, all_new = place_rows(brief.passages(), found)
        new = all_new[:_MOST_AT_ONCE]
        if len(new):
            is_new = np.zeros(there, np.bool_)
            is_new[new] = True
            for keys, vectors, part in self._read(volume, range(int(new[0]), int(new[-1]) + 1)):
                own = [column[part] for column in found[:-1]]
                if not all(map(np.array_equal, keys, own)):
                    return None  # maintenance has moved rows just now; the next time
                wanted = is_new[part]
                brief.add([column[wanted] for column in keys], vectors[wanted])
        if len(new) < len(all_new):
            self._seen = volume.number, _GOES_ON
            return None
        row_ids = np.concatenate([row_ids, found[-1][new]])
        return Seat(volume.number, brief, row_ids) if len(row_ids) == brief.rows else None

    def _read(
        self, volume: LanceTable, rows: range
    ) -> Iterator[tuple[list[NDArray[np.int64]], NDArray[np.float32], slice]]:
        """Keys and vectors of some rows, and which those are."""
        for first in range(rows.start, rows.stop, _PIECE_ROWS):
            done = first
            piece = range(first, min(first + _PIECE_ROWS, rows.stop))
            for batch in volume.read((*HIT_COLUMNS, "vector"), part=piece):
                keys = [batch.column(name).to_numpy() for name in HIT_COLUMNS]
                vectors = vectors_of(batch, self._dimension)
                yield keys, vectors, slice(done, done + len(vectors))
                done += len(vectors)
