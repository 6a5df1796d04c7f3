"""`vext-desktop memory-test`: does memory stay level while texts are embedded?"""

import argparse
import contextlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vext_desktop.cli.output import print_json, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import UsageError
from vext_desktop.readings import ProcessRole

if TYPE_CHECKING:
    from rich.console import Console

    from vext_desktop.engine import Engine
    from vext_desktop.memory.allocation_trace import AllocationTrace

HELP = "embed practice text and report what became of the memory"
USUAL_BATCHES = 120  # a verdict takes 110: see `vext_desktop.memory.growth`
TRACED = ("engine", "window")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "--batches",
        type=int,
        default=USUAL_BATCHES,
        metavar="N",
        help=f"how many (default {USUAL_BATCHES}: enough for a verdict)",
    )
    parser.add_argument(
        "--trace",
        nargs="?",
        const="engine",
        choices=TRACED,
        help="record which lines allocate in this process (engine if none is named); Python work "
        "gets several times slower, and the figures contain the recording's own memory",
    )
    parser.add_argument(
        "--trace-frames", type=int, default=1, metavar="N", help="frames kept of each (default 1)"
    )
    parser.add_argument(
        "--trace-native", action="store_true", help="record native allocations too, with memray"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(session: Session) -> int:
    """Run the test, print its report; 0 when it came to its end, whatever the verdict."""
    if session.arguments.batches < 1:
        raise UsageError("--batches must be at least 1.")
    traced = session.arguments.trace

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
            if traced:
                _start_trace(engine, session.arguments)
            driven = drive(events, watch, display)
        trace = _stop_trace(engine, ProcessRole(traced)) if traced else None
    if session.wants_json:
        recorded = {"trace": trace.to_json() if trace else None} if traced else {}
        print_json({**driven.finished.summary, **recorded})
    else:
        _print_report(session.console(), driven.finished.summary)
        if trace is not None:
            _print_trace(session.console(), trace)
    return driven.exit_code


def _start_trace(engine: "Engine", arguments: argparse.Namespace) -> None:
    engine.start_trace(
        ProcessRole(arguments.trace), arguments.trace_frames, native=arguments.trace_native
    )


def _stop_trace(engine: "Engine", role: ProcessRole) -> "AllocationTrace | None":
    """What was recorded; None, said on standard error, when it is lost with its process."""
    try:
        return engine.stop_trace(role)
    except UsageError as error:
        print(f"notice: {error.message}", file=sys.stderr)
        return None


def _print_report(console: "Console", report: Mapping[str, Any]) -> None:
    """Before, after, after clean-up, and the verdict."""
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - the same
    from vext_desktop.index.report_rows import (  # noqa: PLC0415 - the same
        LEVEL_COLUMNS,
        SLOPE_COLUMNS,
        Rows,
        band_rows,
        level_rows,
        slope_rows,
    )

    tables: list[tuple[tuple[str, ...], Rows]] = [(LEVEL_COLUMNS, level_rows(report))]
    if owners := band_rows(report):
        tables.append((("Owner", *LEVEL_COLUMNS[1:]), owners))
    tables.append((SLOPE_COLUMNS, slope_rows(report)))
    for columns, rows in tables:
        table = bare_table(*columns)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()
    for receipt in report["receipts"]:
        console.print(Text(shown(str(receipt["sentence"]))))
    if report.get("milliseconds_per_batch") is not None:
        console.print(Text(f"{report['milliseconds_per_batch']:.0f} ms for each batch."))
    verdict = report.get("verdict") or {}
    if verdict.get("message"):
        console.print(Text(shown(str(verdict["message"]))))


def _print_trace(console: "Console", trace: "AllocationTrace") -> None:
    """The lines of code that hold most of what was allocated meanwhile."""
    from rich.text import Text  # noqa: PLC0415 - see above

    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - the same
    from vext_desktop.index.report_rows import (  # noqa: PLC0415 - the same
        TRACE_COLUMNS,
        describe_trace,
        trace_rows,
    )

    table = bare_table(*TRACE_COLUMNS)
    for where, *counts in trace_rows(trace, with_callers=True):
        table.add_row(Text("\n".join(map(shown, where.splitlines()))), *map(Text, counts))
    console.print(Text(f"\n{describe_trace(trace)}"), table, sep="\n")
