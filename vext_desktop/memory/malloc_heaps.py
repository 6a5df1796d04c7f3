"""Where in an address space the arenas of glibc's malloc lie."""

from collections.abc import Iterable

# HEAP_MAX_SIZE of glibc's arena.c on 64-bit systems: heaps of all arenas but the main one begin
# at multiples of it and reserve that much address space.
_HEAP_BYTES = 64 << 20


def find_heaps(
    ranges: Iterable[tuple[int, int, str, str]], arenas_bytes: int
) -> list[tuple[int, int]]:
    """The address ranges in which malloc's arenas lie; each ends where a mapping ends.

    Args:
        ranges: Start, end, rights ("rw-p") and name of each mapping, lowest address first.
        arenas_bytes: How much there should be, as `mallinfo2` counts it.

    Returns:
        `[heap]`; anonymous ranges that begin at a multiple of 64 MiB and whose reserved rest
        ends at one; and full ones without a rest, as far as they are needed.
    """
    heaps: list[tuple[int, int]] = []
    full: list[tuple[int, int]] = []
    pending: tuple[int, int] | None = None
    for start, end, rights, name in ranges:
        if name == "[heap]":
            heaps.append((start, end))
        is_reserve = rights == "---p" and not name and end % _HEAP_BYTES == 0
        if pending is not None and is_reserve and pending[1] == start:
            heaps.append(pending)
        elif pending is not None and pending[1] % _HEAP_BYTES == 0:
            full.append(pending)
        pending = None
        if rights == "rw-p" and not name and -(-start // _HEAP_BYTES) * _HEAP_BYTES < end:
            # What lies below the first multiple belongs to somebody else and was merged with it.
            pending = (-(-start // _HEAP_BYTES) * _HEAP_BYTES, end)
    missing = arenas_bytes + tolerance_bytes(arenas_bytes) - spanned_bytes(heaps)
    for start, end in full:
        if end - start <= missing:
            heaps.append((start, end))
            missing -= end - start
    return heaps


def is_aligned(start: int) -> bool:
    """Whether a heap of another arena than the main one begins here."""
    return start % _HEAP_BYTES == 0


def spanned_bytes(heaps: Iterable[tuple[int, int]]) -> int:
    """The address space of these ranges together."""
    return sum(end - start for start, end in heaps)


def tolerance_bytes(arenas_bytes: int) -> int:
    """How far what was found may be from what malloc counts: 2 % and 1 MB."""
    return arenas_bytes // 50 + 1_000_000
