"""How common words are in the rows that a text index holds: asked for once until they change."""

from collections.abc import Callable

from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.query import ParsedQuery

# So many words and phrases are remembered.
_MOST_KNOWN = 500


class IndexedRows:
    """Counts rows in one volume, which stands for all of them: each question takes 2 ms.

    Args:
        table: The volume.
        ask_briefs: Knows the share of a part in all full volumes, or None.
    """

    def __init__(
        self, table: LanceTable, ask_briefs: Callable[[ParsedQuery], float | None] | None = None
    ) -> None:
        self._table = table
        self._ask_briefs = ask_briefs
        self._known: dict[ParsedQuery, float] = {}
        self._in_table: int | None = None

    def forget(self) -> None:
        """Count anew from now on: maintenance has taken rows in."""
        self._known.clear()
        self._in_table = None

    @property
    def rows(self) -> int:
        """How many rows the text index of the volume holds."""
        if self._in_table is None:
            self._in_table = self._table.count() - self._table.unindexed_rows()
        return self._in_table

    def share_with(self, part: ParsedQuery) -> float:
        """What share of them matches a part of a query, from 0 to 1."""
        told = self._ask_briefs(part) if self._ask_briefs is not None else None
        if told is not None:
            return told
        if part not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            holding = self._table.count_indexed(part) if self.rows > 0 else 0
            self._known[part] = min(1.0, holding / self.rows) if holding else 0.0
        return self._known[part]
