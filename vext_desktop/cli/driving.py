"""The terminal's driver of a run: takes its events one by one, and keeps its pauses."""

from collections.abc import Iterable
from dataclasses import dataclass

from vext_desktop.cli.interrupts import InterruptWatch
from vext_desktop.cli.progress import RunDisplay
from vext_desktop.errors import VextError
from vext_desktop.events import (
    BatchFinished,
    IndexEvent,
    RunEnd,
    RunFinished,
    RunHalted,
    SendingAsked,
    ServiceAwaited,
)

EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class DrivenRun:
    """How a run ended.

    Attributes:
        finished: Its last word, with the summary.
        halted: Why it could not go on by itself; None when it could.
        asked: What would leave this computer, if it halted before that; else None.
    """

    finished: RunFinished
    halted: RunHalted | None
    asked: SendingAsked | None = None

    @property
    def exit_code(self) -> int:
        """0 when it came to its end, 130 when it was stopped before.

        Raises:
            VextError: It could not go on.
        """
        if self.halted is not None:
            raise VextError(self.halted.message, self.halted.hint)
        return EXIT_INTERRUPTED if self.finished.end is RunEnd.STOPPED else 0


def drive(
    events: Iterable[IndexEvent], watch: InterruptWatch, display: RunDisplay | None
) -> DrivenRun:
    """Take a run to its end.

    Args:
        events: The run.
        watch: Its `stopped` ends a pause early.
        display: Shown each event; None for silence.
    """
    halted: RunHalted | None = None
    asked: SendingAsked | None = None
    finished: RunFinished | None = None
    for event in events:
        if display is not None:
            display.show(event)
        match event:
            case BatchFinished(pause_s=pause_s) | ServiceAwaited(pause_s=pause_s) if pause_s > 0:
                watch.stopped.wait(pause_s)
            case SendingAsked():
                asked = event
            case RunHalted():
                halted = event
            case RunFinished():
                finished = event
            case _:
                pass
    if finished is None:
        raise RuntimeError("the run ended without a RunFinished event")
    return DrivenRun(finished, halted, asked)
