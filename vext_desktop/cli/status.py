"""`vext-desktop status`: what is in the index, and what is not and why."""

import argparse
from typing import TYPE_CHECKING

from vext_desktop.cli.output import counted, print_json, say, shown
from vext_desktop.cli.rebuild import rebuild_as_json, rebuild_lines
from vext_desktop.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from vext_desktop.index.answers import IndexStatus
    from vext_desktop.index.records import FileRecord

HELP = "show what is in the index, and what is not and why"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "--files", action="store_true", help="list every file with its state and reason"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(session: Session) -> int:
    """Show the state of the index; nothing is changed."""
    with session.open_engine(read_only=True) as engine:
        status = engine.status()
        records = engine.files() if session.arguments.files else ()
        if session.wants_json:
            answer = status_as_json(status)
            if session.arguments.files:
                answer["files"] = [_file_as_json(record) for record in records]
            print_json(answer)
        else:
            if status.notice:
                say(f"notice: {status.notice}")
            console = session.console()
            _print_status(console, session, status)
            _print_files(console, records)
    return 0


def status_as_json(status: "IndexStatus") -> dict[str, object]:
    """The state of the index as plain JSON values; sizes in bytes."""
    return {
        "counts": {str(state): number for state, number in status.counts.items()},
        "rows": status.rows,
        "bytes_on_disk": status.bytes_on_disk,
        "fragments": status.fragments,
        "reclaimable_bytes": status.reclaimable_bytes,
        "model": status.model,
        "roots": [
            {
                "path": str(root.path),
                "files": root.files,
                "indexed": root.indexed,
                "set_aside": root.set_aside,
                "is_offline": root.is_offline,
            }
            for root in status.roots
        ],
        "notice": status.notice,
        "works_on": status.works_on,
        "rebuild": rebuild_as_json(status.rebuild),
        "disk": {
            part.name: {"bytes": part.size_bytes, "reclaimable_bytes": part.reclaimable_bytes}
            for part in status.disk.parts
        },
    }


def _file_as_json(record: "FileRecord") -> dict[str, object]:
    return {
        "path": record.path,
        "state": str(record.state),
        "reason": record.reason,
        "size_bytes": record.size_bytes,
        "chunks": record.chunks,
        "failures": record.failures,
        "is_quarantined": record.is_quarantined,
    }


def _print_status(console: "Console", session: Session, status: "IndexStatus") -> None:
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - the same
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - the same

    facts = bare_table("", "")
    facts.show_header = False
    facts.add_row("data folder", Text(shown(str(session.paths.data_dir))))
    facts.add_row("model", Text(shown(status.model)))
    if status.works_on:
        facts.add_row("last computed by", Text(shown(status.works_on)))
    for state, number in sorted(status.counts.items()):
        facts.add_row(state.words, counted(number, "file"))
    facts.add_row("chunks", str(status.rows))
    facts.add_row(
        "on disk", f"{format_bytes(status.bytes_on_disk)}, {counted(status.fragments, 'fragment')}"
    )
    facts.add_row("reclaimable", format_bytes(status.reclaimable_bytes))
    for part in status.disk.parts:
        if part.size_bytes:
            facts.add_row(f"  {part.words}", format_bytes(part.size_bytes))
    console.print(facts)
    if status.disk.is_worth_tidying:
        console.print(Text(f"{status.disk.promise} (vext-desktop tidy)"))
    for line in rebuild_lines(status.rebuild):
        console.print(Text(shown(line)))
    if not status.roots:
        console.print(Text("\nNo folder is indexed yet: vext-desktop index FOLDER"))
        return
    roots = bare_table("Folder", "Files", "Indexed", "Set aside")
    for root in status.roots:
        name = f"{shown(str(root.path))}{' (offline)' if root.is_offline else ''}"
        roots.add_row(Text(name), str(root.files), str(root.indexed), str(root.set_aside))
    console.print(Text(""), roots)


def _print_files(console: "Console", records: "Iterable[FileRecord]") -> None:
    """One line for each file, printed as it comes: there may be 100 000."""
    for record in records:
        reason = f"  {shown(record.reason)}" if record.reason else ""
        console.print(f"{record.state.words:<22} {shown(record.path)}{reason}")
