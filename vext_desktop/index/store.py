"""The store: passages and their vectors, with the rules for writing, filtering and upkeep.

Rows are never changed, only added and deleted, and whether a row is shown is the ledger's word,
so a write that was cut off does no harm. LanceDB itself is known to `lance_table` alone.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vext_desktop.errors import StoreError
from vext_desktop.events import RoomShort
from vext_desktop.index.disk_sync import SyncedFolder
from vext_desktop.index.lance_errors import told
from vext_desktop.index.query import parse_query
from vext_desktop.index.room import MIN_FREE_BYTES, free_bytes, require_free, room_needed
from vext_desktop.index.row_filter import RowFilter, filter_files
from vext_desktop.index.rows import ChunkRow, StoreHit, StoreSize, to_batch
from vext_desktop.index.table_names import bytes_in, name_table, unkempt_mark
from vext_desktop.index.upkeep import Upkeep
from vext_desktop.index.volumes import MAX_ROWS, Volumes

__all__ = ["ChunkRow", "Store", "StoreHit", "StoreSize"]

logger = logging.getLogger("vext.store")

# Below this, reading all vectors is quick (some 10 ms), exact, and needs no building.
MIN_ROWS_FOR_VECTOR_INDEX = 8_000

# How long closing waits for maintenance; cutting it off is safe, and the next one makes it good.
CLOSING_WAIT_S = 2.0

# More rows are asked for than should be needed where a filter drops some afterwards, and how
# many times as many when those were too few.
_MARGIN = 1.2
_DEEPER = 4


class Store:
    """The passages of one model; for one thread, and one writer at a time.

    Args:
        folder: The LanceDB folder; created if it is not there.
        model: Name of the model that the vectors come from; each model has its own table.
        dimension: Numbers in a vector.
        table_name: The table; that of the model and its dimension if None.
        read_only: To search only, beside a program that writes; what that writes is seen.
        measure_free: Bytes free on the disk of a folder.
        min_rows_for_vector_index: From how many rows on maintenance builds a vector index.
        max_rows_of_volume: From how many rows on a table gets no more, and a next one is begun.

    Raises:
        StoreError: The folder cannot be used; any method may also raise it.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        dimension: int,
        *,
        table_name: str | None = None,
        read_only: bool = False,
        measure_free: Callable[[Path], int] = free_bytes,
        min_rows_for_vector_index: int = MIN_ROWS_FOR_VECTOR_INDEX,
        max_rows_of_volume: int = MAX_ROWS,
    ) -> None:
        self._folder = folder
        self._dimension = dimension
        self._measure_free = measure_free
        self._min_rows_for_vector_index = min_rows_for_vector_index
        name = table_name or name_table(model, dimension)
        self._own_folder = folder / f"{name}.lance"
        # There from the first change until maintenance has come to its end.
        self._unkempt_mark = unkempt_mark(folder, name)
        self._volumes = Volumes(
            folder, name, dimension, model, read_only=read_only, max_rows=max_rows_of_volume
        )
        self._synced = SyncedFolder(self._own_folder)
        self.is_checked = read_only
        self._upkeep: Upkeep | None = None

    def close(self) -> None:
        """Let go of table and caches; harmless a second time.

        Maintenance that is under way is given a moment, then left to end with the program.
        """
        if self._upkeep is not None:
            self._volumes.hurry_maintenance()
            try:
                self.finish_maintenance(CLOSING_WAIT_S)
            except StoreError as error:
                logger.info("maintenance failed while closing: %s", error)
        self._volumes.close()

    @property
    def cache_bytes(self) -> int:
        """What LanceDB's bounded caches hold."""
        return self._volumes.cache_bytes

    def add(self, rows: Sequence[ChunkRow]) -> None:
        """Write rows in one commit, down to the disk; hundreds at a time are best.

        Raises:
            StoreError: They could not be written; then none of them was.
            ValueError: A vector has another dimension or is not finite.
        """
        if not rows:
            return
        batch = to_batch(rows, self._dimension)
        self._await_quiet_upkeep()
        self.require_free()
        with told(self._folder, "written"):
            self._unkempt_mark.touch()
            self._volumes.add(rows, batch)
            self._synced.sync()

    def delete(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Remove all rows of these (file_id, generation); pairs without rows do no harm."""
        if not pairs or not self._volumes.count():
            return
        self._await_quiet_upkeep()
        with told(self._folder, "written"):
            self._unkempt_mark.touch()
            self._volumes.delete(pairs)
            self._synced.sync()

    def _await_quiet_upkeep(self) -> None:
        """Let maintenance that nothing may be written beside come to its end first."""
        if self._upkeep is not None and self._upkeep.is_quiet:
            self._volumes.hurry_maintenance()
            self.finish_maintenance(None)

    @property
    def needs_maintenance(self) -> bool:
        """Whether anything was written since the last maintenance, by whatever program."""
        return self._unkempt_mark.exists()

    @property
    def is_maintaining(self) -> bool:
        """Whether maintenance is under way, which takes up to 80 MB for some seconds."""
        return self._upkeep is not None

    @property
    def unindexed_rows(self) -> int:
        """Rows that a text search must still read one by one, at about 0.1 ms each."""
        return self._volumes.unindexed_rows()

    def begin_maintenance(self, *, is_quiet: bool = False) -> None:
        """Begin what `maintain` does, on a thread of its own; searches go on meanwhile.

        Nothing happens if it has begun already. Being cut off in its middle does no harm.

        Args:
            is_quiet: Whether nothing will be written meanwhile. Only then can what a killed
                program left unfinished be told from what is being written, and be removed;
                whoever writes all the same waits for its end.

        Raises:
            StoreError: The disk is too full for it.
        """
        if self._upkeep is not None:
            return
        self.require_free(self._volumes.bytes_to_maintain())
        work = self._volumes.maintenance(self._min_rows_for_vector_index, drops_unfinished=is_quiet)
        self._upkeep = Upkeep(work, "vext-store-upkeep", is_quiet=is_quiet)

    def finish_maintenance(self, wait_s: float | None) -> float | None:
        """Wait for maintenance that has begun; None waits until its end.

        Returns:
            How long it took in all, in seconds; None while it is not done.

        Raises:
            StoreError: It could not be done; all rows are there and are found as before.
        """
        upkeep = self._upkeep
        if upkeep is None:
            return 0.0
        try:
            if not upkeep.is_done(wait_s):
                return None
        except StoreError:
            self._upkeep = None
            raise
        self._upkeep = None
        if upkeep.is_quiet:  # else there may be rows that came too late for it
            self._unkempt_mark.unlink(missing_ok=True)
        self._volumes.finish_maintenance()
        logger.info("maintenance took %.1f s", upkeep.seconds)
        return upkeep.seconds

    def maintain(self) -> float:
        """Join small pieces, drop old versions, bring the indices up to date; see above.

        Returns:
            How long it took, in seconds.
        """
        self.begin_maintenance(is_quiet=True)
        return self.finish_maintenance(None) or 0.0

    def search_vector(
        self, vector: NDArray[np.float32], limit: int, file_ids: Sequence[int] | None = None
    ) -> list[StoreHit]:
        """The passages nearest in meaning, best first; of these files only, if any are given.

        Their texts are not read; see `with_texts`.
        """
        return self._search(partial(self._volumes.nearest, vector), limit, file_ids)

    def search_text(
        self, query: str, limit: int, file_ids: Sequence[int] | None = None
    ) -> list[StoreHit]:
        """The passages that hold words of a query, best first; any string is a query.

        A phrase in quotes must be in the passage, other words make it better. Words are found
        by their English stem, in any script. Their texts are not read; see `with_texts`.
        """
        parsed = parse_query(query)
        if parsed.is_empty:
            return []
        return self._search(partial(self._volumes.matching, parsed), limit, file_ids)

    def with_texts(self, hits: Sequence[StoreHit]) -> list[StoreHit]:
        """The same hits with their texts: of those that are wanted only, since that takes time."""
        return self._volumes.with_texts(hits)

    def count(self) -> int:
        """How many rows there are, shown or not."""
        return self._volumes.count() if self._volumes.is_there else 0

    def size(self) -> StoreSize:
        """How big the store is on disk, and how much of that is no longer needed."""
        on_disk = bytes_in(self._folder)
        if not self._volumes.is_there:
            return StoreSize(0, on_disk, 0, 0)
        rows, fragments, live_bytes = self._volumes.measure()
        reclaimable = max(0, bytes_in(self._own_folder) - live_bytes - self._volumes.brief_bytes())
        return StoreSize(rows, on_disk, fragments, reclaimable)

    def keys(self) -> Iterator[tuple[int, int, int, int, int]]:
        """(file_id, generation, ordinal, start, end) of every row, a few thousand at a time."""
        names = ("file_id", "generation", "ordinal", "start", "end")
        for batch in self._volumes.read(names):
            yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)

    def pairs(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The file_id and generation of every row, a few thousand at a time."""
        for batch in self._volumes.read(("file_id", "generation")):
            yield batch.column("file_id").to_numpy(), batch.column("generation").to_numpy()

    def room_short(self, chunks: int, chunk_size: int) -> RoomShort | None:
        """What to say if so many more passages will probably not fit; None if they will."""
        if not chunks:
            return None
        needed = room_needed(self._volumes.measure()[2], chunks, self._dimension, chunk_size)
        free = self._measure_free(self._folder)
        return RoomShort(str(self._folder), needed, free) if free < needed else None

    def vectors_of(self, file_id: int) -> dict[tuple[int, int], NDArray[np.float32]]:
        """The vectors of a file by (generation, ordinal), as float32 from the kept float16."""
        found = {}
        names = ("generation", "ordinal", "vector")
        for batch in self._volumes.read(names, f"file_id = {int(file_id)}"):
            columns = (batch.column(name).to_pylist() for name in names)
            for generation, ordinal, vector in zip(*columns, strict=True):
                found[generation, ordinal] = np.asarray(vector, dtype=np.float32)
        return found

    def _search(
        self,
        find: Callable[[int, str | None, Sequence[int] | None], list[StoreHit]],
        limit: int,
        file_ids: Sequence[int] | None,
    ) -> list[StoreHit]:
        """Look deeper until the filter has let enough through, or there is no more."""
        if not self._volumes.is_there or limit <= 0 or (file_ids is not None and not file_ids):
            return []
        rows = RowFilter(None) if file_ids is None else filter_files(file_ids)
        depth = limit if rows.allowed is None else round(limit / rows.share * _MARGIN)
        while True:
            found = find(depth, rows.where, file_ids)
            hits = [hit for hit in found if rows.accepts(hit.file_id)]
            if len(hits) >= limit or len(found) < depth:
                return hits[:limit]
            depth *= _DEEPER

    def require_free(self, more_bytes: int = 0) -> None:
        """Raises a DiskFullError where less than the usual and so much more is free."""
        require_free(self._folder, MIN_FREE_BYTES + more_bytes, self._measure_free(self._folder))
