"""`vext-desktop extract`: what the readers see in a document, without indexing it."""

import argparse
from typing import TYPE_CHECKING

from vext_desktop.cli.output import counted, print_json, shown
from vext_desktop.cli.session import Session, existing_paths

if TYPE_CHECKING:
    from rich.console import Console

    from vext_desktop.index.answers import ExtractedDocument

HELP = "show the text that is read from files, without indexing them"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders")
    parser.add_argument("--json", action="store_true", help="print one JSON line for each file")


def run(session: Session) -> int:
    """Read each file through the reader process; 0 also when one cannot be read."""
    paths = existing_paths(session.arguments.paths)
    with session.open_engine(read_only=True) as engine:
        for document in engine.extract(paths):
            if session.wants_json:
                print_json(_as_json(document))
            else:
                _print_document(session.console(), document)
    return 0


def _as_json(document: "ExtractedDocument") -> dict[str, object]:
    return {
        "path": str(document.path),
        "outcome": str(document.outcome),
        "reason": document.reason,
        "sections": [
            {"page": section.page, "heading": section.heading, "text": section.text}
            for section in document.sections
        ],
        "chunks": document.chunks,
    }


def _print_document(console: "Console", document: "ExtractedDocument") -> None:
    from rich.text import Text  # noqa: PLC0415 - heavy, and not needed for JSON

    what = document.reason or counted(document.chunks, "chunk")
    console.print(Text(f"== {shown(str(document.path))}: {document.outcome.words}, {what}", "bold"))
    for section in document.sections:
        place = [f"page {section.page}"] if section.page is not None else []
        place += [shown(section.heading)] if section.heading else []
        if place:
            console.print(Text(f"-- {', '.join(place)}", "dim"))
        for line in section.text.splitlines():
            console.print(Text(shown(line)))
