"""What is told of a child process that ended: how, with which figures, over which files."""

import logging
from collections.abc import Callable

from vext_desktop.errors import ChildDiedError, ChildError, ChildHungError, describe_exit
from vext_desktop.events import ChildDied
from vext_desktop.memory.budget import Available, read_available
from vext_desktop.memory.kernel_kills import KernelKills
from vext_desktop.memory.last_moments import describe_readings
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.readings import ProcessRole, format_bytes

# SIGKILL as an exit code; Windows, which has no such signal, has no such name either.
_KILLED = -9

logger = logging.getLogger("vext.index")


class DeathWitness:
    """Turns the end of a child into an event, and into the log.

    Args:
        monitor: Knows the last readings of every process.
        kills: Knows whether the kernel has ended a process for want of memory.
        available: Tells what memory is left.
    """

    def __init__(
        self,
        monitor: MemoryMonitor,
        kills: KernelKills | None = None,
        available: Callable[[], Available] = read_available,
    ) -> None:
        self._monitor = monitor
        self._kills = kills or KernelKills()
        self._available = available

    def testify(
        self, role: ProcessRole, error: ChildError, batch: int, files: tuple[str, ...]
    ) -> ChildDied:
        """Say all that is known of a death.

        Args:
            role: Which child ended.
            error: How that was noticed.
            batch: The batch in hand; 0 before the first.
            files: The files in hand.
        """
        recent = self._monitor.recent(role)
        last_rss_bytes = recent[-1].rss_bytes if recent else None
        event = ChildDied(
            role,
            self._cause(error, last_rss_bytes),
            last_rss_bytes,
            batch,
            files,
            getattr(error, "log_tail", ""),
            recent,
        )
        logger.warning("%s", describe_death(event))
        return event

    def _cause(self, error: ChildError, last_rss_bytes: int | None) -> str:
        if isinstance(error, ChildHungError):
            return f"no answer for {error.waited_s:.0f} s"
        if not isinstance(error, ChildDiedError):
            return error.message
        # Looked at in any case: an end that is explained otherwise must not explain the next.
        is_for_memory = self._kills.look()
        if error.child_exit_code != _KILLED or not is_for_memory:
            return describe_exit(error.child_exit_code)
        left_bytes, place = self._available().tightest
        held = f"it held {format_bytes(last_rss_bytes)}; " if last_rss_bytes is not None else ""
        return (
            "signal SIGKILL: probably ended by the system because memory ran out; "
            f"{held}now that it is gone, this {place} has {format_bytes(left_bytes)} left"
        )


def describe_death(event: ChildDied) -> str:
    """A death for the log: how, when, over what, its last readings and its last words."""
    lines = [f"the {event.role} process has ended: {event.cause}"]
    if event.batch:
        lines.append(f"batch in hand: {event.batch}")
    lines += [f"file in hand: {path!a}" for path in event.files]
    lines += describe_readings(event.last_readings)
    tail = event.log_tail.strip()
    if tail:
        lines.append(f"the end of its log:\n{tail}")
    return "\n  ".join(lines)
