"""A probe that now and then reads exactly, as seldom as that must be to cost next to nothing."""

import threading
import time
from collections.abc import Callable

from vext_desktop.memory.probe import Probe
from vext_desktop.readings import MemoryReading

# An exact reading at most this often, and at most a tenth of a percent of the time.
_EXACT_SECONDS = 5.0
_EXACT_COSTS = 1000


class SparingProbe:
    """Lets a cheap reading carry `held_bytes` now and then, so that a promise can be shown.

    Args:
        probe: Reads the process that it lives in.
        clock: Monotonic seconds.
        cost_clock: Processor seconds of the calling thread.
    """

    def __init__(
        self,
        probe: Probe,
        clock: Callable[[], float] = time.monotonic,
        cost_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self.role = probe.role
        self._probe = probe
        self._clock = clock
        self._cost_clock = cost_clock
        self._lock = threading.Lock()
        self._next_at = float("-inf")

    def read(self) -> MemoryReading:
        """A cheap reading; an exact one where the last is long enough ago."""
        with self._lock:
            now = self._clock()
            is_due = now >= self._next_at
            if is_due:  # others read cheaply meanwhile
                self._next_at = now + _EXACT_SECONDS
        return self.read_exactly() if is_due else self._probe.read()

    def read_exactly(self) -> MemoryReading:
        """An exact reading now; the next one in `read` waits for its turn again."""
        began = self._cost_clock()
        reading = self._probe.read_exactly()
        cost_s = self._cost_clock() - began
        with self._lock:
            self._next_at = self._clock() + max(_EXACT_SECONDS, _EXACT_COSTS * cost_s)
        return reading
