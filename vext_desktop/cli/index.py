"""`vext-desktop index`: bring files and folders into the index."""

import argparse
import contextlib
from pathlib import Path

from vext_desktop.cli.output import print_json
from vext_desktop.cli.session import Session, existing_paths

HELP = "index files and folders, or all known ones again"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (none: all known ones again)"
    )
    parser.add_argument(
        "--retry",
        action="append",
        default=[],
        metavar="PATH",
        help="try again what was set aside there, also what is in quarantine",
    )
    parser.add_argument(
        "--read-anyway",
        action="append",
        default=[],
        metavar="PATH",
        help="read this file once, whatever memory that may take",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(session: Session) -> int:
    """Index, show how it goes, print the summary; 0 also when single files were set aside."""
    arguments = session.arguments
    return index_paths(
        session,
        existing_paths(arguments.paths),
        retry=existing_paths(arguments.retry),
        read_anyway=existing_paths(arguments.read_anyway),
    )


def index_paths(
    session: Session,
    paths: tuple[Path, ...],
    *,
    retry: tuple[Path, ...] = (),
    read_anyway: tuple[Path, ...] = (),
) -> int:
    """Index these paths; also what the window's stand-in does where there is no display."""
    # Here, so that the help text need not wait for them.
    from vext_desktop.cli.driving import drive  # noqa: PLC0415
    from vext_desktop.cli.interrupts import InterruptWatch  # noqa: PLC0415
    from vext_desktop.cli.progress import RunDisplay  # noqa: PLC0415
    from vext_desktop.cli.summaries import print_index_summary  # noqa: PLC0415
    from vext_desktop.index.request import IndexRequest  # noqa: PLC0415

    with (
        InterruptWatch() as watch,
        session.open_engine(read_only=False, cancelled=watch.cancelled) as engine,
    ):
        request = IndexRequest(paths, retry, read_anyway)
        events = engine.index(request, watch.stopped)
        with contextlib.ExitStack() as shown:
            display = None
            if not session.wants_json:
                display = shown.enter_context(RunDisplay(session.console(stderr=True)))
            driven = drive(events, watch, display)
    if session.wants_json:
        print_json(driven.finished.summary)
    else:
        print_index_summary(session.console(), driven.finished)
    return driven.exit_code
