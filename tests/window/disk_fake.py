"""A data folder of which tidying up gives something back, without any disk."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vext_desktop.index.disk_use import DiskPart, DiskUse, TidyReceipt

if TYPE_CHECKING:
    from vext_desktop.errors import StoreError


class FakeDisk:
    """20 MB in use, and 30 MB that tidying up gives back unless `error` keeps it from that."""

    def __init__(self) -> None:
        self.error: StoreError | None = None
        self._unused_bytes = 30_000_000

    def use(self) -> DiskUse:
        """What is there now."""
        unused = self._unused_bytes
        return DiskUse(
            (
                DiskPart("text_index", "index of words", 20_000_000),
                DiskPart("old_versions", "what is no longer needed", unused, unused),
            )
        )

    def tidy(self) -> Iterator[TidyReceipt | None]:
        """As the engine does it, in two steps."""
        before = self.use()
        yield None
        if self.error is not None:
            raise self.error
        self._unused_bytes = 0
        yield TidyReceipt(before, self.use(), 1.5)
