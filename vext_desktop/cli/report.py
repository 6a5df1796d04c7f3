"""`vext-desktop report`: what a run recorded, as a page, a table or JSON; or two runs compared."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.cli.output import print_json, say, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import UsageError, VextError

if TYPE_CHECKING:
    from vext_desktop.memory.run_record import RunHeading, RunTimeline

HELP = "report on a recorded run, or compare two (without RUN: list them)"
LATEST = "latest"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "run",
        nargs="?",
        metavar="RUN",
        help='number of a run, name of a record, its file, or "latest"',
    )
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="two runs, the second against the first"
    )
    parser.add_argument(
        "--format", choices=("html", "json", "csv"), default="html", help="default html"
    )
    parser.add_argument(
        "--redact", action="store_true", help="leave out paths, names and texts, for support"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to write it (default: standard output)"
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")


def run(session: Session) -> int:
    """Write the report; without a run, list what there is."""
    # Here, so that the help text need not wait for them.
    from vext_desktop.memory.report import (  # noqa: PLC0415
        ReportFormat,
        comparison_report,
        report_of,
    )

    arguments = session.arguments
    form = ReportFormat("json" if arguments.json else arguments.format)
    if arguments.compare and arguments.run:
        raise UsageError(
            "RUN and --compare exclude each other.", "Name both runs behind --compare."
        )
    if arguments.compare:
        first, second = (_load(session.paths.runs, word) for word in arguments.compare)
        text = comparison_report(first, second, form, is_redacted=arguments.redact)
    elif arguments.run:
        timeline = _load(session.paths.runs, arguments.run)
        text = report_of(timeline, form, is_redacted=arguments.redact)
    else:
        _list(session)
        return 0
    _write(text, arguments.output)
    return 0


def _load(folder: Path, word: str) -> "RunTimeline":
    from vext_desktop.memory.run_record_file import (  # noqa: PLC0415 - see run
        list_runs,
        load_run,
        record_path,
    )

    if word == LATEST:
        found = list_runs(folder)
        if not found:
            raise VextError("No run has been recorded yet.", "Index something first.")
        return load_run(found[0][1])
    if word.isdecimal():
        path = record_path(folder, f"run-{int(word):06d}")
    elif os.sep in word or word.endswith(".gz"):
        path = Path(word).expanduser()
    else:
        path = record_path(folder, word)
    return load_run(path)


def _list(session: Session) -> None:
    from vext_desktop.memory.run_record_file import list_runs  # noqa: PLC0415 - see run

    headings = [heading for heading, _ in list_runs(session.paths.runs)]
    if session.wants_json:
        print_json([_plain(heading) for heading in headings])
        return
    if not headings:
        say("No run has been recorded yet.")
        return
    _print_table(session, headings)


def _plain(heading: "RunHeading") -> object:
    from vext_desktop.memory.run_record_json import heading_to_json  # noqa: PLC0415 - see run

    return heading_to_json(heading)


def _print_table(session: Session, headings: "list[RunHeading]") -> None:
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - the same
    from vext_desktop.memory.report_html import started_at  # noqa: PLC0415 - see run
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - see run

    table = bare_table("Run", "Kind", "Started", "Ended", "Batches", "Peak", "Verdict")
    for heading in headings:
        table.add_row(
            str(heading.run_id or heading.record_id),
            heading.kind.label,
            started_at(heading),
            heading.end or "interrupted",
            str(heading.batches),
            format_bytes(heading.peak_rss_bytes.get("total", 0)),
            Text(shown(heading.message)),
        )
    session.console().print(table)


def _write(text: str, output: str | None) -> None:
    """To the file named, in one step; else to standard output."""
    if output is None:
        # Names may hold what the terminal's encoding lacks; a page says of itself that it is UTF-8.
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
        return
    from vext_desktop.memory.report import write_report  # noqa: PLC0415 - see run

    path = Path(output).expanduser()
    write_report(text, path)
    say(f"Written to {path}.")
