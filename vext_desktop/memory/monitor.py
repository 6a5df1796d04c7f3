"""The memory of all our processes at one moment, and the peaks since a run began."""

import dataclasses
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from vext_desktop.memory.probe import Probe, reading_from_json
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

# A child reports every 0.25 s; one that is silent for longer is looked at from outside.
_FRESH_SECONDS = 0.5
# What a child said of its inside (heap, native) is not repeated for longer than this.
_TRUSTED_SECONDS = 5.0
_RECEIVE_BYTES = 1 << 16
_MAX_LINE_BYTES = 1 << 14
_MAX_PIECES = 16

logger = logging.getLogger("vext.memory")


class MemoryMonitor:
    """Combines our own readings with what the children report; usable from any thread.

    Args:
        own_probe: Reads the process that we live in.
        clock: Monotonic seconds, the same in all processes.
    """

    def __init__(self, own_probe: Probe, clock: Callable[[], float] = time.monotonic) -> None:
        self._own_probe = own_probe
        self._clock = clock
        self._lock = threading.Lock()
        self._children: dict[ProcessRole, _Child] = {}
        self._last: dict[ProcessRole, MemoryReading] = {}
        self._peaks: dict[str, int] = {}
        # High-water marks of the kernel at the last reset, by process number: a mark that has
        # not moved since then says nothing about the time since then.
        self._old_marks: dict[int, int] = {}

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
            self._children[role] = _Child(role, pid, monitor_socket)

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

    def read(self) -> ProgramReading:
        """What all our processes hold now; a child that is gone is left out. Under 2 ms."""
        with self._lock:
            now = self._clock()
            readings = [self._own_probe.read()]
            for child in self._children.values():
                reading = child.read(now)
                if reading is not None:
                    readings.append(reading)
            program = ProgramReading(now, tuple(readings))
            for reading in readings:
                self._last[reading.role] = reading
                self._raise_peak(reading.role, reading.rss_bytes)
                self._raise_peak(reading.role, self._new_mark(reading.pid))
            self._raise_peak("total", program.rss_bytes)
            return program

    def peaks(self) -> dict[str, int]:
        """Highest RSS in bytes of "window", "engine", "reader" and "total" since the reset.

        Those of single processes know of moments between two readings too where the kernel
        keeps a mark (Linux). The total is the highest sum that was read; 0 is "never ran".
        """
        self.read()
        with self._lock:
            singles = {role.value: self._peaks.get(role, 0) for role in ProcessRole}
            return {**singles, "total": max(self._peaks.get("total", 0), *singles.values())}

    def reset_peaks(self) -> None:
        """Begin anew: a run has begun."""
        with self._lock:
            pids = [self._own_probe.read().pid, *(child.pid for child in self._children.values())]
            self._old_marks = {pid: _high_water_mark(pid) for pid in pids}
            self._peaks.clear()
        self.read()

    def last(self, role: ProcessRole) -> MemoryReading | None:
        """The last reading of a process, also when it is gone; None if there never was one."""
        with self._lock:
            return self._last.get(role)

    def _forget(self, role: ProcessRole) -> None:
        child = self._children.pop(role, None)
        if child is not None:
            self._raise_peak(role, self._new_mark(child.pid))
            self._old_marks.pop(child.pid, None)
            child.close()

    def _new_mark(self, pid: int) -> int:
        mark = _high_water_mark(pid)
        return mark if mark > self._old_marks.get(pid, 0) else 0

    def _raise_peak(self, name: str, rss_bytes: int) -> None:
        self._peaks[name] = max(self._peaks.get(name, 0), rss_bytes)


class _Child:
    """What is known of one child; belongs to the monitor's lock."""

    def __init__(self, role: ProcessRole, pid: int, monitor_socket: socket.socket | None) -> None:
        self.role = role
        self.pid = pid
        self._socket: socket.socket | None = None
        self._line = b""
        self._word: MemoryReading | None = None
        self._word_at = float("-inf")
        self._process: psutil.Process | None = None
        try:
            self._process = psutil.Process(pid)
            if monitor_socket is not None:
                # Our own descriptor: the caller closes his while another thread may be in `read`.
                self._socket = monitor_socket.dup()
                self._socket.setblocking(False)
        except (psutil.Error, OSError):
            logger.info("the %s process was gone before it could be watched", role)

    def take(self, values: Mapping[str, object], now: float) -> None:
        """Keep a reading unless a newer one is known; what is no reading is left out."""
        try:
            word = reading_from_json(values)
        except ValueError as error:
            logger.warning("the %s process sent a reading that is none: %s", self.role, error)
            return
        said_at = values.get("at_s")
        at = said_at if isinstance(said_at, int | float) and 0 <= said_at <= now else now
        if at >= self._word_at:
            self._word, self._word_at = dataclasses.replace(word, role=self.role, pid=self.pid), at

    def read(self, now: float) -> MemoryReading | None:
        """Its latest word, or a look from outside when that is old; None when it is gone."""
        has_ended = self._drain(now)
        if self._word is not None and now - self._word_at <= _FRESH_SECONDS and not has_ended:
            return self._word
        rss_bytes = self._rss_from_outside()
        if not rss_bytes:  # a process that has ended but was not waited for holds nothing
            return None
        if self._word is None or now - self._word_at > _TRUSTED_SECONDS:
            return MemoryReading(self.role, self.pid, rss_bytes)
        return dataclasses.replace(self._word, rss_bytes=rss_bytes)

    def close(self) -> None:
        """Close our end of its socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _drain(self, now: float) -> bool:
        """Take the last whole line that has arrived; True when there will be no more."""
        arrived = b""
        has_ended = self._socket is None
        for _ in range(_MAX_PIECES):
            if self._socket is None:
                break
            try:
                piece = self._socket.recv(_RECEIVE_BYTES)
            except BlockingIOError:
                break
            except OSError:  # reset by a child that was killed
                piece = b""
            if not piece:
                self.close()
                has_ended = True
                break
            # Only the end matters; a child that floods us can fill neither memory nor time.
            arrived = (arrived + piece)[-_RECEIVE_BYTES:]
        lines, _, rest = (self._line + arrived).rpartition(b"\n")
        self._line = rest[-_MAX_LINE_BYTES:]
        if lines:
            self._take_line(lines.rpartition(b"\n")[2], now)
        return has_ended

    def _take_line(self, line: bytes, now: float) -> None:
        try:
            values = json.loads(line)
        except ValueError:
            values = None
        if isinstance(values, dict):
            self.take(values, now)
        else:
            logger.warning("the %s process sent a line that is no reading", self.role)

    def _rss_from_outside(self) -> int:
        try:
            if self._process is None or not self._process.is_running():
                return 0
            return int(self._process.memory_info().rss)
        except psutil.Error:  # it ended between the two questions, or is being reaped
            return 0


def _high_water_mark(pid: int) -> int:
    """Highest RSS that the kernel has seen of a process; 0 where it keeps no mark."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        status = Path(f"/proc/{pid}/status").read_bytes()
    except OSError:  # it has ended
        return 0
    _, _, rest = status.partition(b"VmHWM:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if rest else 0
