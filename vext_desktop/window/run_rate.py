"""How fast a run goes and how long it will take. No Qt."""

from collections import deque
from collections.abc import Callable

from vext_desktop.events import Progress

WINDOW_S = 20.0
LEAST_S = 1.5


class RunRate:
    """Measures working time only: pauses and the loading of the model do not count.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Forget everything: another run begins."""
        self._worked_s = 0.0
        self._last_s: float | None = None
        self._bytes_left = 0
        self._bytes_done = 0
        # Done when the first batch was noted: a run that goes on counts what an earlier one did.
        self._bytes_before: int | None = None
        # (working seconds, chunks) of the last WINDOW_S of working time
        self._points: deque[tuple[float, int]] = deque()

    def skip_gap(self) -> None:
        """Whatever passes until the next batch is not working time."""
        self._last_s = None

    def note(self, progress: Progress) -> None:
        """Another batch is done."""
        now_s = self._clock()
        if self._last_s is not None:
            self._worked_s += now_s - self._last_s
        self._last_s = now_s
        if self._bytes_before is None:
            self._bytes_before = progress.bytes_done
        self._bytes_done = progress.bytes_done - self._bytes_before
        self._bytes_left = max(0, progress.bytes_total - progress.bytes_done)
        self._points.append((self._worked_s, progress.chunks_done))
        while self._points[-1][0] - self._points[0][0] > WINDOW_S:
            self._points.popleft()

    @property
    def chunks_per_second(self) -> float | None:
        """Over the last 20 s of work; None while that is too short to tell."""
        if not self._points:
            return None
        seconds = self._points[-1][0] - self._points[0][0]
        chunks = self._points[-1][1] - self._points[0][1]
        return chunks / seconds if seconds >= LEAST_S else None

    @property
    def seconds_left(self) -> float | None:
        """From the bytes done in the working time so far; None while too little is known."""
        if self._worked_s < LEAST_S or self._bytes_done <= 0:
            return None
        return self._bytes_left * self._worked_s / self._bytes_done


def say_rate(per_second: float) -> str:
    """How fast passages are indexed, in words."""
    return f"{per_second:.{0 if per_second >= 10 else 1}f} passages/s"
