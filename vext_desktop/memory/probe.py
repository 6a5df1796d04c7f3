"""Reading one process's own memory: what every system's probe promises, and its JSON form."""

import sys
import time
from collections.abc import Mapping
from typing import Protocol

from vext_desktop.readings import MemoryReading, ProcessRole

_SIZES = ("rss_bytes", "heap_bytes", "native_bytes", "held_bytes")


class Probe(Protocol):
    """Reads the memory of the process that it lives in; usable from any thread."""

    role: ProcessRole

    def read(self) -> MemoryReading:
        """What this process holds now, cheaply (under 1 ms); `held_bytes` is None."""

    def read_exactly(self) -> MemoryReading:
        """The same with `held_bytes`, for a decision; a few milliseconds, so not in a timer."""


def create_probe(role: ProcessRole) -> Probe:
    """The probe of the system that we run on, for the process that calls this."""
    if sys.platform.startswith("linux"):
        from vext_desktop.memory.linux import LinuxProbe  # noqa: PLC0415 - one system's code only

        return LinuxProbe(role)
    if sys.platform == "win32":
        from vext_desktop.memory.windows import WindowsProbe  # noqa: PLC0415 - as above

        return WindowsProbe(role)
    # Also the BSDs: there psutil answers with the same words as on macOS.
    from vext_desktop.memory.macos import MacosProbe  # noqa: PLC0415 - as above

    return MacosProbe(role)


def reading_to_json(reading: MemoryReading) -> dict[str, object]:
    """Plain JSON values of a reading taken just now; `at_s` is the monotonic clock.

    That clock counts from the same moment in all processes of one machine, so the parent can
    tell how old a line is that waited in the socket.
    """
    sizes = {name: getattr(reading, name) for name in _SIZES}
    return {
        "role": reading.role.value,
        "pid": reading.pid,
        "at_s": time.monotonic(),
        **sizes,
    }


def reading_from_json(values: Mapping[str, object]) -> MemoryReading:
    """Undo `reading_to_json`.

    Raises:
        ValueError: These are not the values of a reading. A child may be in a hostile
            document's hands, so nothing it says is taken on trust.
    """
    sizes = {name: _size(values, name) for name in _SIZES}
    rss_bytes = sizes.pop("rss_bytes")
    pid = _size(values, "pid")
    if rss_bytes is None or pid is None:
        raise ValueError("a memory reading lacks its process number or its size")
    return MemoryReading(ProcessRole(str(values.get("role"))), pid, rss_bytes, **sizes)


def _size(values: Mapping[str, object], name: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise ValueError(f"{name} of a memory reading is not a size")
    return value
