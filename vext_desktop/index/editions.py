"""Editions of the index: one table of the store each, with what made its vectors.

There is one that searches are answered from, and one that runs work on. Mostly they are the same.
After a change of model or chunking a new edition is worked on *beside* the serving one, until it
is complete; then it serves, and the other is kept for a while, so that the change can be undone.

Each step is one transaction of the ledger, so a kill at any moment leaves the state before it or
the one after it. Generations of a file are never given out twice, whatever the edition, so the
rows of two tables cannot be taken for each other.
"""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from vext_desktop.index import edition_passages
from vext_desktop.index.edition_reader import Edition, EditionReader
from vext_desktop.index.ledger_schema import LedgerFile

__all__ = ["Edition", "Editions", "NewEdition"]

_DAY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class NewEdition:
    """What a new edition is made with; see `Edition`."""

    table_name: str
    index_key: str
    model: str
    dimension: int
    maker: str


class Editions(EditionReader):
    """Begins, swaps, takes back and drops editions.

    Args:
        file: The ledger's file, open for writing.
        clock: Seconds since 1970.
    """

    def __init__(self, file: LedgerFile, clock: Callable[[], float] = time.time) -> None:
        super().__init__(file)
        self._clock = clock

    def begin(self, new: NewEdition) -> Edition:
        """Work on a new edition from now on; one that comes first, or for an empty one, serves.

        The edition that was worked on keeps its passages.
        """
        with self._file.transaction() as connection:
            worked_on = self.worked_on()
            if worked_on is not None:
                edition_passages.stash(connection, worked_on.edition_id)
            serves = self._is_nothing_served(connection)
            if serves:
                connection.execute("UPDATE editions SET is_dropped = is_serving OR is_dropped")
            connection.execute("UPDATE editions SET is_worked_on = 0")
            if serves:
                connection.execute("UPDATE editions SET is_serving = 0")
            now = self._clock()
            connection.execute(
                "INSERT INTO editions (table_name, index_key, model, dimension, maker,"
                " is_worked_on, is_serving, created_at, completed_at) VALUES (?,?,?,?,?,1,?,?,?)",
                (
                    new.table_name,
                    new.index_key,
                    new.model,
                    new.dimension,
                    new.maker,
                    serves,
                    now,
                    now if serves else None,
                ),
            )
        return self._known(self.worked_on())

    def adopt(self, new: NewEdition) -> Edition:
        """Take what a ledger without editions holds for one; files made otherwise wait again."""
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT INTO editions (table_name, index_key, model, dimension, maker,"
                " is_worked_on, is_serving, created_at, completed_at) VALUES (?,?,?,?,?,1,1,?,?)",
                (
                    new.table_name,
                    new.index_key,
                    new.model,
                    new.dimension,
                    new.maker,
                    self._clock(),
                    self._clock(),
                ),
            )
            edition_passages.drop_foreign(connection, new.index_key)
        return self._known(self.worked_on())

    def work_on(self, edition_id: int) -> Edition:
        """Work on an edition that is there; what has changed since must be read anew."""
        with self._file.transaction() as connection:
            self._turn_to(connection, edition_id)
        return self._known(self.worked_on())

    def swap(self) -> Edition | None:
        """Let the edition that is worked on serve; the caller has seen that it is complete.

        Returns:
            The edition that served before; None if it is the same.
        """
        worked_on, serving = self.worked_on(), self.serving()
        if worked_on is None or serving is None or worked_on == serving:
            return None
        with self._file.transaction() as connection:
            self._let_serve(connection, worked_on.edition_id, serving.edition_id)
        return self.find(serving.edition_id)

    def undo(self) -> Edition | None:
        """Let the edition serve again that served before, and work on it.

        An edition that has never served is only put down, with what it has.

        Returns:
            The one that serves now; None when there is none to go back to.
        """
        worked_on, serving, earlier = self.worked_on(), self.serving(), self.to_undo()
        if worked_on is None or serving is None or earlier is None:
            return None
        with self._file.transaction() as connection:
            self._turn_to(connection, earlier.edition_id)
            if earlier.edition_id != serving.edition_id:
                self._let_serve(connection, earlier.edition_id, serving.edition_id)
        return self._known(self.serving())

    def drop(self, edition_id: int) -> bool:
        """Give up an edition: its table may be removed from now on (`dropped`).

        Returns:
            False, and nothing happens, if it serves or is worked on.
        """
        with self._file.transaction() as connection:
            changed = connection.execute(
                "UPDATE editions SET is_dropped = 1"
                " WHERE edition_id = ? AND NOT is_serving AND NOT is_worked_on",
                (edition_id,),
            )
            if changed.rowcount:
                edition_passages.forget(connection, edition_id)
        return bool(changed.rowcount)

    def drop_outdated(self, days: float) -> list[Edition]:
        """Give up what was replaced longer ago; never what is not complete, or serves.

        Args:
            days: How long; 0 keeps all.
        """
        before = self._clock() - days * _DAY_S
        outdated = [
            edition
            for edition in self.kept()
            if days and edition.is_complete and (edition.replaced_at or before + 1) < before
        ]
        return [edition for edition in outdated if self.drop(edition.edition_id)]

    def forget(self, edition_id: int) -> None:
        """Forget a dropped edition, now that its table is gone."""
        with self._file.transaction() as connection:
            connection.execute(
                "DELETE FROM editions WHERE edition_id = ? AND is_dropped", (edition_id,)
            )

    def clear_leftovers(self, edition_id: int) -> None:
        """Forget the leftovers of a kept edition, now that its table holds no row of them."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM kept_leftovers WHERE edition_id = ?", (edition_id,))

    def _turn_to(self, connection: sqlite3.Connection, edition_id: int) -> None:
        worked_on = self.worked_on()
        if worked_on is not None and worked_on.edition_id == edition_id:
            return
        target = self._known(self.find(edition_id))
        if worked_on is not None:
            edition_passages.stash(connection, worked_on.edition_id)
        edition_passages.restore(connection, edition_id, target.index_key)
        connection.execute("UPDATE editions SET is_worked_on = (edition_id = ?)", (edition_id,))

    def _let_serve(self, connection: sqlite3.Connection, edition_id: int, earlier_id: int) -> None:
        now = self._clock()
        connection.execute(
            "UPDATE editions SET is_serving = 1, completed_at = coalesce(completed_at, ?),"
            " replaced_at = NULL WHERE edition_id = ?",
            (now, edition_id),
        )
        connection.execute(
            "UPDATE editions SET is_serving = 0, replaced_at = ? WHERE edition_id = ?",
            (now, earlier_id),
        )

    def _is_nothing_served(self, connection: sqlite3.Connection) -> bool:
        serving = self.serving()
        if serving is None:
            return True
        found = connection.execute(
            "SELECT 1 FROM kept_passages WHERE edition_id = ? LIMIT 1", (serving.edition_id,)
        )
        return found.fetchone() is None

    @staticmethod
    def _known(edition: Edition | None) -> Edition:
        if edition is None:
            raise LookupError("there is no such edition")
        return edition
