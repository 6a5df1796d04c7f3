"""A walk through folders in a thread of its own: a drive that does not answer holds up nobody."""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.errors import VextError

if TYPE_CHECKING:
    from vext_desktop.documents.scanner import FoundFile

log = logging.getLogger("vext.index")

# A group of entries goes into the ledger in one transaction.
ENTRIES_PER_GROUP = 250
GROUP_S = 0.05
# A network drive can take seconds for one large folder, and a sleeping disk to spin up.
SILENCE_LIMIT_S = 60.0
ANSWER_LIMIT_S = 10.0
_JOIN_S = 1.0


class AsideWalk:
    """Takes entries out of a walk in a thread of its own, a group at a time, when asked to.

    Both threads never work at once: they would only take the interpreter from each other, which
    costs a third more. Started by its constructor, ended by `close`; a thread that the system
    holds up for ever is left behind, and keeps nobody from closing the program.

    Args:
        entries: The walk.
        silence_limit_s: After so long without any sign of it, the walk is given up.
    """

    def __init__(
        self, entries: "Iterator[FoundFile | None]", silence_limit_s: float = SILENCE_LIMIT_S
    ) -> None:
        self._entries = entries
        self._silence_limit_s = silence_limit_s
        self._groups: queue.SimpleQueue[list[FoundFile] | BaseException | None] = (
            queue.SimpleQueue()
        )
        self._asked = threading.Semaphore(0)
        self._asked_at: float | None = None
        self._is_closed = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._walk, name="scan", daemon=True)
        self._thread.start()

    def take(self, wait_s: float = GROUP_S) -> "list[FoundFile] | None":
        """The next files; an empty list if none has come in time; None when the walk is over.

        Raises:
            VextError: It does not go on: a drive does not answer.
        """
        if self._is_over:
            return None
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._asked.release()
        try:
            group = self._groups.get(timeout=wait_s)
        except queue.Empty:
            if time.monotonic() - self._asked_at > self._silence_limit_s:
                raise VextError(
                    f"A drive has not answered for {self._silence_limit_s:.0f} seconds while its "
                    "folders were looked through. Nothing was taken out of the index.",
                    "Check the drive or the network, then choose Look for changes.",
                ) from None
            return []
        self._asked_at = None
        if isinstance(group, BaseException):
            raise group
        self._is_over = group is None
        return group

    def close(self) -> None:
        """End the walk, wherever it is."""
        self._is_closed.set()
        self._asked.release()
        self._thread.join(_JOIN_S)
        if self._thread.is_alive():
            log.info("A folder does not answer; the look at it is left behind.")

    def _walk(self) -> None:
        try:
            while self._is_asked():
                group, is_over = self._next_group()
                if group or not is_over:
                    self._groups.put(group)
                if is_over:
                    self._groups.put(None)
                    return
        except Exception as error:  # noqa: BLE001 - raised again where the groups are taken
            self._groups.put(error)

    def _is_asked(self) -> bool:
        self._asked.acquire()
        return not self._is_closed.is_set()

    def _next_group(self) -> "tuple[list[FoundFile], bool]":
        group: list[FoundFile] = []
        due = time.monotonic() + GROUP_S
        for entry in self._entries:
            if entry is not None:
                group.append(entry)
            is_due = time.monotonic() >= due or self._is_closed.is_set()
            if len(group) >= ENTRIES_PER_GROUP or is_due:
                return group, False
        return group, True


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
