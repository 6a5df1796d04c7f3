"""A recording with memray, where it is installed: native allocations beside those of Python."""

import importlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vext_desktop.errors import UsageError
from vext_desktop.memory.allocation_trace import TracedLine, describe_place


class NativeTrace:
    """Records from its making until `stop`, into a temporary file of its own.

    Args:
        frames: How many frames of each allocation are shown.

    Raises:
        UsageError: memray is not installed here, or cannot record in this process.
    """

    def __init__(self, frames: int) -> None:
        try:
            memray: Any = importlib.import_module("memray")  # optional, and heavy
        except ImportError:
            raise UsageError(
                "Native allocations cannot be recorded: memray is not installed here.",
                "Install memray (Linux and macOS), or record what Python allocates.",
            ) from None
        self._frames = frames
        self._folder = tempfile.TemporaryDirectory(prefix="vext-trace-")
        self._file = Path(self._folder.name) / "allocations.bin"
        self._memray = memray
        self._tracker = memray.Tracker(self._file, native_traces=True)
        try:
            self._tracker.__enter__()
        except BaseException:
            self._folder.cleanup()
            raise

    def stop(self) -> Iterable[TracedLine]:
        """End the recording; what is still held, by place, in no order."""
        with self._folder:
            self._tracker.__exit__(None, None, None)
            with self._memray.FileReader(self._file) as reader:
                return _by_place(
                    reader.get_leaked_allocation_records(merge_threads=True), self._frames
                )


def _by_place(records: Iterable[Any], frames: int) -> list[TracedLine]:
    """Allocations that share their frames, together."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for record in records:
        stack = record.hybrid_stack_trace(max_stacks=frames + 1)
        places = tuple(_describe(*frame) for frame in stack[: frames + 1])
        found = sums.setdefault(places or ("unknown",), [0, 0])
        found[0] += record.size
        found[1] += record.n_allocations
    return [
        TracedLine(places[0], size, blocks, places[1:]) for places, (size, blocks) in sums.items()
    ]


def _describe(function: str, file: str, line: int) -> str:
    if not line:  # native code without debug information: file is its library, if that is known
        return f"{function} ({Path(file).name})" if file else function
    return f"{function} at {describe_place(file, line)}"
