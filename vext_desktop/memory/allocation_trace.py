"""A recording of where a process allocates memory, on demand: what is still held, by line.

tracemalloc sees what Python and numpy allocate, and makes Python work 6 to 7 times slower while
it records one frame. memray, where it is installed, sees native libraries too.
"""

import gc
import importlib.util
import time
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from vext_desktop.errors import UsageError

MOST_FRAMES = 25
MOST_LINES = 40
# From here on a path says which code it is; what stands before is the user's own business.
_ROOTS = ("site-packages", "dist-packages", "vext_desktop")


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A line of code and what is still held of the memory that it allocated while recorded.

    Attributes:
        where: "torch/nn/modules/linear.py:116"; for native code its function and library.
        size_bytes: Allocated since the recording began and not freed at its end.
        blocks: In so many pieces.
        callers: Who called it, nearest first, where more than one frame was recorded.
    """

    where: str
    size_bytes: int
    blocks: int
    callers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocationTrace:
    """What a recording found.

    Attributes:
        tool: "tracemalloc" or "memray".
        seconds: How long it recorded.
        size_bytes: All that is still held of what was allocated meanwhile.
        blocks: In so many pieces.
        lines: The lines that hold most, largest first, at most 40.
    """

    tool: str
    seconds: float
    size_bytes: int
    blocks: int
    lines: tuple[TracedLine, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; paths in it are of code, never of documents."""
        return asdict(self)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "AllocationTrace":
        """Undo `to_json`."""
        lines = tuple(
            TracedLine(
                str(line["where"]),
                int(line["size_bytes"]),
                int(line["blocks"]),
                tuple(map(str, line["callers"])),
            )
            for line in values["lines"]
        )
        return AllocationTrace(
            str(values["tool"]),
            float(values["seconds"]),
            int(values["size_bytes"]),
            int(values["blocks"]),
            lines,
        )


class TraceRecorder:
    """Records the allocations of the process that it lives in; one recording at a time.

    Args:
        collect: Runs the garbage collector, so that garbage in cycles is not taken for held.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        collect: Callable[[], object] = gc.collect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collect = collect
        self._clock = clock
        self._started_at: float | None = None
        self._native: Any = None

    def start(self, frames: int = 1, *, native: bool = False) -> None:
        """Begin to record.

        Args:
            frames: How many frames of each allocation are kept, 1 to 25.
            native: With memray, which must be installed; `frames` says then how many are shown.

        Raises:
            UsageError: A recording is on already, or memray is not there.
        """
        if self._started_at is not None or tracemalloc.is_tracing():
            raise UsageError("Allocations are being recorded already.", "Stop that first.")
        frames = min(max(frames, 1), MOST_FRAMES)
        if native:
            from vext_desktop.memory.native_trace import NativeTrace  # noqa: PLC0415 - on demand

            self._native = NativeTrace(frames)
        else:
            tracemalloc.start(frames)
        self._started_at = self._clock()

    def stop(self) -> AllocationTrace:
        """End the recording and sum it up; a tenth of a second to some seconds.

        Raises:
            UsageError: None is on: the process may have been replaced meanwhile.
        """
        if self._started_at is None:
            raise UsageError(
                "There is no recording to end: the process has been replaced since it began.",
                "Record again.",
            )
        seconds = self._clock() - self._started_at
        self._started_at = None
        native, self._native = self._native, None
        self._collect()
        if native is not None:
            return summarise("memray", seconds, native.stop())
        try:
            snapshot = tracemalloc.take_snapshot()
        finally:
            tracemalloc.stop()
        return summarise("tracemalloc", seconds, _traced_lines(snapshot))


def has_memray() -> bool:
    """Whether native allocations can be recorded too."""
    return importlib.util.find_spec("memray") is not None


def summarise(tool: str, seconds: float, lines: Iterable[TracedLine]) -> AllocationTrace:
    """The whole sum, and the lines that hold most."""
    by_size = sorted(lines, key=lambda line: line.size_bytes, reverse=True)
    return AllocationTrace(
        tool,
        round(seconds, 3),
        sum(line.size_bytes for line in by_size),
        sum(line.blocks for line in by_size),
        tuple(by_size[:MOST_LINES]),
    )


def describe_place(file: str, line: int) -> str:
    """A line of code for people: the path from its package on, without what lies above it."""
    parts = PurePath(file.replace("\\", "/")).parts
    for place in range(len(parts) - 1, -1, -1):
        if parts[place] in _ROOTS:
            kept = parts[place:] if parts[place] == "vext_desktop" else parts[place + 1 :]
            return f"{'/'.join(kept)}:{line}"
        if parts[place].startswith("python3."):
            return f"{'/'.join(parts[place + 1 :])}:{line}"
    return f"{parts[-1] if parts else file}:{line}"


def _traced_lines(snapshot: tracemalloc.Snapshot) -> Iterable[TracedLine]:
    ours = tracemalloc.Filter(inclusive=False, filename_pattern=__file__)
    tools = tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__)
    for found in snapshot.filter_traces((ours, tools)).statistics("traceback"):
        # Oldest call first; the last is where the memory was allocated.
        places = [describe_place(frame.filename, frame.lineno) for frame in found.traceback]
        yield TracedLine(places[-1], found.size, found.count, tuple(reversed(places[:-1])))
