"""The LanceDB table itself: opening, indices, queries, upkeep; all that knows LanceDB is here."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.disk_sync import SyncedFolder, sync_folder
from vext_desktop.index.lance_errors import told
from vext_desktop.index.lance_import import import_lancedb
from vext_desktop.index.lance_indices import (
    build_text_index,
    build_vector_index,
    drop_unreadable_indices,
    text_query,
)
from vext_desktop.index.lance_session import LanceSession
from vext_desktop.index.query import ParsedQuery
from vext_desktop.index.room import is_disk_full
from vext_desktop.index.rows import HIT_COLUMNS, StoreHit, schema, to_hits
from vext_desktop.index.table_names import check_maker, table_folder

logger = logging.getLogger("vext.store")

# How many of the one-bit index's findings, for each that is wanted, are compared by the vectors
# themselves: a third of the time of a search. Measured by `bench_store`.
PARTITIONS_PROBED = 12
REFINE_FACTOR = 2
# How the name of a table begins that is being made.
_DRAFT = "new-"
# Versions older than this there are none.
_KEEP_ALL = timedelta(days=36_500)


class LanceTable:
    """One table, open after `reopen`; every LanceDB error is a `StoreError`.

    Args:
        folder: The LanceDB folder.
        name: The table's name; it is created unless `read_only`.
        dimension: Numbers in a vector.
        model: Name of the model that the vectors are from; a table that says another is refused.
        read_only: To search only: nothing is created, and another program's writes are seen.
        session: The caches, which several tables may share.
        volume: Its number among those.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        dimension: int,
        model: str = "",
        *,
        read_only: bool,
        session: LanceSession | None = None,
        volume: int = 0,
    ) -> None:
        self._folder = folder
        self._name = name
        self._dimension = dimension
        self._model = model
        self._read_only = read_only
        self._session = session or LanceSession()
        self._own_folder = table_folder(folder, name)
        self.number = volume
        self._table: Any = None

    @property
    def is_there(self) -> bool:
        """Whether there is a table; a reader can be earlier than the first writer."""
        return self._table is not None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._own_folder

    def close(self) -> None:
        """Let go of the table; harmless a second time."""
        self._table = None

    def reopen(self, *, keeps_caches: bool = False) -> None:
        """Open the table, with empty caches unless they are to be kept."""
        self.close()
        if not keeps_caches:
            self._session.renew()
        if self._read_only and not self._folder.is_dir():
            return
        # A warning on standard error for each query otherwise; LANCE_LOG and RUST_LOG do nothing.
        os.environ.setdefault("LANCEDB_LOG", "error")
        with self._told("opened"):
            lancedb = import_lancedb()  # only where a store is opened
            connection = lancedb.connect(
                self._folder,
                session=self._session.open(),
                read_consistency_interval=timedelta(seconds=1) if self._read_only else None,
            )
            if self.folder.is_dir():
                table = connection.open_table(self._name)
                if "vector" not in table.schema.names:  # a manifest of zeros
                    raise ValueError("it has no vectors")
                check_maker(self._folder, table.schema, self._dimension, self._model)
                self._table = table
            elif not self._read_only:
                self._make(connection)
                self._table = connection.open_table(self._name)

    def _make(self, connection: Any) -> None:
        """Make the table under another name first: after a kill it is whole, or not there."""
        draft_name = f"{_DRAFT}{self._name}"
        draft = table_folder(self._folder, draft_name)
        shutil.rmtree(draft, ignore_errors=True)  # of a program that was killed
        made_with = schema(self._dimension, self._model)
        build_text_index(connection.create_table(draft_name, schema=made_with))
        SyncedFolder(draft).sync()
        draft.rename(self.folder)
        sync_folder(self._folder)

    def probe(self) -> None:
        """Read of every row what costs least; 50 ms for 200 000.

        Raises:
            StoreUnreadableError: Some cannot be read.
        """
        for _ in self.read(("file_id",)):
            pass

    def mend_indices(self) -> None:
        """See that searches can use the indices; one that cannot be read is built anew."""
        with self._told("opened"):
            drop_unreadable_indices(self._table, self._dimension)

    def add(self, batch: Any) -> None:
        """Write an Arrow record batch in one commit."""
        with self._told("written"):
            self._table.add(batch)

    def delete(self, condition: str) -> int:
        """Remove the rows that meet an SQL condition, and say how many those were."""
        with self._told("written"):
            return int(self._table.delete(condition).num_deleted_rows)

    def count(self) -> int:
        """How many rows there are."""
        with self._told("read"):
            return int(self._table.count_rows())

    def measure(self) -> tuple[int, int, int]:
        """Rows, fragments, and the bytes on disk of what belongs to the present version."""
        with self._told("read"):
            stats = self._table.stats()
            fragments = stats["fragment_stats"]["num_fragments"]
            return stats["num_rows"], fragments, stats["total_bytes"]

    def unindexed_rows(self) -> int:
        """Rows that the text index does not hold yet."""
        with self._told("read"):
            indices = self._table.list_indices()
            return sum(index.num_unindexed_rows for index in indices if index.columns == ["text"])

    def read(
        self, columns: Sequence[str], where: str | None = None, part: range | None = None
    ) -> Iterator[Any]:
        """Columns of all rows, or of some, as Arrow batches of a few thousand rows."""
        with self._told("read"):
            query = self._table.search().select(list(columns)).limit(len(part) if part else None)
            query = query.offset(part.start) if part else query
            query = query.where(where) if where else query
            yield from query.to_batches(batch_size=4096)

    def nearest(self, vector: NDArray[np.float32], depth: int, where: str | None) -> list[StoreHit]:
        """The rows nearest to a vector that meet an SQL condition, best first."""

        def build() -> Any:
            return (
                self._table.search(vector, vector_column_name="vector", query_type="vector")
                .distance_type("cosine")
                .select([*HIT_COLUMNS, "_rowid", "_distance"])
                .minimum_nprobes(PARTITIONS_PROBED)
                # 0: further partitions are probed until a filter has let enough rows through.
                .maximum_nprobes(0)
                .refine_factor(REFINE_FACTOR)
                .limit(depth)
            )

        found = self._find(build, where)
        nearness = [1.0 - far for far in found["_distance"].to_pylist()]
        return to_hits(found, nearness, self.number)

    def matching(
        self,
        parsed: ParsedQuery,
        depth: int,
        where: str | None,
        *,
        only_indexed: bool,
        boosts: Mapping[str, float] | None = None,
    ) -> list[StoreHit]:
        """The rows that match a text query and meet an SQL condition, best first.

        Args:
            parsed: The query.
            depth: How many at most.
            where: The condition; None for all rows.
            only_indexed: Whether to leave out rows that maintenance has not met yet, which are
                read one by one, at 0.1 ms each.
            boosts: What the weight of some words is multiplied by.
        """

        def build() -> Any:
            query = self._table.search(text_query(parsed, boosts), query_type="fts")
            query = query.select([*HIT_COLUMNS, "_rowid", "_score"]).limit(depth)
            return query.fast_search() if only_indexed else query

        found = self._find(build, where)
        return to_hits(found, found["_score"].to_pylist(), self.number)

    def count_indexed(self, part: ParsedQuery) -> int:
        """How many of the rows that the text index holds match a query."""
        with self._told("searched"):
            query = self._table.search(text_query(part), query_type="fts").select(["_rowid"])
            return int(query.limit(self._table.count_rows()).fast_search().to_arrow().num_rows)

    def texts_at(self, places: Sequence[int]) -> list[str]:
        """The texts of the rows at these places, counted from 0."""
        with self._told("read"):
            found = self._table.take_offsets(list(places)).select(["text"]).to_arrow()
            return [str(text) for text in found.column("text").to_pylist()]

    def take(self, row_ids: Sequence[int], columns: Sequence[str]) -> Any:
        """Some rows by their numbers, in any order, with `_rowid`; some may be gone or moved."""
        with self._told("read"):
            return self._table.take_row_ids(list(row_ids)).select([*columns, "_rowid"]).to_arrow()

    def _find(self, build: Callable[[], Any], where: str | None) -> Any:
        """Run a query; a second time if the version it was reading is removed under it.

        That is what the upkeep does to older versions, here or in the program that writes.
        """

        def run() -> Any:
            query = build()
            return (query.where(where) if where else query).to_arrow()

        with self._told("searched"):
            try:
                return run()
            except (RuntimeError, OSError, ValueError) as error:
                if "not found" not in str(error).lower():
                    raise
                self._table.checkout_latest()
                return run()

    def optimize(self, min_rows_for_vector_index: int, *, drops_unfinished: bool) -> None:
        """Join small pieces, drop what is old, bring the indices up to date.

        Args:
            min_rows_for_vector_index: From so many rows on a vector index is worth its making.
            drops_unfinished: Whether files of no version may go at once: what a killed program
                left, but also what is being written at this moment.
        """
        # Not 0, of which LanceDB warns.
        options = {
            "cleanup_older_than": timedelta(milliseconds=1),
            "delete_unverified": drops_unfinished,
        }
        # Held: it may run on a thread of its own while the store is closed.
        table = self._table
        with self._told("tidied up"):
            try:
                # First all that is new, down to the disk: a power cut after the old is gone would
                # otherwise take both.
                table.optimize(cleanup_older_than=_KEEP_ALL)
                SyncedFolder(self.folder).sync()
                table.optimize(**options)
            except (RuntimeError, OSError, ValueError) as error:
                if is_disk_full(error):
                    raise
                # A text index that cannot be extended would end all upkeep for good, as in
                # https://github.com/lance-format/lance/issues/7653; a new one can be built.
                logger.warning("the text index could not be extended and is built anew: %s", error)
                build_text_index(table)
                table.optimize(**options)
            has_vector_index = any(index.columns == ["vector"] for index in table.list_indices())
            if not has_vector_index and table.count_rows() >= min_rows_for_vector_index:
                build_vector_index(table)

    def _told(self, act: str) -> AbstractContextManager[None]:
        return told(self._folder, act)
