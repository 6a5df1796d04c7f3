"""The system's own word on what changes in folders, as the library watchdog brings it to us.

Imported only when something is watched.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterable

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

# Not: opened, closed after reading. Our own reading causes those.
_WANTED: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
# Of the folder that a root lies in: is the root still there, or back again?
_WANTED_OF_FOLDERS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirDeletedEvent, DirMovedEvent]
OnChange = Callable[[str, bool], None]
OnMissed = Callable[[OSError | None], None]


class WatchSource:
    """Watches folders; its threads are started by the constructor and joined by `close`.

    Args:
        on_change: Told each path that has changed, and whether it is a folder that came, went or
            was renamed; called in a thread of the library's.
        on_missed: Called when changes were lost (with None), or with what the system says where
            a folder beneath cannot be watched.
        skips: Whether a folder is none of our business, nor what is beneath it.

    Raises:
        OSError: The system lets no more folders be watched.
    """

    def __init__(
        self,
        on_change: OnChange,
        on_missed: OnMissed,
        skips: Callable[[str], bool],
    ) -> None:
        self._handler = _Handler(on_change)
        self._watches: dict[str, ObservedWatch] = {}
        self._surroundings: dict[str, ObservedWatch] = {}
        self._observer: BaseObserver = (
            _linux_observer(on_missed, skips) if sys.platform == "linux" else Observer()
        )
        self._observer.start()

    @property
    def watched(self) -> frozenset[str]:
        """The folders that are watched and have not gone away."""
        alive = {emitter.watch for emitter in self._observer.emitters if emitter.is_alive()}
        return frozenset(path for path, watch in self._watches.items() if watch in alive)

    def add(self, folder: str, *, is_deep: bool) -> None:
        """Watch a folder, and if `is_deep` all beneath it; seconds for thousands of folders.

        Raises:
            OSError: It cannot be watched.
        """
        self.remove(folder)
        self._watches[folder] = self._observer.schedule(
            self._handler, folder, recursive=is_deep, event_filter=_WANTED
        )

    def add_surroundings(self, folders: Iterable[str]) -> None:
        """Watch which folders come and go directly in these; those that cannot be are left."""
        for folder in set(folders) - self._surroundings.keys():
            with contextlib.suppress(OSError):
                self._surroundings[folder] = self._observer.schedule(
                    self._handler, folder, event_filter=_WANTED_OF_FOLDERS
                )

    def remove(self, folder: str) -> None:
        """Watch it no longer."""
        watch = self._watches.pop(folder, None)
        if watch is not None:
            with contextlib.suppress(KeyError):  # it went away by itself
                self._observer.unschedule(watch)

    def close(self) -> None:
        """End the threads; harmless a second time."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()


class _Handler(FileSystemEventHandler):
    """Makes paths of events."""

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take one event."""
        for path in (event.src_path, event.dest_path):
            if path and isinstance(path, str):  # we name no folder in bytes
                self._on_change(path, event.is_directory)


if sys.platform == "linux":
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyConstants,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchCallback,
        WatchDescriptor,
    )

    class _Inotify(InotifyFD):
        """Inotify that says what the library keeps to itself: lost events, folders not watched."""

        def __init__(self, on_missed: OnMissed, skips: Callable[[str], bool]) -> None:
            super().__init__()
            self._on_missed = on_missed
            self._skips = skips

        def add_callback(
            self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
        ) -> WatchDescriptor:
            """Watch one folder, if it is our business."""
            if self._skips(os.fsdecode(path)):
                # The library passes over a folder that cannot be watched.
                raise OSError(errno.EACCES, "left out")
            try:
                return super().add_callback(path, mask, callback, id_)
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.ENOMEM}:
                    self._on_missed(error)
                raise

        def handle_event(self, event: InotifyEvent) -> None:
            """Pass an event on, and say so if some were lost before it."""
            super().handle_event(event)
            if event.mask & InotifyConstants.IN_Q_OVERFLOW:
                self._on_missed(None)

    class _InotifyObserver(BaseObserver):
        def __init__(self, inotify: _Inotify) -> None:
            super().__init__(InotifyEmitter, inotify_fd=inotify)
            self._inotify = inotify
            inotify.start()

        def on_thread_stop(self) -> None:
            super().on_thread_stop()
            self._inotify.stop()
            if self._inotify.is_alive():
                self._inotify.join()

    def _linux_observer(on_missed: OnMissed, skips: Callable[[str], bool]) -> BaseObserver:
        return _InotifyObserver(_Inotify(on_missed, skips))
