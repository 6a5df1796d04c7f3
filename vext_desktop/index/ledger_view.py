"""The window's own look at the ledger: read-only, quick enough for the thread that paints."""

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
        text: str = "",
        offset: int = 0,
        limit: int = 100,
    ) -> list[FileRecord]:
        """Some of the files shown: all by path, a band by state and path.

        Args:
            shown: A band of states, or one state.
            text: What the path holds, in any case; "" for every path.
            offset: How many files to pass over.
            limit: How many files to return, at most.
        """
        condition, parameters = _condition(shown, text)
        order = "path" if len(_states(shown)) < 2 else "state, path"
        sql = f"SELECT * FROM records WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - words of ours
        return [file_record(row) for row in self._file.rows(sql, [*parameters, limit, offset])]

    def count(self, shown: FileBand | Outcome = FileBand.ALL, text: str = "") -> int:
        """How many files `page` can show with these arguments."""
        condition, parameters = _condition(shown, text)
        sql = f"SELECT count(*) FROM files WHERE {condition}"  # noqa: S608 - words of ours
        return int(self._file.rows(sql, parameters)[0][0])


def _states(shown: FileBand | Outcome) -> tuple[Outcome, ...]:
    return (shown,) if isinstance(shown, Outcome) else shown.states


def _condition(shown: FileBand | Outcome, text: str) -> tuple[str, list[str]]:
    """A condition of placeholders, so that SQLite can choose its index; and its parameters."""
    conditions = ["TRUE"]
    parameters: list[str] = []
    states = _states(shown)
    if states:
        conditions.append(f"state IN ({','.join('?' * len(states))})")
        parameters += states
    if text:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append("CAST(path AS TEXT) LIKE ? ESCAPE '\\'")
        parameters.append(f"%{escaped}%".encode("utf-8", "replace").decode())
    return " AND ".join(conditions), parameters
