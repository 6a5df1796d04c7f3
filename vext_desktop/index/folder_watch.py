"""Notices that something has changed in the folders of the index, and which of them to look at.

It only ever gives hints: what is true, a look at the folder finds out.
"""

import contextlib
import errno
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.documents.file_systems import MountTable
from vext_desktop.documents.ignoring import IGNORE_FILE
from vext_desktop.documents.scanner import ScanRules, has_left_out_name
from vext_desktop.documents.touched import Touched, is_within
from vext_desktop.index.aside_walk import silent_among
from vext_desktop.index.touch_list import Touches, TouchList

if TYPE_CHECKING:
    from vext_desktop.index.watch_source import WatchSource

log = logging.getLogger("vext.watch")

# With trouble, all folders are looked at so often, if the settings do not ask for more.
POLL_MINUTES = 10
_POLLED = f"by looking at all of them every {POLL_MINUTES} minutes"
TOO_MANY_FOLDERS = (
    "There are more folders than the system lets us watch, so changes in some of them are found "
    f"{_POLLED}. On Linux, fs.inotify.max_user_watches is the limit that an administrator can "
    "raise."
)
NOT_WATCHED = "The folders cannot be watched ({reason}), so changes are found " + _POLLED + "."


class FolderWatch:
    """Watches roots; any thread may ask, one thread commands.

    Args:
        on_begun: Called, in a thread of ours, when there is something to look at after a time
            in which there was nothing; `due_in_s` then says how soon.
        rules: What is none of our business.

    Attributes:
        rules: As given.
        trouble: Why folders have to be looked at instead, in a sentence; "" while all is well.
    """

    def __init__(self, on_begun: Callable[[], None], rules: ScanRules) -> None:
        self.rules = rules
        self._touches = TouchList(on_begun)
        self._source: WatchSource | None = None
        self._wanted: tuple[str, ...] = ()
        self._roots: tuple[str, ...] = ()
        # What the system calls a root, where that is not the name under which it was added. Kept,
        # because asking about a root on a dead drive would wait for ever.
        self._real_names: dict[str, str] = {}
        # The folder to watch for a root; for a file, the one that it lies in.
        self._places: dict[str, str] = {}
        self._files: frozenset[str] = frozenset()
        # Roots that went away or came: what is watched of them may be another folder by now.
        self._stale: set[str] = set()
        # Roots that are there and cannot be watched.
        self._refused: set[str] = set()
        self._has_remote = False
        self._setting_up: threading.Thread | None = None
        self._is_closed = threading.Event()
        self.trouble = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Roots that are not watched because they are not there, or were not a moment ago."""
        watched = self._source.watched if self._source is not None else frozenset()
        return tuple(
            root
            for root in self._roots
            if root in self._stale
            or (self._places.get(root) not in watched and root not in self._refused)
        )

    @property
    def is_setting_up(self) -> bool:
        """Whether it is still being arranged what is watched."""
        return self._setting_up is not None and self._setting_up.is_alive()

    def watch(self, roots: Sequence[str]) -> None:
        """Watch these roots and no others; returns at once.

        A root that was not watched before, or went away since, counts as touched when it is.
        """
        self._wanted = tuple(roots)
        if self.is_setting_up or self._is_closed.is_set():
            return
        if self._wanted != self._roots or self.missing:
            name = "watch folders"
            self._setting_up = threading.Thread(target=self._set_up, name=name, daemon=True)
            self._setting_up.start()

    def touch_everything(self) -> None:
        """All folders are to be looked at: time has passed, or something was missed."""
        self._refused.clear()  # perhaps they can be watched now
        self._touches.note_everything()

    def minutes_between_looks(self, wanted: int) -> int:
        """How often all folders are to be looked at; 0 for never.

        More often where the system does not tell everything, as of network drives.

        Args:
            wanted: What the settings say, for folders that can be watched.
        """
        if self.trouble:
            return min(wanted or POLL_MINUTES, POLL_MINUTES)
        return min(wanted, POLL_MINUTES) if self._has_remote else wanted

    def due_in_s(self) -> float | None:
        """When there will be something to look at; None if nothing has changed."""
        return self._touches.due_in_s()

    def take(self) -> Touches | None:
        """What is to be looked at now, taken once; None if nothing is due."""
        return self._touches.take()

    def close(self) -> None:
        """End all threads but one that a dead drive holds up."""
        self._is_closed.set()
        if self._setting_up is not None:
            self._setting_up.join(1.0)
        if self._source is not None:
            self._source.close()
        self._source = None
        self._touches.clear()

    def _set_up(self) -> None:
        """Runs in a thread of its own: thousands of folders take seconds, a dead drive for ever."""
        is_done = False
        while not is_done and not self._is_closed.is_set():
            wanted = self._wanted
            self._arrange(wanted)
            is_done = wanted == self._wanted

    def _arrange(self, roots: tuple[str, ...]) -> None:
        silent = {str(path) for path in silent_among([Path(root) for root in roots])}
        reached = {root: os.path.realpath(root) for root in roots if root not in silent}
        self._real_names = {real: root for root, real in reached.items()}
        mounts = MountTable()
        self._has_remote = any(map(mounts.is_remote, reached.values()))
        self._files = frozenset(filter(os.path.isfile, reached))
        places = {
            root: os.path.dirname(real) if root in self._files else real  # noqa: PTH120 - names stay
            for root, real in reached.items()
        }
        stale = set(self._stale) | (self._places.keys() - places.keys())
        before, self._places, self._roots = self._places, places, roots
        self._stale -= stale
        try:
            source = self._source or self._create_source()
        except OSError as error:
            self._refused.update(roots)
            self._on_missed(error)
            return
        for root in stale & before.keys():
            source.remove(before[root])
        source.add_surroundings(map(os.path.dirname, self._real_names))
        # Folders first: a watch for all that is beneath one does for a file directly in it.
        for root in sorted(reached, key=lambda root: root in self._files):
            self._add(source, root)

    def _add(self, source: "WatchSource", root: str) -> None:
        place = self._places[root]
        is_known = place in source.watched or root in self._refused
        if is_known or self._is_closed.is_set() or not os.path.lexists(root):
            return
        try:
            source.add(place, is_deep=root not in self._files)
        except OSError as error:
            self._refused.add(root)
            self._on_missed(error)
        self._touches.note(Touched(root, is_deep=True))

    def _create_source(self) -> "WatchSource":
        from vext_desktop.index.watch_source import WatchSource  # noqa: PLC0415 - only when needed

        self._source = WatchSource(self._on_change, self._on_missed, self._skips)
        return self._source

    def _on_missed(self, error: OSError | None) -> None:
        """The system has lost events, or does not let a folder be watched."""
        if error is not None and not self.trouble:
            log.warning("Folders cannot be watched: %s", error)
            is_limit = error.errno in {errno.ENOSPC, errno.EMFILE, errno.ENOMEM}
            reason = error.strerror or "no reason given"
            self.trouble = TOO_MANY_FOLDERS if is_limit else NOT_WATCHED.format(reason=reason)
        self._touches.note_everything()

    def _on_change(self, path: str, is_folder: bool) -> None:
        name = self._our_name(path)
        if name is None or self._is_left_out(*name):
            return
        root, path = name
        if path == root and is_folder:
            self._stale.add(root)
        if is_folder or path in self._files:
            self._touches.note(Touched(path, is_deep=True))
        elif path != root:
            folder, last = os.path.split(path)
            self._touches.note(Touched(folder, is_deep=last == IGNORE_FILE))

    def _skips(self, folder: str) -> bool:
        name = self._our_name(folder)
        return name is not None and self._is_left_out(*name)

    def _our_name(self, path: str) -> tuple[str, str] | None:
        """The innermost root that a path lies in, and the path as it is called from there."""
        holders = [real for real in self._real_names if is_within(path, real)]
        if not holders:
            return None
        real = max(holders, key=len)
        root = self._real_names[real]
        return root, root + path[len(real) :]

    def _is_left_out(self, root: str, path: str) -> bool:
        """Whether names alone tell that a scan passes over it; patterns are asked there."""
        names = [name for name in path[len(root) :].split(os.sep) if name]  # noqa: PTH206 - as above
        with contextlib.suppress(IndexError):
            if names[-1] == IGNORE_FILE:
                names.pop()
        return any(has_left_out_name(name, self.rules) for name in names)
