"""Python's garbage collector, kept to the main thread.

Python collects in whatever thread happens to allocate. What it finds there may be widgets and
timers of the main thread, and Qt objects must not be destroyed by another thread than their own:
"Timers cannot be stopped from another thread" at best, a crash at worst.
"""

import contextlib
import gc
import threading
import time
from queue import Empty, SimpleQueue

from PySide6.QtCore import QObject, QTimer, Signal, Slot

# A tenth of a second's new objects are looked through in a millisecond or two; those of a whole
# second in which a page of plots is made take 25.
INTERVAL_MS = 100
# How many collections of the youngest come before one of the next generation. Python's own 10 make
# that one take 46 ms while the engine's thread imports its libraries.
YOUNGEST_BEFORE_NEXT = 3
# How far apart full collections are. Each looks at all objects that live and are not frozen.
FULL_EVERY_S = 60.0
# How long a thread waits for the main thread to collect; it may be busy, or closing.
WAIT_S = 1.0


class MainThreadCollector(QObject):
    """Takes over from automatic collection until it is closed; lives in the main thread.

    Args:
        parent: Owner, as in Qt.
    """

    _asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: SimpleQueue[threading.Event] = SimpleQueue()
        self._asked.connect(self._on_asked)
        self._full_at_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()
        gc.disable()

    def collect(self) -> None:
        """Collect in the main thread, from any thread; waits for it, but not for ever."""
        if threading.current_thread() is threading.main_thread():
            gc.collect()
            return
        done = threading.Event()
        self._waiting.put(done)
        self._asked.emit()
        done.wait(WAIT_S)

    def close(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_asked(self) -> None:
        gc.collect()
        with contextlib.suppress(Empty):
            while True:
                self._waiting.get_nowait().set()

    @Slot()
    def _on_timeout(self) -> None:
        # The oldest generation whose time has come.
        counts, (most, _, middle) = gc.get_count(), gc.get_threshold()
        thresholds = (most, YOUNGEST_BEFORE_NEXT, middle)
        now_s = time.monotonic()
        oldest = 2 if now_s - self._full_at_s >= FULL_EVERY_S else 1
        due = [age for age in range(oldest + 1) if counts[age] > thresholds[age]]
        if due:
            gc.collect(due[-1])
            self._full_at_s = now_s if due[-1] == 2 else self._full_at_s
