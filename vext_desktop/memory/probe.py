"""Reading one process's own memory: what every system's probe promises, and its JSON form."""

import dataclasses
import sys
import time
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole

_SIZES = ("rss_bytes", "heap_bytes", "native_bytes", "held_bytes")
_COUNTERS = tuple(field.name for field in dataclasses.fields(AllocatorCounters))


class Probe(Protocol):
    """Reads the memory of the process that it lives in; usable from any thread."""

    role: ProcessRole

    def read(self) -> MemoryReading:
        """What this process holds now, cheaply (under 1 ms); `held_bytes` is None."""

    def read_exactly(self) -> MemoryReading:
        """The same with `held_bytes`, for a decision; a few milliseconds, so not in a timer."""


@runtime_checkable
class LearningProbe(Protocol):
    """A probe that knows better what a trim would give back once it is told of one."""

    def note_trimmed(self) -> None:
        """Native memory has just been trimmed, in the process that this probe reads."""


def note_trimmed(probe: Probe) -> None:
    """Tell a probe of a trim, if it is of a kind that learns from it."""
    if isinstance(probe, LearningProbe):
        probe.note_trimmed()


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
    counters = reading.counters
    return {
        "role": reading.role.value,
        "pid": reading.pid,
        "at_s": time.monotonic(),
        **{name: getattr(reading, name) for name in _SIZES},
        "counters": counters and {name: getattr(counters, name) for name in _COUNTERS},
    }


def reading_from_json(values: Mapping[str, object]) -> MemoryReading:
    """Undo `reading_to_json`.

    Raises:
        ValueError: These are not the values of a reading. A child may be in a hostile
            document's hands, so nothing it says is taken on trust.
    """
    rss_bytes = _size(values, "rss_bytes")
    pid = _size(values, "pid")
    if rss_bytes is None or pid is None:
        raise ValueError("a memory reading lacks its process number or its size")
    return MemoryReading(
        ProcessRole(str(values.get("role"))),
        pid,
        rss_bytes,
        heap_bytes=_size(values, "heap_bytes"),
        native_bytes=_size(values, "native_bytes"),
        held_bytes=_size(values, "held_bytes"),
        counters=_counters(values.get("counters")),
    )


def _counters(values: object) -> AllocatorCounters | None:
    if values is None:
        return None
    if not isinstance(values, Mapping):
        raise ValueError("the counters of a memory reading are none")  # noqa: TRY004 - as promised
    blocks_bytes = _size(values, "blocks_bytes")
    mapped_bytes = _size(values, "mapped_bytes")
    arenas_bytes = _size(values, "arenas_bytes")
    arrow_bytes = _size(values, "arrow_bytes")
    if blocks_bytes is None or mapped_bytes is None or arenas_bytes is None or arrow_bytes is None:
        raise ValueError("the counters of a memory reading lack a size")
    python_arenas_bytes = _size(values, "python_arenas_bytes")
    return AllocatorCounters(
        blocks_bytes, mapped_bytes, arenas_bytes, arrow_bytes, python_arenas_bytes
    )


def _size(values: Mapping[str, object], name: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise ValueError(f"{name} of a memory reading is not a size")
    return value
