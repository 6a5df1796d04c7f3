"""Letting go of the code of libraries that was only needed to start (Linux).

Loading a large library maps, page by page, what its loader and its beginnings touch: of LanceDB
and Arrow 110 MB, of which a run that reads, writes and searches uses 45. The rest stays resident
for as long as nobody is short of memory. Those pages are unchanged copies of files: letting go of
them frees no allocation, it takes them out of this process and leaves them to the system's page
cache, from where the needed ones come back in microseconds, 16 at a time. So the resident memory
of a process says what it needs, and stays where it is when a rarely used part has run once.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from vext_desktop.memory.glibc import Glibc

_SMAPS = Path("/proc/self/smaps")
# Reading all mappings takes 5 to 40 ms of a processor: at most this often, and at most a
# thousandth of the time.
_RELEASE_SECONDS = 30.0
_RELEASE_COSTS = 1000
_LIBRARY_NAME = re.compile(rb"\.so(\.[\d.]+)?$")


def release_library_pages() -> int:
    """Let go of the unchanged pages of all libraries; harmless where there is no way.

    Returns:
        How many bytes of them were resident; 0 where the system offers no way.
    """
    if not sys.platform.startswith("linux"):
        return 0
    try:
        glibc, text = Glibc(), _SMAPS.read_bytes()
    except OSError:
        return 0
    released = 0
    for start, end, resident_bytes in library_ranges(text):
        if glibc.release_pages(start, end):
            released += resident_bytes
    return released


def library_ranges(smaps: bytes) -> Iterator[tuple[int, int, int]]:
    """Mappings of libraries, none of whose pages this process has changed.

    A page that was changed (a relocation, a breakpoint) is a private copy, "Anonymous" in smaps,
    or "Swap" once the system has put it out to disk, and would be lost: no mapping with a single
    one of them is among these.

    Args:
        smaps: The text of an smaps file.

    Yields:
        First address, the address after the last, and resident bytes.
    """
    for block in smaps.split(b"\nVmFlags:"):
        begin = block.find(b".so")
        if begin < 0:
            continue
        line_start = block.rfind(b"\n", 0, begin) + 1
        line_end = block.find(b"\n", begin)
        header = block[line_start:line_end].split(maxsplit=5)
        if len(header) < 6 or b"w" in header[1] or not header[1].endswith(b"p"):
            continue
        if not _LIBRARY_NAME.search(header[5]):
            continue
        figures = block[line_end:]
        resident_bytes = _figure(figures, b"\nRss:")
        changed = _figure(figures, b"\nAnonymous:"), _figure(figures, b"\nSwap:")
        if resident_bytes and changed == (0, 0):
            start, _, end = header[0].partition(b"-")
            yield int(start, 16), int(end, 16), resident_bytes


def _figure(figures: bytes, name: bytes) -> int | None:
    """A figure of a mapping in bytes; None if it is not told, or not as we know it."""
    _, _, rest = figures.partition(name)
    words = rest.split(maxsplit=2)
    if len(words) < 2 or words[1] != b"kB" or not words[0].isdigit():
        return None
    return int(words[0]) * 1024


class LibraryPages:
    """Lets go of them now and then, as seldom as that must be to cost next to nothing.

    Args:
        release: What it does.
        clock: Monotonic seconds.
        cost_clock: Processor seconds of the calling thread: by the wall clock a busy machine made
            it wait for five minutes, while the pages of every maintenance stayed.
    """

    def __init__(
        self,
        release: Callable[[], object] = release_library_pages,
        clock: Callable[[], float] = time.monotonic,
        cost_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._release = release
        self._clock = clock
        self._cost_clock = cost_clock
        self._due_at = float("-inf")

    def release_if_due(self) -> None:
        """Let go of them if the last time is long enough ago."""
        if self._clock() < self._due_at:
            return
        began = self._cost_clock()
        self._release()
        cost_s = self._cost_clock() - began
        self._due_at = self._clock() + max(_RELEASE_SECONDS, _RELEASE_COSTS * cost_s)
