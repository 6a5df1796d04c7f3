"""Keeps the reader process within its memory, whatever a file makes a parser do."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable

# Not a code that Python, a shell or a signal gives.
MEMORY_EXIT_CODE = 87
_LOOK_SECONDS = 0.05
# The kernel's limit lies higher, so that the watch, whose end has a name, comes first: native
# code that is refused memory just aborts. What holds Python's lock meets the kernel's limit.
_HARD_SHARE = 1.25
# A low limit needs room too: a parser can take tens of megabytes between two looks.
_HARD_ROOM_BYTES = 512_000_000

logger = logging.getLogger("vext.documents")


def limit_memory(memory_bytes: int) -> None:
    """Let this process grow to `memory_bytes`, and on Linux in no case much further.

    A thread looks at resident memory, and ends the process with MEMORY_EXIT_CODE.
    """
    if sys.platform.startswith("linux"):
        _limit_address_space(max(int(memory_bytes * _HARD_SHARE), memory_bytes + _HARD_ROOM_BYTES))
    watch = threading.Thread(
        target=end_when_over,
        args=(memory_bytes, _rss_reader(), lambda: os._exit(MEMORY_EXIT_CODE)),
        name="memory-limit",
        daemon=True,
    )
    watch.start()


def end_when_over(
    memory_bytes: int, read_rss_bytes: Callable[[], int], end: Callable[[], None]
) -> None:
    """Look at resident memory until it is over the limit, then end the process."""
    while (rss_bytes := read_rss_bytes()) <= memory_bytes:
        time.sleep(_LOOK_SECONDS)
    logger.error("over the memory limit: %d of %d bytes", rss_bytes, memory_bytes)
    end()


def _rss_reader() -> Callable[[], int]:
    import psutil  # noqa: PLC0415 - the window process, which imports the code above, needs none

    process = psutil.Process()
    return lambda: int(process.memory_info().rss)


if sys.platform != "win32":

    def _limit_address_space(memory_bytes: int) -> None:
        import resource  # noqa: PLC0415 - there is none on Windows

        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no user's path
            mapped_pages, resident_pages = map(int, statm.read().split()[:2])
        # Libraries and thread stacks map far more than they use; that is no memory yet.
        unused_bytes = (mapped_pages - resident_pages) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = memory_bytes + unused_bytes
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
