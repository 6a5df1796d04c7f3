"""The rows of one index in several tables of bounded size, which are searched as one.

LanceDB's maintenance writes a table's text index and rows anew, however little was added: at
200 000 rows 50 s of processor and 1 GB of memory for each round. So a table that has reached its
size gets no more rows: the next volume is begun. The first is the table itself, the others lie in
its folder, so that whoever moves, measures or removes it has them too.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vext_desktop.errors import StoreError
from vext_desktop.index.briefs.shelf import Shelf
from vext_desktop.index.fresh_text import FreshText
from vext_desktop.index.indexed_rows import IndexedRows
from vext_desktop.index.lance_session import LanceSession
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.lance_versions import open_readable
from vext_desktop.index.query import ParsedQuery
from vext_desktop.index.row_filter import pair_conditions
from vext_desktop.index.rows import ChunkRow, StoreHit
from vext_desktop.index.table_names import BRIEFS, VOLUMES, bytes_in, volume_numbers
from vext_desktop.index.volume_questions import VolumeQuestions

# Maintenance of so many rows takes 3 s of processor and 80 MB; a search asks each volume.
MAX_ROWS = 25_000


class Volumes:
    """The tables of one index; for one thread, but for `optimize`.

    Args:
        folder: The LanceDB folder.
        name: Name of the first table.
        dimension: Numbers in a vector.
        model: Name of the model that the vectors are from.
        read_only: To search only.
        max_rows: From so many rows on a volume gets no more.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        dimension: int,
        model: str,
        *,
        read_only: bool,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self._dimension = dimension
        self._model = model
        self._read_only = read_only
        self._max_rows = max_rows
        self._session = LanceSession()
        self._all = [
            LanceTable(folder, name, dimension, model, read_only=read_only, session=self._session)
        ]
        self._fresh = FreshText(folder / f"{name}.new-words")
        self._shelf = Shelf(dimension, read_only=read_only)
        self._indexed = IndexedRows(self._all[0], self._shelf.share_of)
        self._questions = VolumeQuestions(self._shelf)
        self._fresh_is_all = False  # whether it holds every row that the text indices do not
        self._rows_in_last = 0
        # Which volumes maintenance has work with; changed by its thread too.
        self._unkempt: set[int] = set()
        self._guard = threading.Lock()
        self._hurry = threading.Event()
        self._open()

    def _open(self) -> None:
        if self._read_only:
            self.reopen()
        self._find_more()
        if self._read_only:
            return
        # What a kill leaves unfinished is no row; what a power cut spoils is the latest version.
        for table in self._all:
            open_readable(table.folder, table)
            table.mend_indices()
        if len(self._all) > 1:
            self.reopen()
        self._rows_in_last = self.last.count()
        self._unkempt = set(range(len(self._all)))
        self._fresh_is_all = self._fresh.can_search and not self.unindexed_rows()

    @property
    def last(self) -> LanceTable:
        """The volume that rows are added to."""
        return self._all[-1]

    @property
    def is_there(self) -> bool:
        """Whether there is a table; a reader can be earlier than the first writer."""
        return self._all[0].is_there

    @property
    def cache_bytes(self) -> int:
        """What LanceDB's bounded caches hold."""
        return self._session.cache_bytes

    def close(self) -> None:
        """Let go of tables and caches; harmless a second time."""
        self._questions.close()
        for table in self._all:
            table.close()
        self._session.renew()
        self._fresh.close()
        self._shelf.close()

    def reopen(self) -> None:
        """Open all volumes with empty caches."""
        self._session.renew()
        for table in self._all:
            table.reopen(keeps_caches=True)

    def add(self, rows: Sequence[ChunkRow], batch: Any) -> None:
        """Write rows, and the same as a record batch, to the last volume or to a new one."""
        if self._rows_in_last >= self._max_rows:
            following = self._volume(len(self._all))
            following.reopen(keeps_caches=True)
            self._all.append(following)
            self._rows_in_last = 0
        self.last.add(batch)
        self._rows_in_last += len(rows)
        self._note_unkempt(len(self._all) - 1)
        self._fresh.add(rows)

    def delete(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Remove the rows of these (file_id, generation)."""
        for condition in pair_conditions(pairs):
            for number, table in enumerate(self._all):
                if table.count() and table.delete(condition):
                    self._note_unkempt(number)
                    self._shelf.forget(table, pairs)
            self._fresh.forget(condition)
        self._rows_in_last = self.last.count()

    def count(self) -> int:
        """How many rows there are."""
        return sum(table.count() for table in self._all)

    def measure(self) -> tuple[int, int, int]:
        """Rows, fragments, and the bytes on disk of what belongs to the present versions."""
        rows, fragments, size_bytes = zip(*(table.measure() for table in self._all), strict=True)
        return sum(rows), sum(fragments), sum(size_bytes)

    def brief_bytes(self) -> int:
        """The bytes on disk of what searches in full volumes use beside them."""
        return sum(bytes_in(table.folder / BRIEFS) for table in self._all)

    def unindexed_rows(self) -> int:
        """Rows that the text indices do not hold yet."""
        return sum(table.unindexed_rows() for table in self._all)

    def read(self, columns: Sequence[str], where: str | None = None) -> Iterator[Any]:
        """Columns of all rows, or of some, as Arrow batches of a few thousand rows."""
        for table in self._all:
            yield from table.read(columns, where)

    def nearest(
        self,
        vector: NDArray[np.float32],
        depth: int,
        where: str | None,
        file_ids: Sequence[int] | None = None,
    ) -> list[StoreHit]:
        """The rows nearest to a vector that meet a condition, best first, without texts.

        Args:
            vector: Of unit length.
            depth: How many at most.
            where: An SQL condition; None for all rows.
            file_ids: The files whose rows are wanted: all or some of those that meet it.
        """
        return self._questions.nearest(self._tables(), vector, depth, where, file_ids)

    def matching(
        self,
        parsed: ParsedQuery,
        depth: int,
        where: str | None,
        file_ids: Sequence[int] | None = None,
    ) -> list[StoreHit]:
        """The rows that match a text query and meet a condition, best first; see `nearest`."""
        fresh: list[StoreHit] = []
        if self._fresh_is_all:
            fresh = self._fresh.search(parsed, depth, where, self._indexed)
        is_fast = self._fresh_is_all and self._fresh.can_search
        tables = self._tables()
        return self._questions.matching(
            tables, parsed, depth, where, file_ids, only_indexed=is_fast, known=fresh
        )

    def with_texts(self, hits: Sequence[StoreHit]) -> list[StoreHit]:
        """The same hits with their texts; one whose row has just been removed has none."""
        return self._questions.with_texts(self._all, hits)

    def maintenance(
        self, min_rows_for_vector_index: int, *, drops_unfinished: bool
    ) -> Callable[[], None]:
        """The work of `LanceTable.optimize` on what has changed; for a thread of its own."""
        with self._guard:
            due, self._unkempt = sorted(self._unkempt), set()
        tables = [(number, self._all[number]) for number in due]
        full = self._full()
        self._hurry.clear()

        def optimize() -> None:
            for number, table in tables:
                try:
                    table.optimize(min_rows_for_vector_index, drops_unfinished=drops_unfinished)
                except StoreError:
                    for left in due[due.index(number) :]:
                        self._note_unkempt(left)
                    raise
            self._shelf.write_missing(full, lambda: not self._hurry.is_set())

        return optimize

    def hurry_maintenance(self) -> None:
        """Let it leave to the next one what only makes searches quicker."""
        self._hurry.set()

    def bytes_to_maintain(self) -> int:
        """What maintenance would write anew, at most."""
        with self._guard:
            due = sorted(self._unkempt)
        return sum(self._all[number].measure()[2] for number in due)

    def finish_maintenance(self) -> None:
        """Open the volumes anew after it, and forget the fresh texts that it has taken in."""
        # The session's caches would hold two more handles on deleted files each time.
        self.reopen()
        unindexed = self.unindexed_rows()
        self._fresh.keep_last(unindexed)
        self._indexed.forget()
        self._fresh_is_all = self._fresh.can_search and len(self._fresh) >= unindexed

    def _tables(self) -> list[LanceTable]:
        """All volumes that are there."""
        if self._read_only:
            self._find_more()
        return [table for table in self._all if table.is_there]

    def _full(self) -> list[LanceTable]:
        """The volumes that get no more rows."""
        return self._tables()[:-1]

    def _find_more(self) -> None:
        """Take in volumes that are on the disk; a reader opens them, too."""
        for number in volume_numbers(self._all[0].folder)[len(self._all) - 1 :]:
            volume = self._volume(number)
            if self._read_only:
                volume.reopen(keeps_caches=True)
            self._all.append(volume)

    def _volume(self, number: int) -> LanceTable:
        return LanceTable(
            self._all[0].folder / VOLUMES,
            str(number),
            self._dimension,
            self._model,
            read_only=self._read_only,
            session=self._session,
            volume=number,
        )

    def _note_unkempt(self, number: int) -> None:
        with self._guard:
            self._unkempt.add(number)
