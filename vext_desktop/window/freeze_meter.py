"""The freeze meter: how long the main thread's event loop ever kept people waiting."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Slot

TICK_MS = 10
# Lateness is counted in classes from 0.1 ms, each 10 % wider than the one before, up to 600 s.
SHORTEST_S = 0.0001
CLASS_RATIO = 1.1
CLASSES = math.ceil(math.log(600 / SHORTEST_S, CLASS_RATIO)) + 1


class FreezeMeter(QObject):
    """Ticks every 10 ms on the thread it lives in and records how late each tick comes.

    Args:
        clock: A monotonic clock in seconds.
        parent: The owner.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._last_tick_s = clock()
        self._longest_s = 0.0
        self._counts = [0] * CLASSES

    @property
    def longest_stall_s(self) -> float:
        """The longest time by which a tick was late, in seconds; 0 before the first."""
        return self._longest_s

    @property
    def ticks(self) -> int:
        """How many ticks have been recorded."""
        return sum(self._counts)

    def percentile_s(self, percent: float) -> float:
        """The lateness that `percent` of all ticks kept within, in seconds, to 10 % above."""
        needed = self.ticks * percent / 100
        seen = 0
        for number, count in enumerate(self._counts):
            seen += count
            if count and seen >= needed:
                return min(SHORTEST_S * CLASS_RATIO**number, self._longest_s)
        return 0.0

    def start(self) -> None:
        """Begin ticking; what was recorded stays."""
        self._last_tick_s = self._clock()
        self._timer.start()

    def stop(self) -> None:
        """Stop ticking; what was recorded stays."""
        self._timer.stop()

    def reset(self) -> None:
        """Forget what was recorded."""
        self._longest_s = 0.0
        self._counts = [0] * CLASSES
        self._last_tick_s = self._clock()

    @Slot()
    def _on_tick(self) -> None:
        now_s = self._clock()
        late_s = max(0.0, now_s - self._last_tick_s - TICK_MS / 1000)
        self._last_tick_s = now_s
        self._longest_s = max(self._longest_s, late_s)
        self._counts[_class_of(late_s)] += 1


def _class_of(late_s: float) -> int:
    """The number of the class whose upper end is at or above this lateness."""
    if late_s <= SHORTEST_S:
        return 0
    return min(math.ceil(math.log(late_s / SHORTEST_S, CLASS_RATIO)), CLASSES - 1)
