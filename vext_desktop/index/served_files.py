"""The files of the edition that serves, while another one is worked on."""

from vext_desktop.index.ledger_reader import LedgerReader
from vext_desktop.index.ledger_schema import LedgerFile

# What was set aside for another model, being the same as ever, is still found with this one. What
# has another content than the passages, and could not be read, is hidden.
_SERVED = """(
    SELECT f.file_id, f.path, f.suffix, f.size_bytes, f.mtime_ns, k.content_hash,
        CASE WHEN f.state IN ('vanished', 'offline', 'unreadable', 'ignored') THEN f.state
            WHEN f.state IN ('indexed', 'waiting', 'changed_while_reading') THEN 'indexed'
            WHEN f.size_bytes = k.size_bytes AND f.mtime_ns = k.mtime_ns THEN 'indexed'
            ELSE f.state END AS state,
        k.reason, k.generation, k.chunks, k.indexed_at, '' AS index_key, 0 AS failures,
        0 AS is_admitted
    FROM kept_passages k JOIN files f ON f.file_id = k.file_id WHERE k.edition_id = {}
)"""


class ServedFiles(LedgerReader):
    """A ledger of which `files_by_id` and `find_searchable` speak of the edition that serves.

    Args:
        file: The ledger's file.
        edition_id: The edition.
    """

    def __init__(self, file: LedgerFile, edition_id: int) -> None:
        super().__init__(file)
        self._searched = _SERVED.format(int(edition_id))


def served_files(ledger: LedgerReader) -> LedgerReader:
    """The ledger as searches must see it."""
    serving = ledger.editions.serving()
    if serving is None or serving.is_worked_on:
        return ledger
    return ServedFiles(ledger.file, serving.edition_id)
