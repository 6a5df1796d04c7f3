"""What has been touched and is still to be looked at; bursts become one look."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vext_desktop.documents.touched import Touched, without_repetition

# Writing a file takes several events, unpacking an archive thousands: they are looked at together
# when there has been silence for so long. Longer than `touched_scan.YOUNG_S`, so that what was
# written last is old enough by then.
QUIET_S = 2.0
# A log that is written all day must not keep its neighbours from being looked at.
LONGEST_S = 10.0
# More folders than this are dearer one by one than a look at everything.
MOST_PLACES = 2000


@dataclass(frozen=True, slots=True)
class Touches:
    """What is to be looked at.

    Attributes:
        places: Folders, none of them within another.
        everything: Whether all roots are to be looked at instead: something was missed.
    """

    places: tuple[Touched, ...] = ()
    everything: bool = False


class TouchList:
    """Collects touched places; any thread may call any method.

    Args:
        on_begun: Called in the thread that notes a place, when there was none before.
        clock: Monotonic seconds.
    """

    def __init__(
        self, on_begun: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_begun = on_begun
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[Touched, float] = {}
        self._everything = False
        self._first = self._last = 0.0

    def note(self, place: Touched) -> None:
        """Something has changed there just now."""
        with self._lock:
            has_begun = self._begin()
            if not self._everything:
                self._places[place] = self._last
            if len(self._places) > MOST_PLACES:
                self._everything, self._places = True, {}
        if has_begun:
            self._on_begun()

    def note_everything(self) -> None:
        """It is not known what has changed."""
        with self._lock:
            has_begun = self._begin()
            self._everything, self._places = True, {}
        if has_begun:
            self._on_begun()

    def due_in_s(self) -> float | None:
        """When there will be something to look at; None if nothing has been touched."""
        with self._lock:
            return self._due_in_s()

    def take(self) -> Touches | None:
        """What is to be looked at now, to be taken once; None if nothing is due."""
        with self._lock:
            due_in_s = self._due_in_s()
            if due_in_s is None or due_in_s > 0:
                return None
            now = self._clock()
            taken = Touches(tuple(without_repetition(self._places)), self._everything)
            # What is still in motion is looked at once more when it is at rest.
            moving = {place: at for place, at in self._places.items() if now - at < QUIET_S}
            self._places, self._everything = moving, False
            self._first = now
            return taken

    def clear(self) -> None:
        """Forget all that was noted."""
        with self._lock:
            self._places, self._everything = {}, False

    def _begin(self) -> bool:
        self._last = self._clock()
        if self._places or self._everything:
            return False
        self._first = self._last
        return True

    def _due_in_s(self) -> float | None:
        if not self._places and not self._everything:
            return None
        now = self._clock()
        return max(0.0, min(self._last + QUIET_S, self._first + LONGEST_S) - now)
