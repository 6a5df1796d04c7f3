"""Whether a file may be taken: what reading it will take, beside what there is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vext_desktop.documents.admission import estimate_memory
from vext_desktop.documents.section import ReadFailure
from vext_desktop.memory.budget import Budget
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import ProcessRole, format_bytes

# Most files are so small that nothing need be measured for them.
_NEGLIGIBLE_BYTES = 50_000_000
# What the reader process holds before it reads anything, where it has not been started yet
# (measured: 38 to 45 MB with a tokenizer).
_IDLE_READER_BYTES = 45_000_000
# Who wants a file read anyway does not want it ended because the estimate was a little low.
_SPACIOUS = 2
_CHOICE = 'Choose "Read anyway", raise the limit in the settings, or leave it out.'


class NotAdmitted(ReadFailure):
    """A file was not even tried: reading it would take more memory than there is."""


class Admission:
    """Compares what reading a file will take with the budget and with the reader's limit.

    Args:
        monitor: Knows what our processes hold.
        budget: Measures the budget now, given what we use.
        reader_memory_bytes: The limit of the reader process.
    """

    def __init__(
        self, monitor: MemoryMonitor, budget: Callable[[int], Budget], reader_memory_bytes: int
    ) -> None:
        self._monitor = monitor
        self._budget = budget
        self._reader_memory_bytes = reader_memory_bytes
        self._extra_bytes = 0

    def budget_now(self, used_bytes: int) -> Budget:
        """The budget, with what a file may take that the user wants read anyway."""
        budget = self._budget(used_bytes)
        extra = self._extra_bytes
        return replace(
            budget, limit_bytes=budget.limit_bytes + extra, soft_bytes=budget.soft_bytes + extra
        )

    def admit(self, path: Path, size_bytes: int) -> int:
        """Let a file pass whatever it takes, and the budget be wider as long as it is in hand.

        Returns:
            What the reader may hold for it, in bytes.
        """
        self._extra_bytes = estimate_memory(path, size_bytes) * _SPACIOUS
        return _IDLE_READER_BYTES + self._extra_bytes

    def check(self, path: Path, size_bytes: int) -> None:
        """Let a file pass, or say why not.

        Raises:
            NotAdmitted: It would not fit; the reason has the figures and the choice.
        """
        self._extra_bytes = 0
        needed_bytes = estimate_memory(path, size_bytes)
        if needed_bytes <= _NEGLIGIBLE_BYTES:
            return
        reading = self._monitor.read()
        reader = reading.of(ProcessRole.READER)
        idle_bytes = _IDLE_READER_BYTES if reader is None else 0
        budget = self._budget(reading.rss_bytes)
        left_bytes = max(0, budget.limit_bytes - reading.rss_bytes - idle_bytes)
        if needed_bytes > left_bytes:
            raise _refusal(needed_bytes, f"{format_bytes(left_bytes)} are left of {budget.owner}")
        if needed_bytes > self._reader_memory_bytes - _IDLE_READER_BYTES:
            limit = format_bytes(self._reader_memory_bytes)
            raise _refusal(needed_bytes, f"the reader may hold {limit}")


def _refusal(needed_bytes: int, what_there_is: str) -> NotAdmitted:
    return NotAdmitted(
        Outcome.MEMORY_LIMIT,
        f"Reading it would take about {format_bytes(needed_bytes)} of memory, and "
        f"{what_there_is}. {_CHOICE}",
    )
