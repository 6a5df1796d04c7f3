"""`vext-desktop tidy`: give back the disk that the index no longer needs."""

import argparse

from vext_desktop.cli.output import print_json, say
from vext_desktop.cli.session import Session

HELP = "give back the disk that the index no longer needs, and make searches quick again"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument("--json", action="store_true", help="print the receipt as JSON")


def run(session: Session) -> int:
    """Say what it gives back, do it, and say what it gave back."""
    with session.open_engine(read_only=False) as engine:
        before = engine.disk_use()
        if not session.wants_json:
            say(before.promise)
        for receipt in engine.tidy_up():
            if receipt is None:
                continue
            if session.wants_json:
                print_json(
                    {
                        "promised_bytes": before.reclaimable_bytes,
                        "freed_bytes": receipt.freed_bytes,
                        "size_bytes": receipt.after.size_bytes,
                        "seconds": round(receipt.seconds, 3),
                    }
                )
            else:
                print(receipt.sentence)
    return 0
