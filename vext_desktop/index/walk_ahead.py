"""A walk through folders in a thread of its own: a drive that does not answer holds up nobody."""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from vext_desktop.documents.scanner import FoundFile
from vext_desktop.errors import VextError

log = logging.getLogger("vext.index")

# A group of entries goes into the ledger in one transaction.
ENTRIES_PER_GROUP = 500
GROUP_S = 0.1
# So many groups may wait to be taken: the walk is at most this far ahead.
_GROUPS_AHEAD = 4
# A network drive can take seconds for one large folder, and a sleeping disk to spin up.
SILENCE_LIMIT_S = 60.0
ANSWER_LIMIT_S = 10.0
_JOIN_S = 1.0


class WalkAhead:
    """Takes entries out of a walk as fast as they come, and hands them on in groups.

    Started by its constructor, ended by `close`; a thread that the system holds up for ever is
    left behind, and keeps nobody from closing the program.

    Args:
        entries: The walk.
        silence_limit_s: After so long without any sign of it, the walk is given up.
    """

    def __init__(
        self, entries: Iterator[FoundFile | None], silence_limit_s: float = SILENCE_LIMIT_S
    ) -> None:
        self._entries = entries
        self._silence_limit_s = silence_limit_s
        self._groups: queue.Queue[list[FoundFile] | BaseException | None] = queue.Queue(
            _GROUPS_AHEAD
        )
        self._is_closed = threading.Event()
        self._is_over = False
        self._heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._walk, name="scan", daemon=True)
        self._thread.start()

    def take(self, wait_s: float = GROUP_S) -> list[FoundFile] | None:
        """The next files; an empty list if none has come in time; None when the walk is over.

        Raises:
            VextError: It does not go on: a drive does not answer.
        """
        if self._is_over:
            return None
        try:
            group = self._groups.get(timeout=wait_s)
        except queue.Empty:
            if time.monotonic() - self._heard_at > self._silence_limit_s:
                raise VextError(
                    f"A drive has not answered for {self._silence_limit_s:.0f} seconds while its "
                    "folders were looked through. Nothing was taken out of the index.",
                    "Check the drive or the network, then choose Look for changes.",
                ) from None
            return []
        self._heard_at = time.monotonic()
        if isinstance(group, BaseException):
            raise group
        self._is_over = group is None
        return group

    def close(self) -> None:
        """End the walk, wherever it is."""
        self._is_closed.set()
        while not self._groups.empty():
            self._groups.get_nowait()
        self._thread.join(_JOIN_S)
        if self._thread.is_alive():
            log.info("A folder does not answer; the look at it is left behind.")

    def _walk(self) -> None:
        try:
            group: list[FoundFile] = []
            due = time.monotonic() + GROUP_S
            for entry in self._entries:
                if entry is not None:
                    group.append(entry)
                if len(group) >= ENTRIES_PER_GROUP or time.monotonic() >= due:
                    if not self._put(group):
                        return
                    group, due = [], time.monotonic() + GROUP_S
            if self._put(group):
                self._put(None)
        except Exception as error:  # noqa: BLE001 - raised again where the groups are taken
            self._put(error)

    def _put(self, group: list[FoundFile] | BaseException | None) -> bool:
        while not self._is_closed.is_set():
            try:
                self._groups.put(group, timeout=GROUP_S)
            except queue.Full:
                continue
            return True
        return False


def silent_among(paths: Sequence[Path], limit_s: float = ANSWER_LIMIT_S) -> list[Path]:
    """The paths whose drive does not even say whether they are there; asked all at once."""
    asked = [(path, _ask(path)) for path in paths]
    deadline = time.monotonic() + limit_s
    for _, thread in asked:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [path for path, thread in asked if thread.is_alive()]


def _ask(path: Path) -> threading.Thread:
    name = f"is it there: {path}"
    for thread in threading.enumerate():
        if thread.name == name:
            return thread  # asked before, and still without an answer: no second one beside it
    thread = threading.Thread(target=_look, args=(path,), name=name, daemon=True)
    thread.start()
    return thread


def _look(path: Path) -> None:
    # No is an answer, too, and so is an error: the scan will find out what it means.
    with contextlib.suppress(OSError):
        path.stat()
