"""Counts, times and summaries in words."""

import pytest

from vext_desktop.events import RunEnd, ScanFinished
from vext_desktop.outcomes import Outcome
from vext_desktop.window.run_sentences import (
    THIN_SPACE,
    say_count,
    say_finished,
    say_found,
    say_next,
    say_roots,
    say_so_far,
    say_time_left,
)


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_234_567, "1 234 567 files")],
)
def test_counts_are_grouped_and_agree_with_their_noun(number: int, words: str) -> None:
    assert say_count(number, "file").replace(THIN_SPACE, " ") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (3, "a few seconds"),
        (45, "less than a minute"),
        (59, "about 1 min"),
        (720, "about 12 min"),
        (3599, "about 1 h 00 min"),
        (7800, "about 2 h 10 min"),
        (86_400, "about 24 h"),
    ],
)
def test_time_left_is_no_more_exact_than_it_can_be(seconds: float | None, words: str) -> None:
    assert say_time_left(seconds) == words


@pytest.mark.parametrize(
    ("roots", "words"),
    [
        ((), "your documents"),
        (("/documents/Reports",), "Reports"),
        (("/",), "/"),
        (("/a/Reports", "/b", "/c"), "Reports and 2 more"),
    ],
)
def test_roots_are_named_by_the_first(roots: tuple[str, ...], words: str) -> None:
    assert say_roots(roots) == words


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        ([], ""),
        ([()], "Next: your documents."),
        ([("/documents/Reports",)], "Next: Reports."),
        ([("/documents/Reports",), ("/b", "/c")], "Next: Reports and 2 more."),
        ([("/" + "r" * 255,)], f"Next: {'r' * 39}\N{HORIZONTAL ELLIPSIS}."),
    ],
)
def test_what_waits_for_the_run_in_hand_is_named_in_few_words(
    waiting: list[tuple[str, ...]], words: str
) -> None:
    assert say_next(waiting) == words


def test_a_scan_without_news_says_so() -> None:
    found = ScanFinished(40, 0, 0, 40, 0, 0, 0)
    assert say_found(found, 58.0) == "40 files looked at, nothing new to read, 40 unchanged."


def test_without_an_earlier_run_no_time_is_promised() -> None:
    found = ScanFinished(3, 3, 2_000_000, 0, 0, 0, 30)
    assert say_found(found, None) == "3 files found, 3 to read (2 MB)."


def test_every_end_of_a_run_has_its_word() -> None:
    summary = {"files": {"indexed": 1, "set_aside": 2, "removed": 0}, "seconds": 75.0}
    assert say_finished(RunEnd.FINISHED, summary) == "Done: 1 file indexed, 2 set aside, in 75 s."
    assert say_finished(RunEnd.STOPPED, summary).startswith("Stopped:")
    assert say_finished(RunEnd.HALTED, {}) == "Interrupted: 0 files indexed."


def test_what_can_be_found_so_far_counts_what_is_indexed_and_what_waits() -> None:
    counts = {Outcome.INDEXED: 110, Outcome.OFFLINE: 10, Outcome.WAITING: 280, Outcome.EMPTY: 7}
    assert say_so_far(counts, is_paused=False) == (
        "Still indexing: 120 of 400 files can be found so far."
    )
    assert say_so_far(counts, is_paused=True).startswith("Indexing is paused: 120 of 400")
    assert say_so_far({Outcome.INDEXED: 110}, is_paused=False) == ""
