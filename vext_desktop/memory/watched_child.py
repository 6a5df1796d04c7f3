"""What one child process says of its memory, and what can be seen of it from outside."""

import dataclasses
import json
import logging
import socket
from collections import deque
from collections.abc import Mapping

import psutil

from vext_desktop.memory.probe import reading_from_json
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

# What is remembered of each process for the case that it dies: at 4 Hz and a look for each batch.
RECENT_READINGS = 60

# A child reports every 0.25 s; one that is silent for longer is looked at from outside.
_FRESH_SECONDS = 0.5
# What a child said of its inside (heap, native) is not repeated for longer than this.
_TRUSTED_SECONDS = 5.0
# What an allocator held is measured every 5 s or more seldom; older than this it is history.
_HELD_SECONDS = 10.0
_RECEIVE_BYTES = 1 << 16
_MAX_LINE_BYTES = 1 << 14
_MAX_PIECES = 16

logger = logging.getLogger("vext.memory")


class HeldMemory:
    """What a process's allocator held when that was last measured."""

    def __init__(self) -> None:
        self._bytes: int | None = None
        self._at = float("-inf")

    def keep(self, held_bytes: int | None, at: float) -> None:
        """Take a figure, unless there is none or a newer one is known."""
        if held_bytes is not None and at >= self._at:
            self._bytes, self._at = held_bytes, at

    def add_to(self, reading: MemoryReading, now: float) -> MemoryReading:
        """The reading with the newest figure, which its own may not be; None if that is too old."""
        held_bytes = self._bytes if now - self._at <= _HELD_SECONDS else None
        if reading.held_bytes == held_bytes:
            return reading
        return dataclasses.replace(reading, held_bytes=held_bytes)


class WatchedChild:
    """What is known of one child; belongs to the monitor's lock.

    Args:
        role: Its part.
        pid: Its process number.
        monitor_socket: Where it sends its readings; stays the caller's.
    """

    def __init__(
        self,
        role: ProcessRole,
        pid: int,
        monitor_socket: socket.socket | None,
        recent: deque[ProgramReading],
    ) -> None:
        self.role = role
        self.pid = pid
        self._recent = recent
        self._socket: socket.socket | None = None
        self._line = b""
        self._word: MemoryReading | None = None
        self._word_at = float("-inf")
        self._held = HeldMemory()
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
        self._held.keep(word.held_bytes, at)
        if at >= self._word_at:
            self._word, self._word_at = dataclasses.replace(word, role=self.role, pid=self.pid), at
            self._recent.append(ProgramReading(at, (self._word,)))

    def learn(self, reading: MemoryReading, now: float) -> None:
        """Keep what an exact reading, made for a decision, says is held."""
        self._held.keep(reading.held_bytes, now)

    def read(self, now: float) -> MemoryReading | None:
        """Its latest word, or a look from outside when that is old; None when it is gone."""
        reading = self._read(now)
        return None if reading is None else self._held.add_to(reading, now)

    def _read(self, now: float) -> MemoryReading | None:
        has_ended = self._drain(now)
        if self._word is not None and now - self._word_at <= _FRESH_SECONDS and not has_ended:
            return self._word
        rss_bytes = self._rss_from_outside()
        if not rss_bytes:  # a process that has ended but was not waited for holds nothing
            return None
        if self._word is None or now - self._word_at > _TRUSTED_SECONDS:
            looked = MemoryReading(self.role, self.pid, rss_bytes)
        else:
            looked = dataclasses.replace(self._word, rss_bytes=rss_bytes)
        self._recent.append(ProgramReading(now, (looked,)))
        return looked

    def take_last_words(self, now: float) -> None:
        """Take what it said and nobody has heard yet: it has ended, or is about to."""
        self._drain(now)

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
            for line in lines.split(b"\n")[-RECENT_READINGS:]:
                self._take_line(line, now)
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
