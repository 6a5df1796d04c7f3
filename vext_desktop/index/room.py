"""Room on the disk of the data folder: how much is needed, how much is kept back, what to say."""

import contextlib
import errno
import os
import shutil
from pathlib import Path

from vext_desktop.errors import DiskFullError
from vext_desktop.readings import format_bytes

# Less than this free, nothing is written to the store: a full disk harms more than this program.
MIN_FREE_BYTES = 200 << 20
# Kept back so that a run can be closed in the ledger on a full disk: a few pages of SQLite's.
RESERVE_BYTES = 1 << 20
# An index takes at most so many times its raw vectors and texts: the bar that it is held to.
_INDEX_FACTOR = 1.3
# Of a disk with so little left nothing that is written now can be relied on.
_NO_ROOM_BYTES = 64 << 10


def free_bytes(folder: Path) -> int:
    """What is free on the disk that a folder lies on."""
    return shutil.disk_usage(folder).free


def is_full(folder: Path) -> bool:
    """Whether a folder's disk has no room left; False where nobody can tell."""
    try:
        return free_bytes(folder) < _NO_ROOM_BYTES
    except OSError:
        return False


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, also one in LanceDB's words, says that the disk is full."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    words = str(error)
    # Windows: ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    return any(sign in words for sign in ("No space left", "quota exceeded", "(os error 112)"))


def say_room_needed(folder: Path, needed_bytes: int = MIN_FREE_BYTES) -> str:
    """What to do about a full disk, with how much there is and how much is needed."""
    try:
        there = f"{format_bytes(free_bytes(folder))} are free there now"
    except OSError:
        there = "how much is free there cannot be told"
    return (
        f"Make room on the disk of {folder} ({there}, {format_bytes(needed_bytes)} are needed), "
        "then index again: it goes on where it was."
    )


def require_free(folder: Path, needed_bytes: int, free: int) -> None:
    """See that an index may go on growing.

    Raises:
        DiskFullError: Less is free than is needed for that.
    """
    if free < needed_bytes:
        raise DiskFullError(
            f"The disk of the index has only {format_bytes(free)} left, and "
            f"{format_bytes(needed_bytes)} are needed to go on safely. Your documents are "
            "untouched; what is indexed so far is safe and can be searched.",
            say_room_needed(folder, needed_bytes),
        )


def room_needed(live_bytes: int, chunks: int, dimension: int, chunk_size: int) -> int:
    """What must be free for so many more passages, about; what is kept free is part of it.

    Args:
        live_bytes: What the table has now; tidying up writes it anew before the old goes.
        chunks: How many passages are to come.
        dimension: Numbers in a vector, of two bytes each.
        chunk_size: Characters in a passage, at most.
    """
    grown = chunks * (2 * dimension + chunk_size) * _INDEX_FACTOR
    return MIN_FREE_BYTES + live_bytes + round(2 * grown)


class Reserve:
    """A file that only takes room, so that there is some when the disk is full.

    Args:
        file: Where it lies.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def keep(self) -> None:
        """Take the room, unless it is taken already or there is too little to spare."""
        with contextlib.suppress(OSError):
            if self._file.exists() and self._file.stat().st_size >= RESERVE_BYTES:
                return
            if free_bytes(self._file.parent) < MIN_FREE_BYTES:
                return
            # Written, not only made long: a file of holes takes no room.
            self._file.write_bytes(os.urandom(RESERVE_BYTES))

    def release(self) -> None:
        """Give the room back, for what must be written now."""
        with contextlib.suppress(OSError):
            self._file.unlink()
