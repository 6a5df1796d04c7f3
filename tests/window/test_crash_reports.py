"""What broke is kept until somebody has seen it, with what was in hand."""

import faulthandler
from pathlib import Path

from vext_desktop.window.crash_reports import CrashReporter


def test_a_report_has_what_was_in_hand_and_is_kept_until_it_was_seen(tmp_path: Path) -> None:
    crash_log, moments = tmp_path / "crash.log", tmp_path / "last-moments.txt"
    crash_log.write_text("Fatal Python error: Segmentation fault\n")
    moments.write_text("File in hand: '/d/guilty.pdf'\n")
    report = "Fatal Python error: Segmentation fault\n\nFile in hand: '/d/guilty.pdf'"
    for _ in range(2):  # the second start comes before anybody has seen it
        reporter = CrashReporter(crash_log, moments)
        try:
            assert reporter.install() == report
        finally:
            reporter.remove()
    reporter = CrashReporter(crash_log, moments)
    try:
        reporter.install()
        reporter.forget()
    finally:
        reporter.remove()
    assert crash_log.read_text() == ""


def test_a_run_that_was_ended_from_outside_is_offered_too(tmp_path: Path) -> None:
    crash_log, moments = tmp_path / "crash.log", tmp_path / "last-moments.txt"
    moments.write_text("File in hand: '/d/guilty.pdf'\n")
    for _ in range(2):
        reporter = CrashReporter(crash_log, moments)
        try:
            left = reporter.install()
        finally:
            reporter.remove()
        assert "ended from outside" in left
        assert left.endswith("File in hand: '/d/guilty.pdf'")


def test_a_second_window_leaves_the_report_of_the_first_as_it_is(tmp_path: Path) -> None:
    first = CrashReporter(tmp_path / "crash.log", tmp_path / "moments.txt")
    second = CrashReporter(tmp_path / "crash.log", tmp_path / "moments.txt")
    first.install()
    try:
        with (tmp_path / "crash.log").open("a") as log:
            faulthandler.dump_traceback(log)
        written = (tmp_path / "crash.log").read_text()
        assert second.install() == written.strip()
        second.remove()
        assert (tmp_path / "crash.log").read_text() == written
        first.forget()
        assert (tmp_path / "crash.log").read_text() == ""
    finally:
        first.remove()
