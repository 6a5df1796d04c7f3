"""A run that records itself: every event is kept, and now and then the owner bands are taken."""

import contextlib
import time
from collections.abc import Callable, Generator

from vext_desktop.events import BatchFinished, IndexEvent, MemoryPictured
from vext_desktop.memory.run_recorder import RunRecorder
from vext_desktop.readings import ProgramBands

# A picture costs 50 to 150 ms: at this pace under 1 % of the time.
PICTURE_EVERY_S = 15.0


def recorded(
    events: Generator[IndexEvent, None, None],
    recorder: RunRecorder,
    take_picture: Callable[[float], ProgramBands | None],
    clock: Callable[[], float] = time.monotonic,
) -> Generator[IndexEvent, None, None]:
    """Yield the events of a run, and between batches the owner bands, and keep all of them.

    However the run ends or is let go, its record is saved.

    Args:
        events: The run; closed when we are.
        recorder: Keeps it.
        take_picture: The owner bands, at most so many seconds old; None where this system cannot
            tell them.
        clock: Monotonic seconds.
    """
    next_picture_s, last_picture_s = clock(), float("-inf")
    with contextlib.ExitStack() as stack:
        stack.callback(recorder.close)
        stack.enter_context(contextlib.closing(events))  # first: it ends the run in the ledger
        for event in events:
            recorder.note(event)
            yield event
            if isinstance(event, BatchFinished) and clock() >= next_picture_s:
                # One that the window has just asked for will do as well.
                bands = take_picture(PICTURE_EVERY_S / 2)
                next_picture_s = clock() + PICTURE_EVERY_S
                if bands is not None and bands.at_s > last_picture_s:
                    last_picture_s = bands.at_s
                    pictured = MemoryPictured(bands, event.number)
                    recorder.note(pictured)
                    yield pictured
