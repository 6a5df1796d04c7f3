"""The memory of all our processes at one moment, and the peaks since a run began."""

import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from vext_desktop.memory.bands import BandSource
from vext_desktop.memory.picture import PictureTaker
from vext_desktop.memory.probe import Probe
from vext_desktop.memory.sparing_probe import SparingProbe
from vext_desktop.memory.watched_child import RECENT_READINGS, HeldMemory, WatchedChild
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramBands, ProgramReading

# A process that is killed takes its high-water mark along, so it is asked for now and then.
_MARK_SECONDS = 1.0
# More than /proc/PID/status ever has.
_STATUS_BYTES = 1 << 14
# What is remembered of each process for the case that it dies.
_RECENT_SECONDS = 10.0


class MemoryMonitor:
    """Combines our own readings with what the children report; usable from any thread.

    Args:
        own_probe: Reads the process that we live in.
        clock: Monotonic seconds, the same in all processes.
        bands: Tells the owner bands of a process; by default as this system does.
    """

    def __init__(
        self,
        own_probe: Probe,
        clock: Callable[[], float] = time.monotonic,
        bands: BandSource | None = None,
    ) -> None:
        self._own_probe = SparingProbe(own_probe, clock)
        self._own_held = HeldMemory()
        self._pictures = PictureTaker(self.read, bands, clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._children: dict[ProcessRole, WatchedChild] = {}
        self._last: dict[ProcessRole, MemoryReading] = {}
        self._recent: dict[ProcessRole, deque[ProgramReading]] = {
            role: deque(maxlen=RECENT_READINGS) for role in ProcessRole
        }
        self._peaks: dict[str, int] = {}
        # High-water marks of the kernel at the last reset, by process number: a mark that has
        # not moved since then says nothing about the time since then.
        self._old_marks: dict[int, int] = {}
        self._marks_due_at = float("-inf")

    def register(
        self, role: ProcessRole, pid: int, monitor_socket: socket.socket | None = None
    ) -> None:
        """A child has been started; its memory counts from now on.

        Args:
            role: Its part; a child known by that part before is forgotten.
            pid: Its process number.
            monitor_socket: Where it sends its readings, one JSON object a line; it stays the
                caller's, who may close it at any time.
        """
        with self._lock:
            self._forget(role)
            self._children[role] = WatchedChild(role, pid, monitor_socket, self._recent[role])

    def unregister(self, role: ProcessRole) -> None:
        """A child has ended, or is about to."""
        with self._lock:
            self._forget(role)

    def post(self, role: ProcessRole, reading_json: Mapping[str, object]) -> None:
        """Take a reading that came with an answer of that child."""
        with self._lock:
            child = self._children.get(role)
            if child is not None:
                child.take(reading_json, self._clock())

    def learn(self, exact: Iterable[MemoryReading]) -> None:
        """Take exact readings made for a decision: what was held before is no longer true."""
        with self._lock:
            now = self._clock()
            for reading in exact:
                child = self._children.get(reading.role)
                if child is not None:
                    child.learn(reading, now)
                elif reading.role is self._own_probe.role:
                    self._own_held.keep(reading.held_bytes, now)

    def read(self) -> ProgramReading:
        """What all our processes hold now; a child that is gone is left out. Under 2 ms.

        What the allocators hold is in it where it was measured in the last 10 s: each process
        does that now and then, when it is some milliseconds more.
        """
        own = self._own_probe.read()
        with self._lock:
            now = self._clock()
            self._own_held.keep(own.held_bytes, now)
            own = self._own_held.add_to(own, now)
            self._recent[own.role].append(ProgramReading(now, (own,)))
            readings = [own]
            for child in self._children.values():
                reading = child.read(now)
                if reading is not None:
                    readings.append(reading)
            program = ProgramReading(now, tuple(readings))
            for reading in readings:
                self._last[reading.role] = reading
                self._raise_peak(reading.role, reading.rss_bytes)
            self._raise_peak("total", program.rss_bytes)
            if now >= self._marks_due_at:
                self._take_marks(now)
            return program

    def picture(self, max_age_s: float = 0.0) -> ProgramBands | None:
        """Where the memory of all our processes is, by owner; it holds up no reading.

        On Linux 50 to 200 ms for three processes, so never in a main thread.

        Args:
            max_age_s: 0 asks for a new picture. Any other age lets an older one do, and is
                stretched so that whoever asks again and again costs a fifth of a percent of
                one processor: 5 s, or 500 times what the last picture cost.

        Returns:
            None where the system offers no owner bands.
        """
        return self._pictures.take(max_age_s)

    def set_bounded(self, bounded: Callable[[], Mapping[ProcessRole, int]]) -> None:
        """Say who knows how many bytes LanceDB's bounded caches hold in each process."""
        self._pictures.set_bounded(bounded)

    def peaks(self) -> dict[str, int]:
        """Highest RSS in bytes of "window", "engine", "reader" and "total" since the reset.

        Those of single processes know of moments between two readings too where the kernel
        keeps a mark (Linux). The total is the highest sum that was read; 0 is "never ran".
        """
        self.read()
        with self._lock:
            self._take_marks(self._clock())
            singles = {role.value: self._peaks.get(role, 0) for role in ProcessRole}
            return {**singles, "total": max(self._peaks.get("total", 0), *singles.values())}

    def reset_peaks(self) -> None:
        """Begin anew: a run has begun."""
        pids = [reading.pid for reading in self.read().processes]
        with self._lock:
            self._old_marks = {pid: _high_water_mark(pid) for pid in pids}
            self._peaks.clear()
        self.read()

    def last(self, role: ProcessRole) -> MemoryReading | None:
        """The last reading of a process, also when it is gone; None if there never was one."""
        with self._lock:
            return self._last.get(role)

    def recent(self, role: ProcessRole) -> tuple[ProgramReading, ...]:
        """The readings of a process in its last ten seconds, oldest first, also when it is gone.

        Each holds that one process. Nothing is read for it: a process that was never looked at
        has none.
        """
        with self._lock:
            kept = tuple(self._recent[role])
        if not kept:
            return ()
        end = kept[-1]
        return tuple(
            reading
            for reading in kept
            if reading.at_s >= end.at_s - _RECENT_SECONDS
            and reading.processes[0].pid == end.processes[0].pid
        )

    def _forget(self, role: ProcessRole) -> None:
        child = self._children.pop(role, None)
        if child is not None:
            child.take_last_words(self._clock())
            self._raise_peak(role, self._new_mark(child.pid))
            self._old_marks.pop(child.pid, None)
            child.close()

    def _take_marks(self, now: float) -> None:
        """Ask the kernel for the peaks between two readings; three files, a tenth of a reading."""
        self._marks_due_at = now + _MARK_SECONDS
        own = self._last[self._own_probe.role]
        self._raise_peak(own.role, self._new_mark(own.pid))
        for role, child in self._children.items():
            self._raise_peak(role, self._new_mark(child.pid))

    def _new_mark(self, pid: int) -> int:
        mark = _high_water_mark(pid)
        return mark if mark > self._old_marks.get(pid, 0) else 0

    def _raise_peak(self, name: str, rss_bytes: int) -> None:
        self._peaks[name] = max(self._peaks.get(name, 0), rss_bytes)


def _high_water_mark(pid: int) -> int:
    """Highest RSS that the kernel has seen of a process; 0 where it keeps no mark."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        descriptor = os.open(f"/proc/{pid}/status", os.O_RDONLY)
    except OSError:  # it has ended
        return 0
    try:
        status = os.read(descriptor, _STATUS_BYTES)
    except OSError:  # it has ended meanwhile
        return 0
    finally:
        os.close(descriptor)
    _, _, rest = status.partition(b"VmHWM:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if rest else 0
