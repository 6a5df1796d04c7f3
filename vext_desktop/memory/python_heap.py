"""How many bytes Python's own allocator (pymalloc) has given to live objects."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

# Mean size of a pymalloc block, in bytes: `sys._debugmallocstats()` of CPython 3.11 on x86-64,
# bytes in allocated blocks divided by `sys.getallocatedblocks()`: 93 bare, 93 with numpy, 97
# with lancedb, 92 with Qt, 95 with torch and sentence-transformers; but 67 with many small
# numbers beside it, and 416 with many 470-byte strings. So it is the fallback only, where
# the allocator cannot be asked for its own count.
MEAN_BLOCK_BYTES = 93

# Asking the allocator costs 0.5 to 1 ms with the interpreter lock held: at most this often, and
# at most a twentieth of a percent of the time.
_ANCHOR_SECONDS = 1.0
_ANCHOR_COSTS = 2000
# Counting blocks looks at the head of every pool: 0.1 ms for 160 MB of objects, but 1 ms where
# other work has pushed them out of the processor's caches. So it takes a tenth of a percent of
# the time at most; in between, the last count is repeated.
_COUNT_COSTS = 1000


@dataclass(frozen=True, slots=True)
class PymallocUse:
    """What pymalloc counts itself.

    Attributes:
        in_use_bytes: In live objects.
        arenas_bytes: Its arenas, used or not.
    """

    in_use_bytes: int
    arenas_bytes: int


class PythonHeap:
    """Bytes in live Python objects of at most 512 bytes; larger ones live in the native heap.

    The exact count is asked for every second or two. In between, blocks gained or lost since
    then are counted with the mean size of that moment, so an error never adds up. Where even
    that is dear, the last answer is up to a second old.

    Args:
        count_exactly: Asks the allocator; None where it cannot be asked, or is not in use.
        count_blocks: Live blocks, cheaply.
        clock: Monotonic seconds.
        cost_clock: Processor seconds of the calling thread.
    """

    def __init__(
        self,
        count_exactly: Callable[[], PymallocUse | None] | None = None,
        count_blocks: Callable[[], int] = sys.getallocatedblocks,
        clock: Callable[[], float] = time.monotonic,
        cost_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._count_exactly = count_exactly
        self._count_blocks = count_blocks
        self._clock = clock
        self._cost_clock = cost_clock
        # Until when which answer does; replaced whole, for other threads.
        self._answer: tuple[float, int | None] = (float("-inf"), None)
        # Until when it does, blocks and use at the last exact count; replaced whole as above.
        self._anchor: tuple[float, int, PymallocUse] | None = None

    @property
    def arenas_bytes(self) -> int | None:
        """Pymalloc's arenas at the last exact count; None where it cannot be asked."""
        anchor = self._anchor
        return None if anchor is None else anchor[2].arenas_bytes

    def in_use_bytes(self, *, exactly: bool = False) -> int | None:
        """Bytes in use; None where Python runs without its own allocator."""
        now = self._clock()
        good_until, answer = self._answer
        if now < good_until and not exactly:
            return answer
        began = self._cost_clock()
        answer = self._count(now, exactly=exactly)
        cost_s = self._cost_clock() - began
        self._answer = (now + _COUNT_COSTS * cost_s, answer)
        return answer

    def _count(self, now: float, *, exactly: bool) -> int | None:
        blocks = self._count_blocks()
        if blocks <= 0:  # what Python says when it runs on malloc alone
            return None
        if self._count_exactly is None:
            return blocks * MEAN_BLOCK_BYTES
        anchor = self._anchor
        if exactly or anchor is None or now >= anchor[0]:
            began = self._cost_clock()
            counted = self._count_exactly()
            if counted is None:
                self._count_exactly = None
                return blocks * MEAN_BLOCK_BYTES
            cost_s = self._cost_clock() - began
            good_until = now + max(_ANCHOR_SECONDS, _ANCHOR_COSTS * cost_s)
            self._anchor = (good_until, blocks, counted)
            return counted.in_use_bytes
        _, blocks_then, use_then = anchor
        bytes_then = use_then.in_use_bytes
        return max(0, bytes_then + (blocks - blocks_then) * bytes_then // blocks_then)
