"""The GNU C library's allocator, asked through ctypes: what is in use, what it keeps, trimming."""

import ctypes
import mmap
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass

from vext_desktop.memory.python_heap import PymallocUse

# From <malloc.h>.
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
# From <sys/mman.h>.
MADV_DONTNEED = 4
# What malloc_trim leaves at the head of a free block: sizeof(struct malloc_chunk) in malloc.c.
_CHUNK_HEAD_BYTES = 48

_FREE_BIN = re.compile(rb'<(?:size|unsorted) from="\d+" to="(\d+)" total="(\d+)" count="(\d+)"/>')
_PYMALLOC_IN_USE = re.compile(rb"# bytes in allocated blocks\s*=\s*([\d,]+)")
_PYMALLOC_ARENAS = re.compile(rb"\d+ arenas \* \d+ bytes/arena\s*=\s*([\d,]+)")


@dataclass(frozen=True, slots=True)
class MallocUse:
    """What `mallinfo2(3)` tells, summed over all arenas.

    Attributes:
        arenas_bytes: Address space of the arenas, used or not, resident or not.
        blocks_bytes: Allocated and not freed, inside the arenas.
        mapped_bytes: Large blocks, each in a mapping of its own.
        top_bytes: Free end of the main arena.
    """

    arenas_bytes: int
    blocks_bytes: int
    mapped_bytes: int
    top_bytes: int


class _Mallinfo2(ctypes.Structure):
    """`struct mallinfo2` of <malloc.h>."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


class _Mallinfo(ctypes.Structure):
    """`struct mallinfo`: the same before glibc 2.33, in numbers that wrap at 4 GiB."""

    _fields_ = tuple((field[0], ctypes.c_uint) for field in _Mallinfo2._fields_)


class Glibc:
    """The allocator of this process.

    Raises:
        OSError: The C library is another one (musl, or not Linux at all).
    """

    def __init__(self) -> None:
        if platform.system() != "Linux":
            raise OSError("the GNU C library is on Linux only")
        self._library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(self._library, "gnu_get_libc_version"):
            raise OSError("the C library of this process is not GNU's")
        wraps = not hasattr(self._library, "mallinfo2")
        self._mallinfo = self._library.mallinfo if wraps else self._library.mallinfo2
        self._mallinfo.restype = _Mallinfo if wraps else _Mallinfo2
        self._limit_bytes = (1 << 32) if wraps else (1 << 62)
        self._library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
        self._library.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
        self._library.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        self._library.open_memstream.restype = ctypes.c_void_p
        self._library.fclose.argtypes = [ctypes.c_void_p]
        self._library.free.argtypes = [ctypes.c_void_p]

    def use(self, rss_bytes: int = 0) -> MallocUse | None:
        """What is allocated now; about 10 us, longer with very many free blocks.

        Args:
            rss_bytes: Resident memory of the process, where it is known.

        Returns:
            None if another allocator has been put in its place (it then counts nothing), or
            if the process is too large for the numbers of an old glibc.
        """
        told = self._mallinfo()
        if told.arena + told.hblkhd == 0 or rss_bytes >= self._limit_bytes:
            return None
        return MallocUse(told.arena, told.uordblks, told.hblkhd, told.keepcost)

    def free_pages_bytes(self) -> int:
        """Whole pages inside the free blocks of all arenas, resident or not, estimated.

        A free block of L bytes at any offset has on average L - one page in whole pages; that
        is what malloc_trim can give back, as in `mtrim` of malloc.c. Measured on blocks of 64
        to 60000 bytes, every other one freed: within 0.3 MB of what it gave back.
        """
        total = 0
        for largest, size, count in _FREE_BIN.findall(self._printed(self._print_malloc_info)):
            lost = mmap.PAGESIZE + _CHUNK_HEAD_BYTES
            total += max(0, int(size) - int(count) * lost, int(largest) - lost)
        return total

    def resident_bytes(self, start: int, end: int) -> int | None:
        """How much of an anonymous mapping is in memory; None if the kernel does not say.

        The same as `Rss` of that mapping in /proc/self/smaps, at a hundredth of the cost.
        """
        pages = self._pages(start, end)
        return None if pages is None else (len(pages) - pages.count(b"\0")) * mmap.PAGESIZE

    def absent_tail_bytes(self, start: int, end: int) -> int:
        """How much of an anonymous mapping, from its end back, is not in memory."""
        pages = self._pages(start, end) or b""
        return (len(pages) - len(pages.rstrip(b"\0"))) * mmap.PAGESIZE

    def _pages(self, start: int, end: int) -> bytes | None:
        """A byte for each page of a mapping, 0 if it is not in memory; None if that is unknown."""
        found = ctypes.create_string_buffer((end - start) // mmap.PAGESIZE)
        if self._library.mincore(start, end - start, found) != 0:
            return None
        return found.raw

    def trim(self) -> None:
        """Give whole free pages back to the system; 6 to 40 ms, without the interpreter lock."""
        self._library.malloc_trim(0)

    def release_pages(self, start: int, end: int) -> bool:
        """Let go of the pages of a mapping of a file; they are read again when they are needed.

        Changes that were made to such pages are lost, so there must be none.

        Returns:
            Whether the kernel did so.
        """
        return bool(self._library.madvise(start, end - start, MADV_DONTNEED) == 0)

    def limit_arenas(self, count: int) -> None:
        """Let threads share this many arenas; arenas that exist already stay."""
        self._library.mallopt(M_ARENA_MAX, count)

    def map_blocks_from(self, size_bytes: int) -> None:
        """Give blocks of this size and more a mapping of their own; the limit then stays."""
        self._library.mallopt(M_MMAP_THRESHOLD, size_bytes)

    def pymalloc_use(self) -> PymallocUse | None:
        """What Python's own allocator counts, exactly; None where it cannot tell.

        `sys._debugmallocstats()` prints to the process's standard error; the function below it
        takes any C stream, so nothing another thread prints can get lost. 0.5 to 1 ms.
        """
        if not hasattr(ctypes.pythonapi, "_PyObject_DebugMallocStats"):
            return None
        printed = self._printed(self._print_pymalloc)
        in_use = _PYMALLOC_IN_USE.search(printed)
        arenas = _PYMALLOC_ARENAS.search(printed)
        if in_use is None or arenas is None:
            return None
        return PymallocUse(_number(in_use), _number(arenas))

    def _print_malloc_info(self, stream: int) -> None:
        self._library.malloc_info(0, ctypes.c_void_p(stream))

    @staticmethod
    def _print_pymalloc(stream: int) -> None:
        ctypes.pythonapi._PyObject_DebugMallocStats(ctypes.c_void_p(stream))

    def _printed(self, print_to: Callable[[int], None]) -> bytes:
        """What a C function prints to the stream that it is given."""
        text, length = ctypes.c_void_p(), ctypes.c_size_t()
        stream = self._library.open_memstream(ctypes.byref(text), ctypes.byref(length))
        if not stream:
            raise OSError(ctypes.get_errno(), "no memory for a stream")
        try:
            print_to(stream)
        finally:
            self._library.fclose(stream)  # only now are text and length set
        try:
            return ctypes.string_at(text.value, length.value) if text.value else b""
        finally:
            self._library.free(text)


def _number(found: re.Match[bytes]) -> int:
    return int(found[1].replace(b",", b""))
