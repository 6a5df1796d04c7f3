"""Getting memory back on request, with a receipt of what really came back."""

import gc
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.events import ChildStarting, CleanupFinished, IndexEvent
from vext_desktop.memory.allocator import free_process_memory
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import Probe, note_trimmed, reading_from_json
from vext_desktop.readings import (
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    ProcessRole,
    ProgramBands,
    ProgramReading,
)

# Who asks for these looks at the receipt, or has time: two pictures of the owners cost 0.1 to
# 0.3 s. A trim under pressure and the care between two tries of a batch must not wait for them.
_PICTURED_TRIGGERS = frozenset({"you", "budget", "idle", "run_end"})
# One step of waiting for the engine, so that whoever drives us stays responsive.
WAIT_STEP_S = 0.2

logger = logging.getLogger("vext.index")


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
        for role, told in (
            (ProcessRole.ENGINE, self._host.read_memory()),
            (ProcessRole.READER, self._reader.read_memory()),
        ):
            if told is not None and (reading := _exact_reading(role, told)) is not None:
                exact[role] = reading
        self._monitor.learn(exact.values())
        # A child that is just starting has no exact reading yet, but it has resident memory.
        cheap = self._monitor.read()
        for reading in cheap.processes:
            exact.setdefault(reading.role, reading)
        return ProgramReading(cheap.at_s, tuple(exact.values()))

    def free_memory(self, trigger: str) -> CleanupReceipt:
        """Collect, trim and release in every process; the work in hand is not touched."""
        look = self._look(trigger)
        started = self._clock()
        self._host.free_memory()
        self._reader.free_memory()
        self._free_own_memory()
        seconds = self._clock() - started
        return self._receipt(
            CleanupAction.FREE_MEMORY, trigger, look, seconds, look.reading.held_bytes
        )

    def reload_model(self, trigger: str) -> Iterator[IndexEvent]:
        """Trade the engine for a fresh one, in short steps; ends with the receipt."""
        look = self._look(trigger)
        promised_bytes = self._promised_by_end(look.reading, self._host.fresh_rss_bytes)
        started = self._clock()
        self._host.restart()
        while not self._host.is_ready(WAIT_STEP_S):
            yield ChildStarting(ProcessRole.ENGINE, self._host.seconds_since_start, self._host.note)
        self._free_own_memory()
        seconds = self._clock() - started
        yield CleanupFinished(
            self._receipt(CleanupAction.RELOAD_MODEL, trigger, look, seconds, promised_bytes)
        )

    def unload_model(self, trigger: str, unused_s: float | None = None) -> CleanupReceipt:
        """End the engine and the reader; whoever needs one of them next starts it again.

        Args:
            trigger: Who asks, as in the receipt.
            unused_s: How long nobody had used the model, where that is why.
        """
        look = self._look(trigger)
        promised_bytes = self._promised_by_end(look.reading, fresh_bytes=0)
        reader = look.reading.of(ProcessRole.READER)
        if promised_bytes is not None and reader is not None:
            promised_bytes += reader.rss_bytes - (reader.held_bytes or 0)
        started = self._clock()
        self._host.close()
        self._reader.close()
        self._free_own_memory()
        seconds = self._clock() - started
        receipt = self._receipt(CleanupAction.UNLOAD_MODEL, trigger, look, seconds, promised_bytes)
        return replace(receipt, unused_s=unused_s)

    def _free_own_memory(self) -> None:
        free_process_memory(self._collect)
        note_trimmed(self._own_probe)

    def _look(self, trigger: str) -> "_Look":
        return _Look(
            self.measure(), self._monitor.picture() if trigger in _PICTURED_TRIGGERS else None
        )

    def _receipt(
        self,
        action: CleanupAction,
        trigger: str,
        before: "_Look",
        seconds: float,
        promised_bytes: int | None,
    ) -> CleanupReceipt:
        after = self._look(trigger)
        return CleanupReceipt(
            action,
            trigger,
            before.reading,
            after.reading,
            seconds,
            promised_bytes,
            before.bands,
            after.bands,
        )

    def _promised_by_end(self, reading: ProgramReading, fresh_bytes: int | None) -> int | None:
        """What comes back when the engine's process ends and a fresh one takes `fresh_bytes`.

        None when it is not known: no engine process, or none that has ever been ready.
        """
        engine = reading.of(ProcessRole.ENGINE)
        if engine is None or fresh_bytes is None:
            return None
        others = sum(
            process.held_bytes or 0
            for process in reading.processes
            if process.role is not ProcessRole.ENGINE
        )
        return max(0, engine.rss_bytes - fresh_bytes + others)


@dataclass(frozen=True, slots=True)
class _Look:
    """All processes at one moment, and the owners of their memory where somebody wants them."""

    reading: ProgramReading
    bands: ProgramBands | None


def _exact_reading(role: ProcessRole, told: Mapping[str, object]) -> MemoryReading | None:
    """What a child says of itself; None where a document has made it say something else."""
    try:
        return replace(reading_from_json(told), role=role)
    except (AttributeError, ValueError) as error:
        logger.warning("the %s process sent a reading that is none: %s", role, error)
        return None


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
