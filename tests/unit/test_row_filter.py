"""Conditions on files: exact where they can be, else wider with a check."""

import random
import re

import pytest

from vext_desktop.index.row_filter import (
    MAX_IDS,
    MAX_RANGES,
    filter_files,
    pair_conditions,
    to_ranges,
)


def lets_through(where: str, file_id: int) -> bool:
    ranges = re.findall(r"BETWEEN (\d+) AND (\d+)", where)
    listed = re.search(r"IN \(([\d,]+)\)", where)
    return any(int(a) <= file_id <= int(b) for a, b in ranges) or (
        listed is not None and str(file_id) in listed.group(1).split(",")
    )


def test_neighbours_make_ranges() -> None:
    assert to_ranges([5, 3, 4, 9, 4]) == [(3, 5), (9, 9)]
    assert to_ranges([]) == []


def test_a_folder_of_neighbours_is_one_exact_range() -> None:
    rows = filter_files(range(1000, 90_000))
    assert rows.where == "((file_id BETWEEN 1000 AND 89999))"
    assert rows.accepts(7)


def test_some_scattered_files_are_listed_exactly() -> None:
    rows = filter_files(range(0, 2 * MAX_IDS, 2))
    assert rows.allowed is None
    assert rows.where is not None
    assert [lets_through(rows.where, number) for number in (0, 1, 2, 3)] == [True, False] * 2


def test_many_scattered_files_are_spanned_by_few_ranges_and_checked() -> None:
    wanted = sorted(random.Random(1).sample(range(100_000), 30_000))
    rows = filter_files(wanted)
    assert rows.where is not None
    assert rows.where.count("BETWEEN") == MAX_RANGES
    assert all(lets_through(rows.where, file_id) for file_id in wanted[::50])
    assert rows.share == pytest.approx(0.3, abs=0.01)
    assert rows.accepts(wanted[0])
    assert not rows.accepts(next(n for n in range(100_000) if n not in set(wanted)))


def test_the_widest_gaps_stay_outside() -> None:
    wanted = [*range(0, 20_000, 2), *range(50_000, 70_000, 2)]
    rows = filter_files(wanted)
    assert rows.where is not None
    assert not lets_through(rows.where, 30_000)


def test_no_file_lets_nothing_through() -> None:
    assert filter_files([]).where == "FALSE"


def test_deletions_name_each_generation_apart() -> None:
    conditions = list(pair_conditions([(1, 1), (2, 1), (2, 7)]))
    assert conditions == [
        "generation = 1 AND ((file_id BETWEEN 1 AND 2))",
        "generation = 7 AND ((file_id BETWEEN 2 AND 2))",
    ]


def test_many_scattered_deletions_come_in_lists_and_never_name_another_file() -> None:
    pairs = [(file_id, 1) for file_id in range(0, 5 * MAX_IDS, 2)]
    conditions = list(pair_conditions(pairs))
    assert len(conditions) == 3
    assert not any("BETWEEN" in condition for condition in conditions)
    named = [int(n) for c in conditions for n in re.findall(r"\d+", c.split("IN")[1])]
    assert named == [file_id for file_id, _ in pairs]
