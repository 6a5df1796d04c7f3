"""`vext-desktop backup FILE`: the index as one file, also while a window or a run is at work."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.cli.output import print_json, say, shown
from vext_desktop.cli.session import Session
from vext_desktop.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vext_desktop.assembly.backups import BackupProgress

HELP = "write the index into one file, for safety or for another computer"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument("file", metavar="FILE", help="where to, such as index.vextbackup")
    parser.add_argument(
        "--replace", action="store_true", help="replace a file of that name that is there already"
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(session: Session) -> int:
    """Say how large it gets, and write it; 0 when it is complete."""
    from vext_desktop.assembly.backups import Backups  # noqa: PLC0415 - not for a help text
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - the same

    target = Path(session.arguments.file).expanduser().absolute()
    if target.exists() and not session.arguments.replace:
        raise StoreError(f"{target} is there already.", "Choose another name, or add --replace.")
    backups = Backups(session.paths)
    plan = backups.plan()
    say(plan.sentence)
    show_progress(session, backups.write(target, replaces=session.arguments.replace))
    size_bytes = target.stat().st_size
    if session.wants_json:
        answer = {"path": str(target), "size_bytes": size_bytes, "roots": list(plan.roots)}
        print_json({**answer, "files": plan.files, "passages": plan.passages})
    else:
        print(shown(f"Written to {target}: {format_bytes(size_bytes)}."))
    return 0


def show_progress(session: Session, steps: "Iterable[BackupProgress]") -> None:
    """Take all steps of a backup or a restoration, with a bar for a person who looks on."""
    from rich.progress import Progress  # noqa: PLC0415 - heavy

    console = session.console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        for step in steps:
            progress.update(task, completed=step.done_bytes, total=step.total_bytes)
