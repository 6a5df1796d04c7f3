"""`vext-desktop index`: bring files and folders into the index."""

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.cli.output import print_json, say
from vext_desktop.cli.session import Session, existing_paths

if TYPE_CHECKING:
    from vext_desktop.cli.driving import DrivenRun
    from vext_desktop.engine import Engine
    from vext_desktop.events.services import SendingAsked

BROKEN_OFF = (
    "The last run did not come to its end: the program was ended in the middle of it, or the "
    "power failed. What was indexed by then is safe, and this run goes on from there."
)
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
    parser.add_argument(
        "--watch",
        action="store_true",
        help="then keep the index up to date with what changes there, until Ctrl-C",
    )
    add_sending_flag(parser)
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def add_sending_flag(parser: argparse.ArgumentParser) -> None:
    """The flag of every command that may send text to a service."""
    parser.add_argument(
        "--send-text",
        action="store_true",
        help="agree, from now on, that your text goes to the service that the settings choose",
    )


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
    from vext_desktop.cli.driving import DrivenRun, drive  # noqa: PLC0415
    from vext_desktop.cli.interrupts import InterruptWatch  # noqa: PLC0415
    from vext_desktop.cli.progress import RunDisplay  # noqa: PLC0415
    from vext_desktop.index.request import IndexRequest  # noqa: PLC0415

    with (
        InterruptWatch() as watch,
        session.open_engine(read_only=False, cancelled=watch.cancelled) as engine,
    ):
        if getattr(session.arguments, "send_text", False):  # the window has no such flag
            engine.sending.agree()

        if engine.was_broken_off:
            say(f"notice: {BROKEN_OFF}")
        _tell_cost(engine)

        def run_once(request: IndexRequest) -> DrivenRun:
            events = engine.index(request, watch.stopped)
            with contextlib.ExitStack() as shown:
                display = None
                if not session.wants_json:
                    display = shown.enter_context(RunDisplay(session.console(stderr=True)))
                return drive(events, watch, display)

        request = IndexRequest(paths, retry, read_anyway)
        driven = run_once(request)
        if driven.asked is not None and may_send(driven.asked, session):
            engine.sending.agree()
            driven = run_once(request)
        _print_summary(session, driven)
        if getattr(session.arguments, "watch", False) and driven.exit_code == 0:
            from vext_desktop.cli.watching import keep_watching  # noqa: PLC0415 - see above

            for found in keep_watching(engine, watch.stopped, tell=say):
                driven = run_once(IndexRequest.update(found))
                _print_summary(session, driven)
    return driven.exit_code


def _print_summary(session: Session, driven: "DrivenRun") -> None:
    from vext_desktop.cli.summaries import print_index_summary  # noqa: PLC0415 - see index_paths

    if session.wants_json:
        print_json(driven.finished.summary)
    else:
        print_index_summary(session.console(), driven.finished)


def _tell_cost(engine: "Engine") -> None:
    """Say what a change of model or chunking will take, before anything of it begins."""
    from vext_desktop.errors import VextError  # noqa: PLC0415 - see index_paths

    try:
        cost = engine.describe_rebuild(engine.settings)
    except VextError:
        return  # the run itself says what is wrong with the model
    if cost is not None:
        say(f"notice: {cost.sentence}")


def may_send(asked: "SendingAsked", session: Session) -> bool:
    """Ask the person at the terminal; where there is none, the answer is no."""
    if session.wants_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    say(asked.message)
    say("Is that all right, now and from now on? [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
