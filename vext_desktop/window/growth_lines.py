"""Where the two warnings about growth stand at the moment. No Qt."""

import statistics

from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading

# The rule of `memory.warnings.WarningWatch`, which gives the warnings; a test holds both together.
WARM_UP_BATCHES = 50
SETTLING_BATCHES = 11


class GrowthLines:
    """Follows the batches of a run and knows at which height the next warning would come.

    The native line belongs to the process that holds the model: the engine, or the window where
    the model runs in it. It is known once that process has settled; a new process settles anew.
    """

    def __init__(self) -> None:
        self.heap_growth_bytes: int | None = None
        self.native_growth_bytes: int | None = None
        self._heap_bytes: int | None = None
        self._pid = 0
        self._batches = 0
        self._settling: list[int] = []
        self._settled_bytes: int | None = None

    @property
    def heap_line_bytes(self) -> int | None:
        """The heap of the last batch and what one batch may add to it."""
        if self._heap_bytes is None or self.heap_growth_bytes is None:
            return None
        return self._heap_bytes + self.heap_growth_bytes

    @property
    def native_line_bytes(self) -> int | None:
        """The settled level of the model's process and how far it may rise above it."""
        if self._settled_bytes is None or self.native_growth_bytes is None:
            return None
        return self._settled_bytes + self.native_growth_bytes

    def begin_run(self) -> None:
        """Forget the levels: each run is judged by its own."""
        self._heap_bytes = None
        self._start_anew(0)

    def note_batch(self, reading: ProgramReading) -> None:
        """Take in what was held after a batch."""
        self._heap_bytes = reading.heap_bytes
        process = reading.of(ProcessRole.ENGINE) or reading.of(ProcessRole.WINDOW)
        if process is None or process.native_bytes is None:
            return
        if process.pid != self._pid:
            self._start_anew(process.pid)
        self._settle(process)

    def _start_anew(self, pid: int) -> None:
        self._pid = pid
        self._batches = 0
        self._settling = []
        self._settled_bytes = None

    def _settle(self, process: MemoryReading) -> None:
        self._batches += 1
        if self._settled_bytes is None and self._batches > WARM_UP_BATCHES:
            self._settling.append(process.native_bytes or 0)
            if len(self._settling) == SETTLING_BATCHES:
                self._settled_bytes = round(statistics.median(self._settling))
