"""Seen before a data folder is opened: what was there is there. A new one would hide the loss."""

import sqlite3
from contextlib import closing

from vext_desktop.errors import REPAIR_HINT, StoreError
from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.ledger_check import has_ledger, open_to_read
from vext_desktop.index.table_names import table_names
from vext_desktop.paths import Paths


def require_ledger(paths: Paths) -> None:
    """See that a store has its ledger.

    Raises:
        StoreError: It is missing or empty: an empty one in its place would disown the whole store.
    """
    if not table_names(paths.store) or (has_ledger(paths) and not _is_blank(paths)):
        return
    raise StoreError(
        "The list of your files and folders (ledger.sqlite) is missing or empty in "
        f"{paths.data_dir}, so it is not known what the index holds. Your documents are untouched.",
        REPAIR_HINT,
    )


def require_table(edition: Edition, passages: int) -> None:
    """Call it when an edition's table is missing.

    Raises:
        StoreError: The table should hold passages.
    """
    if passages:
        raise StoreError(
            f"The index with {passages} passages of your files is missing in the data folder "
            f"(store/{edition.table_name}.lance). Your documents are untouched.",
            REPAIR_HINT,
        )


def _is_blank(paths: Paths) -> bool:
    try:
        with closing(open_to_read(paths.ledger)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0]) == 0
    except sqlite3.Error:
        return False  # told by whoever opens it
