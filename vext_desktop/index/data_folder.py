"""The data folder while it is open: its lock, the ledger, and the tables that are needed."""

import errno
import os
from collections.abc import Collection
from pathlib import Path

from filelock import FileLock, Timeout

from vext_desktop.errors import (
    DataFolderBusyError,
    DataFolderReadOnlyError,
    StoreError,
    StoreUnreadableError,
)
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.presence import require_ledger, require_table
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.room import Reserve
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import name_table, set_table_aside, table_folder
from vext_desktop.paths import Paths


def read_only_error(data_dir: Path) -> DataFolderReadOnlyError:
    """What to say of a data folder that may not be written to."""
    return DataFolderReadOnlyError(
        f"The data folder {data_dir} may not be written to, so nothing new can be indexed. Your "
        "documents are untouched, and what is indexed can be searched.",
        "Make the folder writable (its disk may be mounted read-only), or choose another one with "
        "--data-dir.",
    )


class DataFolder:
    """Opens what lies in a data folder, and closes it; all but `cache_bytes` for one thread.

    Args:
        paths: Where it lies.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._ledger: Ledger | None = None
        self._stores: dict[str, Store] = {}
        self._lock: FileLock | None = None

    def open(self, *, read_only: bool = False) -> None:
        """Open the ledger, and keep other programs from writing; quick, without the store.

        Args:
            read_only: Only searching and looking, beside a program that may be writing.

        Raises:
            DataFolderBusyError: Another program writes to this data folder.
            DataFolderReadOnlyError: It may not be written to.
            StoreError: The ledger cannot be read.
        """
        self._paths.create()
        if not read_only:
            self._lock = self._acquire()
        try:
            require_ledger(self._paths)
        except StoreError:
            self.close()
            raise
        # A data folder that was never written to has no ledger that could be opened to read.
        has_ledger = self._paths.ledger.exists()
        reserve = Reserve(self._paths.reserve)
        try:
            self._ledger = Ledger(
                self._paths.ledger, read_only=read_only and has_ledger, reserve=reserve
            )
        except BaseException:
            self.close()
            raise
        if not read_only:
            reserve.keep()

    def _acquire(self) -> FileLock:
        lock = FileLock(self._paths.lock, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise DataFolderBusyError(
                f"Another Vext Desktop is using the data folder {self._paths.data_dir}.",
                "Use the window that is open, or choose another folder with --data-dir.",
            ) from None
        except OSError as error:
            if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
                raise read_only_error(self._paths.data_dir) from error
            raise StoreError(
                f"The data folder {self._paths.data_dir} cannot be used ({error.strerror}).",
                "See that its disk is connected and well, or choose another folder with "
                "--data-dir.",
            ) from error
        if not os.access(self._paths.data_dir, os.W_OK):
            lock.release()
            raise read_only_error(self._paths.data_dir)
        return lock

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        if self._ledger is None:
            raise RuntimeError("the data folder has not been opened")
        return self._ledger

    def require_writable(self) -> None:
        """See that it is open for writing.

        Raises:
            DataFolderReadOnlyError: It is open for searching only.
        """
        if not self.may_write:
            raise read_only_error(self._paths.data_dir)

    @property
    def may_write(self) -> bool:
        """Whether it is open for writing."""
        return self._lock is not None

    def store(self, model_name: str, dimension: int, table_name: str | None = None) -> Store:
        """A table of the store, opened now if need be, which takes seconds.

        Args:
            model_name: The model that the vectors are from.
            dimension: Numbers in each of them.
            table_name: The table; that of the model and its dimension if None.

        Raises:
            StoreError: It cannot be opened, or holds the vectors of another model.
        """
        name = table_name or name_table(model_name, dimension)
        if name not in self._stores:
            self._stores[name] = Store(
                self._paths.store,
                model_name,
                dimension,
                table_name=name,
                read_only=not self.may_write,
            )
        return self._stores[name]

    def store_of(self, edition: Edition) -> Store:
        """The table of an edition; see `store`.

        One that cannot be read is moved aside, if the ledger counts no passage in it: that is
        what a power cut leaves while it is made.

        Raises:
            StoreError: It is missing, and a new one in its place would hide that.
        """
        if not table_folder(self._paths.store, edition.table_name).is_dir():
            require_table(edition, self.ledger.editions.passages(edition))
        try:
            return self.store(edition.model, edition.dimension, edition.table_name)
        except StoreUnreadableError:
            if not self.may_write or self.ledger.editions.passages(edition):
                raise
            set_table_aside(self._paths.store, edition.table_name)
            return self.store(edition.model, edition.dimension, edition.table_name)

    def close_stores(self, but: Collection[str]) -> None:
        """Close the tables that are open, but for those of these names."""
        for name in [name for name in self._stores if name not in but]:
            self._stores.pop(name).close()

    @property
    def cache_bytes(self) -> int:
        """What LanceDB's bounded caches hold in this process; asked from any thread."""
        return sum(store.cache_bytes for store in tuple(self._stores.values()))

    def close(self) -> None:
        """Close the store and the ledger, and let other programs write; harmless a second time."""
        self.close_stores(but=())
        if self._ledger is not None:
            self._ledger.close()
        if self._lock is not None:
            self._lock.release()
        self._ledger = self._lock = None
