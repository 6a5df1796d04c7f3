"""The window's own look at the ledger: read-only, quick enough for the thread that paints."""

from array import array
from collections.abc import Sequence
from pathlib import Path

from vext_desktop.index.ledger_reader import LedgerReader, file_record
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.records import FileBand, FileRecord
from vext_desktop.outcomes import Outcome


class LedgerView(LedgerReader):
    """Pages of the list of documents; a connection of its own beside the writer's.

    Args:
        path: The ledger's file, which must be there.

    Raises:
        StoreError: It cannot be opened; any method may also raise it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(LedgerFile(path, read_only=True))

    def page(
        self,
        shown: FileBand | Outcome = FileBand.ALL,
        offset: int = 0,
        limit: int = 100,
    ) -> list[FileRecord]:
        """Some of the files shown: all by path, a band by state and path.

        Args:
            shown: A band of states, or one state.
            offset: How many files to pass over.
            limit: How many files to return, at most.
        """
        condition, parameters = _condition(shown)
        sql = f"SELECT * FROM records WHERE {condition} ORDER BY {_order(shown)} LIMIT ? OFFSET ?"  # noqa: S608 - words of ours
        return [file_record(row) for row in self._file.rows(sql, [*parameters, limit, offset])]

    def find(self, shown: FileBand | Outcome, text: str) -> "array[int]":
        """The numbers of the files shown whose path holds a text, in any case, in their order.

        Looks at every path: 30 ms for 100 000 of them, so not for the thread that paints.
        """
        condition, parameters = _condition(shown)
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parameters.append(f"%{escaped}%".encode("utf-8", "replace").decode())
        condition += " AND CAST(path AS TEXT) LIKE ? ESCAPE '\\'"
        sql = f"SELECT file_id FROM files WHERE {condition} ORDER BY {_order(shown)}"  # noqa: S608 - words of ours
        return array("q", (file_id for (file_id,) in self._file.rows(sql, parameters)))

    def records(self, file_ids: Sequence[int]) -> list[FileRecord]:
        """The files of these numbers, in this order, as far as there are such."""
        marks = ",".join("?" * len(file_ids))
        sql = f"SELECT * FROM records WHERE file_id IN ({marks})"  # noqa: S608 - marks only
        rows = map(file_record, self._file.rows(sql, list(file_ids)))
        found = {record.file_id: record for record in rows}
        return [found[file_id] for file_id in file_ids if file_id in found]


def _states(shown: FileBand | Outcome) -> tuple[Outcome, ...]:
    return (shown,) if isinstance(shown, Outcome) else shown.states


def _order(shown: FileBand | Outcome) -> str:
    return "path" if len(_states(shown)) < 2 else "state, path"


def _condition(shown: FileBand | Outcome) -> tuple[str, list[str]]:
    """A condition of placeholders, so that SQLite can choose its index; and its parameters."""
    states = _states(shown)
    if not states:
        return "TRUE", []
    return f"state IN ({','.join('?' * len(states))})", [*states]
