"""The rows of one index in several tables of bounded size, which are searched as one.

LanceDB's maintenance writes a table's text index and rows anew, however little was added: at
200 000 rows 50 s of processor and 1 GB of memory for each round. So a table that has reached its
size gets no more rows: the next volume is begun. The first is the table itself, the others lie in
its folder, so that whoever moves, measures or removes it has them too.
"""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vext_desktop.errors import StoreError
from vext_desktop.index.fresh_text import FreshText
from vext_desktop.index.fusion import passage_of
from vext_desktop.index.indexed_rows import IndexedRows
from vext_desktop.index.lance_session import LanceSession
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.lance_versions import open_readable
from vext_desktop.index.query import ParsedQuery, words_of
from vext_desktop.index.rows import HIT_COLUMNS, TOLD_COLUMNS, ChunkRow, StoreHit
from vext_desktop.index.table_names import VOLUMES, volume_numbers
from vext_desktop.index.word_shares import WordShares, boosts_of

# Maintenance of so many rows takes 3 s of processor and 80 MB; a search asks each volume.
MAX_ROWS = 25_000

# What is wanted lies in all volumes, or in few of them where those hold one subject.
_LEAST_ASKED = 30
_TIMES_ITS_SHARE = 2


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
        self._indexed = IndexedRows(self._all[0])
        self._shares = WordShares()
        self._fresh_is_all = False  # whether it holds every row that the text indices do not
        self._rows_in_last = 0
        # Which volumes maintenance has work with; changed by its thread too.
        self._unkempt: set[int] = set()
        self._guard = threading.Lock()
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
        for table in self._all:
            table.close()
        self._session.renew()
        self._fresh.close()
        self._shares.close()

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

    def delete(self, condition: str) -> None:
        """Remove the rows that meet an SQL condition."""
        for number, table in enumerate(self._all):
            if table.count() and table.delete(condition):
                self._note_unkempt(number)
        self._fresh.forget(condition)
        self._rows_in_last = self.last.count()

    def count(self) -> int:
        """How many rows there are."""
        return sum(table.count() for table in self._all)

    def measure(self) -> tuple[int, int, int]:
        """Rows, fragments, and the bytes on disk of what belongs to the present versions."""
        rows, fragments, size_bytes = zip(*(table.measure() for table in self._all), strict=True)
        return sum(rows), sum(fragments), sum(size_bytes)

    def unindexed_rows(self) -> int:
        """Rows that the text indices do not hold yet."""
        return sum(table.unindexed_rows() for table in self._all)

    def read(self, columns: Sequence[str], where: str | None = None) -> Iterator[Any]:
        """Columns of all rows, or of some, as Arrow batches of a few thousand rows."""
        for table in self._all:
            yield from table.read(columns, where)

    def nearest(self, vector: NDArray[np.float32], depth: int, where: str | None) -> list[StoreHit]:
        """The rows nearest to a vector that meet an SQL condition, best first, without texts."""
        return self._best(lambda table, few: table.nearest(vector, few, where), depth)

    def matching(self, parsed: ParsedQuery, depth: int, where: str | None) -> list[StoreHit]:
        """The rows that match a text query and meet an SQL condition, best first."""
        fresh: list[StoreHit] = []
        if self._fresh_is_all:
            fresh = self._fresh.search(parsed, depth, where, self._indexed)
        is_fast = self._fresh_is_all and self._fresh.can_search
        tables = [table for table in self._all if table.is_there]
        found = self._shares.corrections(tables, words_of(parsed.text))
        boosts = {id(table): boosts_of(each) for table, each in zip(tables, found, strict=True)}
        return self._best(
            lambda table, few: table.matching(
                parsed, few, where, only_indexed=is_fast, boosts=boosts.get(id(table))
            ),
            depth,
            fresh,
        )

    def with_texts(self, hits: Sequence[StoreHit]) -> list[StoreHit]:
        """The same hits with their texts; one whose row has just been removed has none."""
        wanted: dict[int, list[int]] = {}
        for hit in hits:
            if hit.place is not None and not hit.text:
                wanted.setdefault(hit.place[0], []).append(hit.place[1])
        told: dict[Hashable, tuple[Any, ...]] = {}
        for number, row_ids in wanted.items():
            found = self._all[number].take(row_ids, (*HIT_COLUMNS, *TOLD_COLUMNS))
            told.update(zip(_rows(found, HIT_COLUMNS), _rows(found, TOLD_COLUMNS), strict=True))
        return [self._with_text(hit, told) for hit in hits]

    def _with_text(self, hit: StoreHit, told: dict[Hashable, tuple[Any, ...]]) -> StoreHit:
        if hit.text or hit.place is None:
            return hit
        found = told.get(passage_of(hit))
        if found is None:  # maintenance has moved the row meanwhile
            where = " AND ".join(f"{name} = {int(getattr(hit, name))}" for name in HIT_COLUMNS)
            batches = self._all[hit.place[0]].read(TOLD_COLUMNS, where)
            found = next((row for batch in batches for row in _rows(batch, TOLD_COLUMNS)), None)
        return hit if found is None else replace(hit, **dict(zip(TOLD_COLUMNS, found, strict=True)))

    def maintenance(
        self, min_rows_for_vector_index: int, *, drops_unfinished: bool
    ) -> Callable[[], None]:
        """The work of `LanceTable.optimize` on what has changed; for a thread of its own."""
        with self._guard:
            due, self._unkempt = sorted(self._unkempt), set()
        tables = [(number, self._all[number]) for number in due]

        def optimize() -> None:
            for number, table in tables:
                try:
                    table.optimize(min_rows_for_vector_index, drops_unfinished=drops_unfinished)
                except StoreError:
                    for left in due[due.index(number) :]:
                        self._note_unkempt(left)
                    raise

        return optimize

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

    def _best(
        self,
        find: Callable[[LanceTable, int], list[StoreHit]],
        depth: int,
        fresh: Sequence[StoreHit] = (),
    ) -> list[StoreHit]:
        """The best of all volumes.

        Each is asked for some only, and for as many as are wanted if all those were good enough.
        """
        if self._read_only:
            self._find_more()
        tables = [table for table in self._all if table.is_there]
        few = min(depth, max(_LEAST_ASKED, _TIMES_ITS_SHARE * depth // max(1, len(tables))))
        found = [find(table, few) for table in tables]
        best = _merged([fresh, *found], depth)
        if few == depth or not best:
            return best
        worst = best[-1].score if len(best) == depth else float("-inf")
        for number, hits in enumerate(found):
            if len(hits) == few and hits[-1].score >= worst:
                found[number] = find(tables[number], depth)
        return _merged([fresh, *found], depth)

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


def _merged(lists: Sequence[Sequence[StoreHit]], depth: int) -> list[StoreHit]:
    """The best of several lists; a row that has just been indexed may be in two of them."""
    once = {passage_of(hit): hit for hits in lists for hit in hits}
    return sorted(once.values(), key=lambda hit: -hit.score)[:depth]


def _rows(found: Any, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """These columns of Arrow data, row by row."""
    return zip(*(found.column(name).to_pylist() for name in columns), strict=True)
