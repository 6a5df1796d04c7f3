"""`vext-desktop index --watch`: waits for changes, and says where they are."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from vext_desktop.documents.touched import Touched
    from vext_desktop.engine import Engine

# How often it is asked whether something has changed; a Ctrl-C is seen at once.
_POLL_S = 1.0
_FOLLOW_S = 30.0
Found = TypeVar("Found")


def keep_watching(
    engine: "Engine", stopped: threading.Event, tell: Callable[[str], None]
) -> Iterator[tuple["Touched", ...]]:
    """Watch all folders of the index, until `stopped` is set.

    Args:
        engine: Opened for writing.
        stopped: Set by Ctrl-C.
        tell: Takes a sentence for the person.

    Yields:
        Places in which something is different from what is indexed, for a run each.
    """
    watch = engine.create_watch(lambda: None)
    told = ""
    looked_at = followed_at = time.monotonic()
    tell("Watching the folders of the index. Press Ctrl-C to end.")
    try:
        watch.watch(engine.root_paths())
        while not stopped.is_set():
            if time.monotonic() - followed_at > _FOLLOW_S:  # a drive may be back
                followed_at = time.monotonic()
                watch.watch(engine.root_paths())
            minutes = watch.minutes_between_looks(engine.settings.rescan_minutes)
            if minutes and time.monotonic() - looked_at > minutes * 60:
                looked_at = time.monotonic()
                watch.touch_everything()
            if watch.trouble not in {"", told}:
                told = watch.trouble
                tell(told)
            touches = watch.take()
            if touches is not None:
                yield from _result(engine.find_changes(touches, stopped))
                watch.watch(engine.root_paths())
                continue
            due_in_s = watch.due_in_s()
            stopped.wait(_POLL_S if due_in_s is None else due_in_s + 0.01)
    finally:
        watch.close()


def _result(steps: Generator[None, None, Found]) -> Found:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Found = end.value
            return found
