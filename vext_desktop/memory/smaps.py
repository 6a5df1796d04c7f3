"""Linux: the mappings of a process with their resident pages, from /proc/PID/smaps."""

import mmap
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")

_PAGEMAP_ENTRY_BYTES = 8
# The highest bit of an entry says that the page is present; entries are little-endian.
_NOT_PRESENT = bytes(range(128))


class MappedRange(NamedTuple):
    """One mapping: its place, its rights ("rw-p"), its file and how much of it is resident.

    Attributes:
        start: Its first address.
        end: The address after its last.
        rights: Four letters, as the kernel writes them.
        offset: Where in the file it begins.
        name: The file's path, a word such as "[heap]", or nothing for anonymous memory.
        rss_bytes: Its resident pages.
    """

    start: int
    end: int
    rights: str
    offset: int
    name: str
    rss_bytes: int


def read_smaps(pid: int, proc: Path = PROC) -> list[MappedRange]:
    """All mappings of a process; 20 to 100 ms, nearly all of it in the kernel.

    Raises:
        OSError: The process has ended, or is not ours.
        ValueError: The kernel writes this file in a way that we do not know.
    """
    return parse_smaps((proc / str(pid) / "smaps").read_bytes())


def parse_smaps(text: bytes) -> list[MappedRange]:
    """The mappings in the text of an smaps file, lowest address first.

    A mapping is a line with its address, then some twenty lines with a figure each, of which
    "Rss:" is near the beginning and "VmFlags:" is the last (since Linux 3.8).

    Raises:
        ValueError: That is not what the text looks like.
    """
    found = []
    blocks = text.split(b"\nVmFlags:")
    rest = blocks.pop()
    if b"\n" in rest.rstrip(b"\n"):
        raise ValueError("a mapping in smaps has no end")
    for number, block in enumerate(blocks):
        begin = block.index(b"\n") + 1 if number else 0
        header = block[begin : block.index(b"\n", begin)].split(maxsplit=5)
        start, _, end = header[0].partition(b"-")
        figure = block.index(b"\nRss:", begin) + 5
        found.append(
            MappedRange(
                int(start, 16),
                int(end, 16),
                header[1].decode("ascii"),
                int(header[2], 16),
                header[5].decode("utf-8", "surrogateescape") if len(header) > 5 else "",
                int(block[figure : block.index(b"kB", figure)]) * 1024,
            )
        )
    return found


def resident_bytes(pid: int, start: int, end: int, proc: Path = PROC) -> int:
    """How much of a part of a mapping is resident, from /proc/PID/pagemap.

    It tells present pages to the owner of the process without any right; only their place in
    physical memory is hidden.

    Raises:
        OSError: The process has ended, or the kernel has no pagemap.
    """
    first, last = start // mmap.PAGESIZE, -(-end // mmap.PAGESIZE)
    with (proc / str(pid) / "pagemap").open("rb", buffering=0) as pagemap:
        pagemap.seek(first * _PAGEMAP_ENTRY_BYTES)
        entries = pagemap.read((last - first) * _PAGEMAP_ENTRY_BYTES)
    return len(entries[7::8].translate(None, delete=_NOT_PRESENT)) * mmap.PAGESIZE
