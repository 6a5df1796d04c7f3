"""How long a file may keep the reader busy, all its steps together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_seconds

# A file that answers each step just in time is ended too: this many steps, and time by its size.
_MOST_SLOW_STEPS = 10
_SLOWEST_BYTES_PER_SECOND = 100_000
# A scanned page has some 50 kB, and takes Tesseract seconds.
_SLOWEST_OCR_BYTES_PER_SECOND = 5_000


class Patience:
    """How long a file as a whole may keep the reader busy.

    Args:
        path: The file; the larger it is, the longer it may take.
        step_timeout_s: How long one step may take, in seconds.
        has_ocr: Whether text may have to be read in pictures.
    """

    def __init__(self, path: Path, step_timeout_s: float, *, has_ocr: bool = False) -> None:
        try:
            size_bytes = path.stat().st_size
        except OSError:  # the reader will say what is the matter with it
            size_bytes = 0
        slowest = _SLOWEST_OCR_BYTES_PER_SECOND if has_ocr else _SLOWEST_BYTES_PER_SECOND
        self._limit_s = _MOST_SLOW_STEPS * step_timeout_s + size_bytes / slowest
        self._spent_s = 0.0

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count the time of one step; raises ReadFailure when the file has had its share."""
        begin = time.monotonic()
        yield
        self._spent_s += time.monotonic() - begin
        if self._spent_s > self._limit_s:
            raise too_slow(self._spent_s)


def too_slow(seconds: float) -> ReadFailure:
    """The failure of a file that took too long."""
    return ReadFailure(
        Outcome.TIME_LIMIT, f"Reading it was given up after {format_seconds(seconds)}."
    )
