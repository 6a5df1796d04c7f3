"""Getting memory back on request, with a receipt of what really came back."""

import gc
import time
from collections.abc import Callable, Iterator

from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.events import ChildStarting, CleanupFinished, IndexEvent
from vext_desktop.memory.allocator import free_process_memory
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import Probe, reading_from_json
from vext_desktop.readings import (
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    ProcessRole,
    ProgramReading,
)

# One step of waiting for the engine, so that whoever drives us stays responsive.
WAIT_STEP_S = 0.2


class Reclaimer:
    """Frees memory in all our processes, or trades the engine for a fresh one.

    Args:
        own_probe: Reads this process.
        monitor: Knows all processes.
        host: The engine.
        reader: The reader.
        collect: Runs the garbage collector of this process.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        own_probe: Probe,
        monitor: MemoryMonitor,
        host: EmbedderHost,
        reader: ReaderHost,
        collect: Callable[[], object] = gc.collect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own_probe = own_probe
        self._monitor = monitor
        self._host = host
        self._reader = reader
        self._collect = collect
        self._clock = clock

    def measure(self) -> ProgramReading:
        """Read all processes exactly, with what their allocators hold; tens of milliseconds."""
        exact = {ProcessRole.WINDOW: self._own_probe.read_exactly()}
        for told in (self._host.read_memory(), self._reader.read_memory()):
            if told is not None:
                reading = reading_from_json(told)
                exact[reading.role] = reading
        # A child that is just starting has no exact reading yet, but it has resident memory.
        cheap = self._monitor.read()
        for reading in cheap.processes:
            exact.setdefault(reading.role, reading)
        return ProgramReading(cheap.at_s, tuple(exact.values()))

    def free_memory(self, trigger: str) -> CleanupReceipt:
        """Collect, trim and release in every process; the work in hand is not touched."""
        before = self.measure()
        started = self._clock()
        self._host.free_memory()
        self._reader.free_memory()
        free_process_memory(self._collect)
        seconds = self._clock() - started
        return CleanupReceipt(
            CleanupAction.FREE_MEMORY,
            trigger,
            before,
            self.measure(),
            seconds,
            promised_bytes=before.held_bytes,
        )

    def reload_model(self, trigger: str) -> Iterator[IndexEvent]:
        """Trade the engine for a fresh one, in short steps; ends with the receipt."""
        before = self.measure()
        started = self._clock()
        self._host.restart()
        while not self._host.is_ready(WAIT_STEP_S):
            yield ChildStarting(ProcessRole.ENGINE, self._host.seconds_since_start)
        free_process_memory(self._collect)
        seconds = self._clock() - started
        yield CleanupFinished(
            CleanupReceipt(CleanupAction.RELOAD_MODEL, trigger, before, self.measure(), seconds)
        )


def name_owner(reading: ProgramReading) -> str:
    """Say which process holds most of the memory, and in which part."""
    if not reading.processes:
        return "No process of ours could be read."
    largest = max(reading.processes, key=lambda process: process.rss_bytes)
    return (
        f"The {largest.role} process holds {largest.rss_bytes / 1e6:.0f} MB"
        f"{_describe_parts(largest)}."
    )


def _describe_parts(reading: MemoryReading) -> str:
    parts = [
        f"{label} {count / 1e6:.0f} MB"
        for label, count in (
            ("native buffers", reading.native_bytes),
            ("Python objects", reading.heap_bytes),
            ("held by the allocator", reading.held_bytes),
        )
        if count
    ]
    return f" ({', '.join(parts)})" if parts else ""
