"""Letting go of library code that was only needed to start."""

import sys

import pytest
from memory_fakes import run_fresh

from vext_desktop.memory.library_pages import (
    LibraryPages,
    library_ranges,
)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


def mapping(head: str, rss_kb: int, anonymous_kb: int | None = 0, swap_kb: int | None = 0) -> str:
    lines = [head, "Size:  4000 kB", f"Rss:     {rss_kb} kB", "Pss:   1 kB"]
    if anonymous_kb is not None:
        lines.append(f"Anonymous:    {anonymous_kb} kB")
    if swap_kb is not None:
        lines += [f"Swap:    {swap_kb} kB", "SwapPss:    0 kB"]
    return "\n".join([*lines, "THPeligible:    0", "VmFlags: rd ex mr mw me sd", ""])


def ranges(*mappings: str) -> list[tuple[int, int, int]]:
    return list(library_ranges("".join(mappings).encode()))


def test_the_code_and_the_constants_of_a_library_are_let_go() -> None:
    found = ranges(
        mapping("7f00-7f10 r--p 00000000 08:01 17   /usr/lib/libz.so.1.2.13", 8),
        mapping("7f10-7f80 r-xp 00001000 08:01 17   /usr/lib/libz.so.1.2.13", 40),
        mapping("7f90-7fa0 r-xp 00000000 08:01 18   /home/a b/_lancedb.abi3.so", 12),
    )
    assert found == [
        (0x7F00, 0x7F10, 8 * 1024),
        (0x7F10, 0x7F80, 40 * 1024),
        (0x7F90, 0x7FA0, 12 * 1024),
    ]


@pytest.mark.parametrize(
    "kept",
    [
        mapping("7f00-7f10 rw-p 00000000 08:01 17   /usr/lib/libz.so.1", 8),
        mapping("7f00-7f10 r--p 00000000 08:01 17   /usr/lib/libz.so.1", 8, anonymous_kb=4),
        mapping("7f00-7f10 r--p 00000000 08:01 17   /usr/lib/libz.so.1", 8, anonymous_kb=None),
        mapping("7f00-7f10 r--p 00000000 08:01 17   /usr/lib/libz.so.1", 8, swap_kb=4),
        mapping("7f00-7f10 r--p 00000000 08:01 17   /usr/lib/libz.so.1", 8, swap_kb=None),
        mapping("7f00-7f10 r--s 00000000 08:01 17   /usr/lib/libz.so.1", 8),
        mapping("7f00-7f10 r-xp 00000000 08:01 17   /usr/lib/libz.so.1", 0),
        mapping("7f00-7f10 r--p 00000000 08:01 17   /home/a.songs/matrices.bin", 8),
        mapping("7f00-7f10 rw-p 00000000 00:00 0 ", 8),
        "nonsense.so",
    ],
    ids=[
        "writable",
        "changed",
        "untold",
        "changed and swapped out",
        "swapping untold",
        "shared",
        "absent",
        "a model",
        "anonymous",
        "nonsense",
    ],
)
def test_nothing_else_is(kept: str) -> None:
    assert ranges(kept) == []


@linux_only
def test_libraries_go_on_after_their_pages_were_let_go() -> None:
    # In a process of its own: in this one a test before may have let them go already.
    found = run_fresh("""
        import os, numpy
        from vext_desktop.memory.library_pages import release_library_pages
        from vext_desktop.memory.smaps import read_smaps

        def library_bytes():
            return sum(one.rss_bytes for one in read_smaps(os.getpid()) if ".so" in one.name)

        before = library_bytes()
        found = {"before": before, "let go": release_library_pages(), "after": library_bytes()}
        found["sum"] = int(numpy.arange(5).sum())
    """)
    assert found["let go"] > found["before"] / 2
    assert found["after"] < found["before"]
    assert found["sum"] == 10


def test_it_is_done_as_seldom_as_it_takes_a_thousandth_of_the_time() -> None:
    now, times = [0.0], []

    def release() -> None:
        times.append(now[0])
        now[0] += 0.05

    pages = LibraryPages(release, lambda: now[0], lambda: now[0])
    while now[0] < 99:
        pages.release_if_due()
        now[0] += 1.0
    assert len(times) == 2
    assert times[1] - times[0] >= 50


def test_on_a_busy_machine_only_its_own_cost_makes_it_wait() -> None:
    now, times = [0.0], []

    def release() -> None:
        times.append(now[0])
        now[0] += 0.4  # most of it the others' work

    pages = LibraryPages(release, lambda: now[0], lambda: now[0] / 20)
    while now[0] < 99:
        pages.release_if_due()
        now[0] += 1.0
    assert len(times) == 4
