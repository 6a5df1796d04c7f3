"""Keeping the store quick while rows come in: maintenance in the background, step by step."""

import logging
from collections.abc import Callable, Iterator

from vext_desktop.errors import DiskFullError
from vext_desktop.events import IndexEvent, StoreMaintained, StoreMaintaining
from vext_desktop.index.store import Store
from vext_desktop.memory.allocator import trim

# Until maintenance, the words of new rows are found in a file (`FreshText`), at 3 kB a row, and
# their vectors are read one by one, 10 ms for so many. A round takes 3 s of processor at most,
# however large the index is (`volumes`): a twentieth of what embedding so many rows takes.
MAX_UNINDEXED_ROWS = 4000
WAIT_STEP_S = 0.2
TIDYING_TAKES_MEMORY = (
    "The index is being tidied up at this moment, which takes memory for some seconds and gives "
    "it back."
)

logger = logging.getLogger("vext.index")


class StoreTidying:
    """Begins maintenance when enough was written, and tells when it is done.

    Args:
        store: What is kept tidy; searches and writes go on meanwhile.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows_since = 0
        self._is_under_way = False

    def note_written(self, rows: int) -> None:
        """Take rows into account that have just been written."""
        self._rows_since += rows

    def step(self) -> Iterator[IndexEvent]:
        """Between two groups of rows: begin if it is due, or look whether it is done.

        Where the disk has no room for it, it waits for the end of the run.
        """
        try:
            if self._is_under_way:
                yield from self._look(0.0)
            elif self._rows_since > MAX_UNINDEXED_ROWS:
                self._begin()
        except DiskFullError as error:
            logger.warning("the index is tidied up later: %s", error)
            self._is_under_way = False

    def finish(self, stopped: Callable[[], bool]) -> Iterator[IndexEvent]:
        """At the end of a run: bring everything up to date, in short steps.

        Args:
            stopped: Asked between steps; what is under way then goes on by itself.

        Raises:
            DiskFullError: There is no room for it; what was indexed is there all the same.
        """
        try:
            yield from self._finish(stopped)
        except DiskFullError as error:
            raise DiskFullError(
                "All that could be read is indexed and can be searched, but there is too little "
                f"room to tidy up the index, so searches take longer. {error.message}",
                error.hint,
            ) from error

    def _finish(self, stopped: Callable[[], bool]) -> Iterator[IndexEvent]:
        while self._is_under_way or self._rows_since or self._store.needs_maintenance:
            if stopped():
                return
            if not self._is_under_way:
                self._begin(is_quiet=True)
            yield from self._look(WAIT_STEP_S)

    def _begin(self, *, is_quiet: bool = False) -> None:
        self._rows_since = 0
        self._is_under_way = True
        self._store.begin_maintenance(is_quiet=is_quiet)

    def _look(self, wait_s: float) -> Iterator[IndexEvent]:
        seconds = self._store.finish_maintenance(wait_s)
        if seconds is None:
            yield StoreMaintaining()
            return
        self._is_under_way = False
        trim()  # it leaves tens of megabytes behind that nobody uses
        yield StoreMaintained(seconds)
