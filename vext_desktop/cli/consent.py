"""`vext-desktop consent`: to which services your text may go, and how to take that back."""

import argparse
import datetime as dt

from vext_desktop.cli.output import print_json, shown
from vext_desktop.cli.session import Session

HELP = "list to which services your text may go, or take that back"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "--take-back", action="store_true", help="from now on no text goes to any of them"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(session: Session) -> int:
    """List what was agreed to; with --take-back, forget it first."""
    from dataclasses import asdict  # noqa: PLC0415 - `--help` need not wait for these

    from vext_desktop.embedding.service_consent import Consents  # noqa: PLC0415

    consents = Consents(session.paths.consents)
    if session.arguments.take_back:
        consents.take_back()
    given = consents.all()
    if session.wants_json:
        print_json([asdict(consent) for consent in given])
        return 0
    console = session.console()
    if not given:
        console.print("Your text may go to no service.")
    for consent in given:
        day = dt.datetime.fromtimestamp(consent.given_at).astimezone().date().isoformat()
        console.print(shown(f"{consent.url}, model {consent.model}, since {day}"))
    return 0
