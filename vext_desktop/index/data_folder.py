"""The data folder while it is open: its lock, the ledger, and the store when it is needed."""

from filelock import FileLock, Timeout

from vext_desktop.errors import DataFolderBusyError
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths


class DataFolder:
    """Opens what lies in a data folder, and closes it; all but `cache_bytes` for one thread.

    Args:
        paths: Where it lies.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._ledger: Ledger | None = None
        self._store: Store | None = None
        self._lock: FileLock | None = None

    def open(self, *, read_only: bool = False) -> None:
        """Open the ledger, and keep other programs from writing; quick, without the store.

        Args:
            read_only: Only searching and looking, beside a program that may be writing.

        Raises:
            DataFolderBusyError: Another program writes to this data folder.
            StoreError: The ledger cannot be read.
        """
        self._paths.create()
        if not read_only:
            self._lock = FileLock(self._paths.lock, timeout=0)
            try:
                self._lock.acquire()
            except Timeout:
                self._lock = None
                raise DataFolderBusyError(
                    f"Another Vext Desktop is using the data folder {self._paths.data_dir}.",
                    "Use the window that is open, or choose another folder with --data-dir.",
                ) from None
        # A data folder that was never written to has no ledger that could be opened to read.
        has_ledger = self._paths.ledger.exists()
        self._ledger = Ledger(self._paths.ledger, read_only=read_only and has_ledger)

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        if self._ledger is None:
            raise RuntimeError("the data folder has not been opened")
        return self._ledger

    def store(self, model_name: str, dimension: int) -> Store:
        """The store, opened now if need be, which takes seconds.

        Args:
            model_name: The model that the vectors are from.
            dimension: Numbers in each of them.

        Raises:
            StoreError: It cannot be opened.
        """
        if self._store is None:
            may_write = self._lock is not None
            store = self._store = Store(
                self._paths.store, model_name, dimension, read_only=not may_write
            )
            if may_write:
                store.recover()
        return self._store

    @property
    def cache_bytes(self) -> int:
        """What LanceDB's bounded caches hold in this process; asked from any thread."""
        store = self._store
        return 0 if store is None else store.cache_bytes

    def close(self) -> None:
        """Close the store and the ledger, and let other programs write; harmless a second time."""
        if self._store is not None:
            self._store.close()
        if self._ledger is not None:
            self._ledger.close()
        if self._lock is not None:
            self._lock.release()
        self._store = self._ledger = self._lock = None
