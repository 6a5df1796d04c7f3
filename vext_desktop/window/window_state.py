"""What the window remembers from one start to the next; apart from settings: no choice is in it.

Here, too, stands what "safe to close: it goes on next time" needs: whether the user has paused or
stopped, and the requests that have not come to their end. It is written at once when it changes,
so that a killed program goes on as well.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

Paths = tuple[str, ...]


class Intent(StrEnum):
    """What the user wants of work that is not finished."""

    GO_ON = "go_on"
    REST = "rest"
    STOP = "stop"


class WindowState:
    """Reads and writes the window's ini file.

    Args:
        file: Need not exist; a damaged one counts as empty.
    """

    def __init__(self, file: Path) -> None:
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

    def layout(self, name: str) -> QByteArray:
        """Bytes that a widget's `saveState` or `saveGeometry` gave; empty if there are none."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_layout(self, name: str, state: QByteArray) -> None:
        """Keep a widget's state until the next start."""
        self._store.setValue(f"layout/{name}", state)

    @property
    def shows_details(self) -> bool:
        """Whether the memory details were open."""
        return str(self._store.value("layout/details", "no")) == "yes"

    def keep_shows_details(self, is_shown: bool) -> None:
        """Keep whether the memory details are open."""
        self._store.setValue("layout/details", "yes" if is_shown else "no")

    @property
    def intent(self) -> Intent:
        """What the user last wanted."""
        value = str(self._store.value("run/intent", ""))
        return Intent(value) if value in set(Intent) else Intent.GO_ON

    def keep_intent(self, intent: Intent) -> None:
        """Keep what the user wants, at once."""
        self._store.setValue("run/intent", intent.value)
        self._store.sync()

    @property
    def unfinished(self) -> tuple[Paths, ...]:
        """The paths of each request that has not come to its end, oldest first."""
        try:
            found = json.loads(str(self._store.value("run/unfinished", "[]")))
            return tuple(tuple(str(path) for path in paths) for paths in found)
        except (ValueError, TypeError):
            return ()

    def keep_unfinished(self, requests: Sequence[Paths]) -> None:
        """Keep the requests that have not come to their end, at once."""
        # ASCII, so that a path with undecodable bytes survives.
        self._store.setValue("run/unfinished", json.dumps([list(paths) for paths in requests]))
        self._store.sync()

    @property
    def chunks_per_second(self) -> float | None:
        """The rate of the last run, for the first estimate of the next."""
        try:
            rate = float(str(self._store.value("run/chunks_per_second", "")))
        except ValueError:
            return None
        return rate if rate > 0 else None

    def keep_chunks_per_second(self, rate: float) -> None:
        """Keep the rate of a run."""
        self._store.setValue("run/chunks_per_second", f"{rate:.2f}")

    def flush(self) -> None:
        """Write what has not been written yet."""
        self._store.sync()
