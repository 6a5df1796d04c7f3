"""The full picture of memory: owner bands of all our processes, as seldom as they are costly."""

import threading
import time
from collections.abc import Callable, Mapping

from vext_desktop.memory.bands import BandSource, create_band_source
from vext_desktop.readings import OwnerBands, ProcessRole, ProgramBands, ProgramReading

# Whoever asks again and again gets a new picture after so long, or after so many times what the
# last one cost, whichever is longer: at most a fifth of a percent of one processor.
_PACE_SECONDS = 5.0
_PACE_COSTS = 500


class PictureTaker:
    """Takes pictures one at a time, keeps the last, and paces those who do not need a new one.

    Args:
        read: All our processes now.
        source: The bands of one process; by default those of the system that we run on.
        clock: Monotonic seconds.
        cost_clock: Processor seconds of the calling thread: on a busy machine the wall clock
            would count the others' work too.
    """

    def __init__(
        self,
        read: Callable[[], ProgramReading],
        source: BandSource | None = None,
        clock: Callable[[], float] = time.monotonic,
        cost_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._read = read
        self._source = source or create_band_source()
        self._clock = clock
        self._cost_clock = cost_clock
        self._lock = threading.Lock()
        self._kept: ProgramBands | None = None
        self._bounded: Callable[[], Mapping[ProcessRole, int]] = dict

    def set_bounded(self, bounded: Callable[[], Mapping[ProcessRole, int]]) -> None:
        """Say who knows how many bytes LanceDB's caches hold in each process."""
        self._bounded = bounded

    def take(self, max_age_s: float = 0.0) -> ProgramBands | None:
        """The last picture if it is young enough, else a new one.

        Args:
            max_age_s: 0 asks for a new one, whatever it costs. Any other age is stretched to
                the pace at which pictures cost next to nothing.

        Returns:
            None where the system offers no bands.
        """
        if self._source is None:
            return None
        with self._lock:
            kept = self._kept
            if kept is not None and max_age_s > 0:
                enough_s = max(max_age_s, _PACE_SECONDS, _PACE_COSTS * kept.seconds)
                if self._clock() - kept.at_s < enough_s:
                    return kept
            self._kept = self._take(self._source) or kept
            return self._kept

    def _take(self, source: BandSource) -> ProgramBands | None:
        began = self._cost_clock()
        bounded = self._bounded()
        found: list[OwnerBands] = []
        for reading in self._read().processes:
            bands = source.take(reading, bounded.get(reading.role, 0))
            if bands is not None:
                found.append(bands)
        seconds = self._cost_clock() - began
        return ProgramBands(self._clock(), tuple(found), seconds) if found else None
