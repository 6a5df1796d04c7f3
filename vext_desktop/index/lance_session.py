"""The caches of LanceDB, bounded, and shared by all tables that are searched together."""

from typing import Any

from vext_desktop.index.lance_import import import_lancedb

# LanceDB's own limits are 1 GiB and 6 GiB, which look like a leak until they are full.
METADATA_CACHE_BYTES = 16 << 20
INDEX_CACHE_BYTES = 32 << 20


class LanceSession:
    """A session that is made when a table is opened with it."""

    def __init__(self) -> None:
        self._session: Any = None

    def open(self) -> Any:
        """LanceDB's session."""
        if self._session is None:
            self._session = import_lancedb().Session(
                index_cache_size_bytes=INDEX_CACHE_BYTES,
                metadata_cache_size_bytes=METADATA_CACHE_BYTES,
            )
        return self._session

    def renew(self) -> None:
        """Let go of it; tables that are open keep it until they are opened anew."""
        self._session = None

    @property
    def cache_bytes(self) -> int:
        """What the caches hold; asked from any thread, also while another lets go of them."""
        session = self._session
        return int(session.size_bytes) if session is not None else 0
