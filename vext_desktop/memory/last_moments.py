"""What was in hand, and what memory looked like, kept on disk in case the program breaks off.

A fault in a library ends the process without Python's doing, so nothing could be written then:
it is written all along, into one small file that the next start finds. The system keeps what was
written when a process ends, however it does; only a power cut may lose the last of it.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.events import BatchFinished, FileStarted, IndexEvent, RunStarted
from vext_desktop.readings import ProcessRole, ProgramReading, format_bytes

if TYPE_CHECKING:
    from vext_desktop.memory.monitor import MemoryMonitor

# Writing takes some 50 microseconds; at this rate that is nothing.
_WRITE_EVERY_S = 0.25
# Of each process: about its last three seconds.
_SHOWN_READINGS = 12
_MOST_CHARACTERS = 20_000
_WRITER = re.compile(r"^Written last .* by process (\d+)\.", re.MULTILINE)


class LastMoments:
    """Keeps the file up to date during a run; `close` removes it, since all went well.

    Args:
        path: The file.
        monitor: Knows the latest readings of all processes.
        clock: Monotonic seconds.
    """

    def __init__(
        self, path: Path, monitor: "MemoryMonitor", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._monitor = monitor
        self._clock = clock
        self._run_id = 0
        self._batch = 0
        self._file = ""
        self._due_s = float("-inf")

    def note(self, event: IndexEvent) -> None:
        """Take an event into account; written at once when another file comes in hand."""
        match event:
            case RunStarted(run_id=run_id):
                self._run_id = run_id
            case FileStarted(path=path):
                self._file = path
            case BatchFinished(number=number):
                self._batch = number
        if self._clock() >= self._due_s or isinstance(event, FileStarted):
            self._due_s = self._clock() + _WRITE_EVERY_S
            self._write()

    def close(self) -> None:
        """Remove the file: the run has come to an end."""
        with contextlib.suppress(OSError):  # nor must a file that is held open elsewhere
            self._path.unlink()

    def _write(self) -> None:
        lines = [
            f"Written last at {time.strftime('%Y-%m-%d %H:%M:%S')} by process {os.getpid()}.",
            f"Run {self._run_id}, after batch {self._batch}.",
            f"File in hand: {self._file!a}" if self._file else "No file was in hand.",
        ]
        for role in ProcessRole:
            readings = describe_readings(self._monitor.recent(role))
            if readings:
                lines += [f"Memory of the {role} process:", *(f"  {line}" for line in readings)]
        with contextlib.suppress(OSError):  # a full disk must not end the run that it describes
            self._path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def watched(
    run: Generator[IndexEvent, None, None], moments: LastMoments
) -> Generator[IndexEvent, None, None]:
    """The events of a run, each noted before it goes on."""
    try:
        for event in run:
            moments.note(event)
            yield event
    finally:
        run.close()
        moments.close()


def take_last_moments(path: Path) -> str:
    """What a run that broke off has left, once; empty if every run came to an end.

    What a run leaves that goes on, in another program on the same data folder, stays there.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        if _is_running(text, path.stat().st_mtime):
            return ""
        path.unlink()
    except OSError:
        return ""
    return text[:_MOST_CHARACTERS].strip()


def _is_running(text: str, written_at: float) -> bool:
    """Whether the process that wrote these moments at that time (since the epoch) still runs."""
    found = _WRITER.search(text)
    if found is None:
        return False
    import psutil  # noqa: PLC0415 - only where a run broke off or goes on

    try:
        return psutil.Process(int(found[1])).create_time() <= written_at
    except psutil.Error:
        return False


def describe_readings(readings: Sequence[ProgramReading]) -> list[str]:
    """The last readings of a process, a line for each, with its time before the last."""
    lines = []
    for reading in readings[-_SHOWN_READINGS:]:
        parts = [
            f"{label} {format_bytes(count)}"
            for label, count in (
                ("RSS", reading.rss_bytes),
                ("heap", reading.heap_bytes),
                ("native", reading.native_bytes),
            )
            if count is not None
        ]
        before_s = readings[-1].at_s - reading.at_s
        lines.append(f"{before_s:4.1f} s before its last reading: {', '.join(parts)}")
    return lines
