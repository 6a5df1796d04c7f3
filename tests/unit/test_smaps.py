"""Mappings of a process: read from the kernel's text, and from its table of pages."""

import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vext_desktop.memory.smaps import MappedRange, parse_smaps, read_smaps, resident_bytes

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# From a kernel 6.1; between the figures that are read stand others, more or fewer with each kernel.
RECORDED = b"""\
47d31800000-47d71800000 rw-p 00000000 00:00 0 
Size:            1048576 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:               12288 kB
Pss:               12288 kB
Anonymous:         12288 kB
THPeligible:    1
VmFlags: rd wr mr mw me nr hg 
555fa4b8b000-555fa4b8c000 r--p 00002000 fe:00 26723                      /opt/a folder/lib x.so
Size:                  4 kB
Rss:                   4 kB
VmFlags: rd mr mw me 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
Size:                  4 kB
Rss:                   0 kB
VmFlags: ex 
"""  # noqa: W291 - as the kernel writes it


def test_each_mapping_is_read_with_its_rights_its_file_and_its_resident_pages() -> None:
    assert parse_smaps(RECORDED) == [
        MappedRange(0x47D31800000, 0x47D71800000, "rw-p", 0, "", 12288 * 1024),
        MappedRange(0x555FA4B8B000, 0x555FA4B8C000, "r--p", 0x2000, "/opt/a folder/lib x.so", 4096),
        MappedRange(0xFFFFFFFFFF600000, 0xFFFFFFFFFF601000, "--xp", 0, "[vsyscall]", 0),
    ]


def test_a_process_that_has_ended_has_no_mappings() -> None:
    assert parse_smaps(b"") == []


@pytest.mark.parametrize(
    "text",
    [
        RECORDED[: len(RECORDED) // 2],
        RECORDED.replace(b"\nRss:", b"\nResident:"),
        RECORDED.replace(b"VmFlags", b"Flags"),
    ],
)
def test_a_text_that_looks_otherwise_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"smaps|subsection"):
        parse_smaps(text)


@linux_only
def test_the_mappings_of_a_process_sum_to_its_resident_memory() -> None:
    # Of a process that stands still: in this one, other tests' threads and the reading itself take
    # and give back memory between the two looks.
    waits = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as still:
        assert still.stdout is not None
        still.stdout.readline()
        rss_bytes = sum(each.rss_bytes for each in read_smaps(still.pid))
        # Its own sum over the same pages; the figure in statm is counted for each processor apart.
        rollup = Path(f"/proc/{still.pid}/smaps_rollup").read_text()
        still.kill()
    told_kb = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Rss:"))
    assert rss_bytes == int(told_kb) * 1024 > 0


@linux_only
def test_resident_pages_of_a_part_of_a_mapping_are_counted() -> None:
    with mmap.mmap(-1, 100 * mmap.PAGESIZE) as block:
        for page in range(10, 20):
            block[page * mmap.PAGESIZE] = 1
        (start,) = [
            each.start
            for each in read_smaps(os.getpid())
            if each.end - each.start == 100 * mmap.PAGESIZE and each.rss_bytes == 10 * mmap.PAGESIZE
        ]
        pages = [
            resident_bytes(os.getpid(), start + first * mmap.PAGESIZE, start + end * mmap.PAGESIZE)
            for first, end in ((0, 100), (0, 15), (20, 100))
        ]
    assert pages == [10 * mmap.PAGESIZE, 5 * mmap.PAGESIZE, 0]


def test_a_process_that_is_not_there_is_an_error_not_an_empty_answer(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="smaps"):
        read_smaps(1, tmp_path)
