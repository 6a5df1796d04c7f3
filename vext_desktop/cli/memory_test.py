"""`vext-desktop memory-test`: does memory stay level while texts are embedded?"""

import argparse
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vext_desktop.cli.output import print_json, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

HELP = "embed practice text and report what became of the memory"
BANDS = ("rss", "heap", "native")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "--batches", type=int, default=100, metavar="N", help="how many (default 100)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(session: Session) -> int:
    """Run the test, print its report; 0 when it came to its end, whatever the verdict."""
    if session.arguments.batches < 1:
        raise UsageError("--batches must be at least 1.")

    # Here, so that the help text need not wait for them.
    from vext_desktop.cli.driving import drive  # noqa: PLC0415
    from vext_desktop.cli.interrupts import InterruptWatch  # noqa: PLC0415
    from vext_desktop.cli.progress import RunDisplay  # noqa: PLC0415

    with (
        InterruptWatch() as watch,
        session.open_engine(read_only=True, cancelled=watch.cancelled) as engine,
    ):
        events = engine.memory_test(session.arguments.batches, watch.stopped)
        with contextlib.ExitStack() as shown_run:
            display = None
            if not session.wants_json:
                display = shown_run.enter_context(RunDisplay(session.console(stderr=True), "batch"))
            driven = drive(events, watch, display)
    if session.wants_json:
        print_json(driven.finished.summary)
    else:
        _print_report(session.console(), driven.finished.summary)
    return driven.exit_code


def _print_report(console: "Console", report: Mapping[str, Any]) -> None:
    """Before, after, after clean-up, and the verdict."""
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - the same

    levels = bare_table("", "Before", "After", "After clean-up", "Change")
    for band in BANDS:
        moments = [report[moment].get(band) for moment in ("before", "after", "after_cleanup")]
        change = _megabytes(report["change"].get(band), "+.1f")
        levels.add_row(band, *(_megabytes(level) for level in moments), change)
    slopes = bare_table("", "Slope per 100 batches")
    for name, slope in (report.get("slope_mb_per_100_batches") or {}).items():
        words = name.replace(".", " ")
        slopes.add_row(words, "not yet known" if slope is None else f"{slope:+.2f} MB")
    console.print(levels, Text(""), slopes, Text(""), sep="\n", end="")
    for receipt in report["receipts"]:
        console.print(Text(shown(str(receipt["sentence"]))))
    if report.get("milliseconds_per_batch") is not None:
        console.print(Text(f"{report['milliseconds_per_batch']:.0f} ms for each batch."))
    verdict = report.get("verdict") or {}
    if verdict.get("message"):
        console.print(Text(shown(str(verdict["message"]))))


def _megabytes(count: int | None, form: str = ".1f") -> str:
    return "not known" if count is None else f"{count / 1e6:{form}} MB"
