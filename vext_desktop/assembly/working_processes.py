"""The engine and the reader as the settings want them, and anew when those change."""

import threading
from collections.abc import Callable

from vext_desktop.assembly import wiring
from vext_desktop.assembly.index_makers import IndexMaker
from vext_desktop.assembly.model_seat import ModelSeat
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.tracing import AllocationTracer
from vext_desktop.memory.allocation_trace import TraceRecorder
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.probe import Probe
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


class WorkingProcesses:
    """Makes the hosts of both processes; each is started when somebody needs it.

    Args:
        settings: What the user chose.
        paths: Where the data lies.
        probe: Reads this process.
        monitor: Knows all processes.
        cancelled: When set, every wait for one of them ends at once.
        collect: Runs the garbage collector of this process.
    """

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        probe: Probe,
        monitor: MemoryMonitor,
        cancelled: threading.Event,
        collect: Callable[[], object],
    ) -> None:
        self.witness = DeathWitness(monitor)
        self._paths = paths
        self._probe = probe
        self._monitor = monitor
        self._cancelled = cancelled
        self._collect = collect
        self._tracer: AllocationTracer | None = None
        self._create(settings)

    def renew(self, settings: Settings) -> None:
        """End both; whoever needs one starts it as these settings want it."""
        self.close()
        self._tracer = None  # it knew the ones of before
        self._create(settings)

    def tracer(self, maker: IndexMaker) -> AllocationTracer:
        """Records allocations in any process; one for each set of processes."""
        if self._tracer is None:
            recorder = TraceRecorder(self._collect)
            self._tracer = AllocationTracer(recorder, self.seat.take(maker), self.reader)
        return self._tracer

    def close(self) -> None:
        """End both."""
        self.seat.close()
        self.reader.close()

    def _create(self, settings: Settings) -> None:
        self.reader = wiring.create_reader(settings, self._paths, self._monitor, self._cancelled)
        self.seat = ModelSeat(
            self._paths,
            self._probe,
            self._monitor,
            self.reader,
            self.witness,
            self._cancelled,
            self._collect,
        )
