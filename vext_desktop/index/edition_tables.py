"""The tables of editions: seen to be whole before a swap, and removed when they are given up."""

import logging
from collections.abc import Callable
from pathlib import Path

from vext_desktop.errors import StoreError
from vext_desktop.index.edition_reader import Edition, KeptIndex
from vext_desktop.index.editions import Editions
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import drop_table, table_bytes, table_names

logger = logging.getLogger("vext.store")


class EditionTables:
    """Keeps the tables in step with what the ledger says of their editions.

    Args:
        folder: The store's folder.
        editions: What the ledger says.
        open_store: Opens the table of an edition, for writing.
    """

    def __init__(
        self, folder: Path, editions: Editions, open_store: Callable[[Edition], Store]
    ) -> None:
        self._folder = folder
        self._editions = editions
        self._open_store = open_store

    def require_whole(self, edition: Edition, store: Store) -> None:
        """See that a table holds every passage that the ledger counts; none may be missing.

        Raises:
            StoreError: Some are.
        """
        expected, found = self._editions.passages(edition), store.count()
        if found < expected:
            raise StoreError(
                f"The new index holds {found} of its {expected} passages, so it does not take "
                "the place of the present one.",
                "Undo the change, remove the unfinished index (vext-desktop rebuild --undo, then "
                "--remove-old) and index again: your documents are untouched.",
            )

    def clear_leftovers(self) -> None:
        """Remove from kept tables what belongs to files that were removed or left out."""
        for edition in self._editions.with_leftovers():
            if edition.is_worked_on:
                continue
            self._open_store(edition).delete(self._editions.leftovers(edition.edition_id))
            self._editions.clear_leftovers(edition.edition_id)

    def remove_dropped(self) -> int:
        """Remove the tables of editions that were given up, also those that a kill has left.

        Returns:
            How many bytes of disk that gave back.
        """
        freed_bytes = 0
        for edition in self._editions.dropped():
            size_bytes = table_bytes(self._folder, edition.table_name)
            if not self._drop(edition.table_name):
                continue
            freed_bytes += size_bytes
            self._editions.forget(edition.edition_id)
            logger.info("the index of %s is removed: %d bytes", edition.model, size_bytes)
        return freed_bytes

    def remove_unknown(self) -> None:
        """Remove tables that no edition has: an older program left them when a model changed.

        Only while the tables of all editions in use are known, that is, after a run.
        """
        for name in sorted(table_names(self._folder) - self._editions.table_names()):
            if self._drop(name):
                logger.info("the table %s belonged to no index and is removed", name)

    def _drop(self, name: str) -> bool:
        """Remove a table; one that cannot be removed now takes only room, and spoils no run."""
        try:
            drop_table(self._folder, name)
        except StoreError as error:
            logger.warning("%s %s", error.message, error.hint)
            return False
        return True

    def kept(self) -> tuple[KeptIndex, ...]:
        """What is kept beside the serving index, the latest first."""
        return tuple(
            KeptIndex(
                edition.edition_id,
                edition.model,
                table_bytes(self._folder, edition.table_name),
                edition.replaced_at,
                edition.is_complete,
            )
            for edition in self._editions.kept()
        )
