"""How a child process stands back for whoever uses the computer."""

import contextlib
import sys

import psutil

# Of the 19 levels below an ordinary program: half way. Idle priority would let a single busy
# program stop us for good.
_STEPS_BACK = 10
_LAST = 19


def lower_priority(pid: int) -> None:
    """Let other programs come first, for the processor and for the disk.

    To be called when the process has just been started: on Linux threads that it has already
    would keep theirs. There is no way back without privileges, but a new process.
    """
    with contextlib.suppress(psutil.Error, OSError):  # it is gone, or the system says no
        process = psutil.Process(pid)
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            process.ionice(psutil.IOPRIO_LOW)
            return
        process.nice(min(_LAST, process.nice() + _STEPS_BACK))
        if sys.platform == "linux":
            process.ionice(psutil.IOPRIO_CLASS_BE, 7)  # 7 is the last of the ordinary levels
