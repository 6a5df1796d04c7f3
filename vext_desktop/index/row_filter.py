"""Which rows a search may return, or a deletion removes, as conditions that LanceDB can take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

# Measured at 100 000 rows, where a search without a filter takes 33 ms on a busy machine: 64
# ranges cost nothing, 500 double the time, and 12 000 overflow the parser; a list of 2 000 ids
# adds 8 ms, of 10 000 ids 55 ms, of 20 000 ids 120 ms.
MAX_RANGES = 64
MAX_IDS = 10_000


@dataclass(frozen=True, slots=True)
class RowFilter:
    """A condition for LanceDB, and the files it must not let through.

    Attributes:
        where: An SQL condition; None for all rows.
        allowed: If the condition lets more files through than it should, those that it
            should; else None.
        share: About how many of the rows that meet the condition are accepted, from 0 to 1.
    """

    where: str | None
    allowed: frozenset[int] | None = None
    share: float = 1.0

    def accepts(self, file_id: int) -> bool:
        """Whether a row that met the condition really belongs to the result."""
        return self.allowed is None or file_id in self.allowed


def filter_files(file_ids: Sequence[int]) -> RowFilter:
    """A filter for the rows of these files.

    The files of a folder are mostly neighbours, found in one scan, so they make few ranges.
    Where they do not and are many, the condition spans the smallest gaps between them, and the
    rows in the gaps are to be dropped by `accepts`.
    """
    ranges = to_ranges(file_ids)
    if len(ranges) <= MAX_RANGES:
        return RowFilter(_in_ranges(ranges))
    if len(file_ids) <= MAX_IDS:
        return RowFilter(_in_list(file_ids))
    spans = _span_gaps(ranges)
    allowed = frozenset(file_ids)
    spanned = sum(last - first + 1 for first, last in spans)
    return RowFilter(_in_ranges(spans), allowed, len(allowed) / spanned)


def pair_conditions(pairs: Sequence[tuple[int, int]]) -> Iterator[str]:
    """SQL conditions that together name exactly the rows of these (file_id, generation)."""
    by_generation: dict[int, list[int]] = {}
    for file_id, generation in pairs:
        by_generation.setdefault(int(generation), []).append(file_id)
    for generation, file_ids in by_generation.items():
        ranges = to_ranges(file_ids)
        if len(ranges) <= MAX_RANGES:
            yield f"generation = {generation} AND {_in_ranges(ranges)}"
            continue
        rest = iter(file_ids)
        while group := list(islice(rest, MAX_IDS)):
            yield f"generation = {generation} AND {_in_list(group)}"


def to_ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring numbers, ascending, as (first, last)."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _span_gaps(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """At most MAX_RANGES ranges that hold all of the given ones, by spanning the least gaps."""
    gaps = [(right[0] - left[1], place) for place, (left, right) in enumerate(pairwise(ranges))]
    kept = sorted(place for _, place in sorted(gaps, reverse=True)[: MAX_RANGES - 1])
    firsts = [0, *(place + 1 for place in kept)]
    lasts = [*kept, len(ranges) - 1]
    return [(ranges[first][0], ranges[last][1]) for first, last in zip(firsts, lasts, strict=True)]


def _in_ranges(ranges: Sequence[tuple[int, int]]) -> str:
    # int(): whatever the numbers are, nothing but digits reaches the condition.
    parts = [f"(file_id BETWEEN {int(first)} AND {int(last)})" for first, last in ranges]
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def _in_list(file_ids: Sequence[int]) -> str:
    return f"file_id IN ({','.join(str(int(file_id)) for file_id in file_ids)})"
