"""Results for the person at the terminal: tables and short sentences on standard output."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vext_desktop.cli.output import counted, shown
from vext_desktop.events import RunEnd, RunFinished
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_bytes, format_seconds

SET_ASIDE_SHOWN = 20


def print_index_summary(console: Console, finished: RunFinished) -> None:
    """Say what a run did, and what became of the files that it set aside."""
    summary: Mapping[str, Any] = finished.summary
    files = summary["files"]
    line = (
        f"{counted(files['indexed'], 'file')} indexed, {files['unchanged']} unchanged, "
        f"{files['removed']} removed, {files['set_aside']} set aside."
    )
    if finished.end is not RunEnd.FINISHED:
        line = f"Stopped; the next run goes on from here. So far: {line}"
    console.print(Text(line))
    console.print(
        Text(
            f"{counted(summary['chunks'], 'chunk')} in {format_seconds(summary['seconds'])} "
            f"({summary['chunks_per_second']:.1f} per second); "
            f"at most {format_bytes(summary['peak_rss_bytes'].get('total', 0))} of memory."
        )
    )
    verdict = summary.get("verdict") or {}
    if verdict.get("message"):
        console.print(Text(shown(str(verdict["message"]))))
    _print_set_aside(console, summary["set_aside"])


def _print_set_aside(console: Console, set_aside: list[Mapping[str, str]]) -> None:
    if not set_aside:
        return
    kinds = Counter(entry["kind"] for entry in set_aside)
    console.print(Text("\nSet aside:"))
    for kind, number in kinds.most_common():
        console.print(Text(f"  {number} x {Outcome(kind).sentence}"))
    table = bare_table("File", "Why")
    for entry in set_aside[:SET_ASIDE_SHOWN]:
        table.add_row(Text(shown(entry["path"])), Text(shown(entry["reason"])))
    console.print(table)
    if len(set_aside) > SET_ASIDE_SHOWN:
        more = len(set_aside) - SET_ASIDE_SHOWN
        console.print(Text(f"... and {more} more: vext-desktop status --files"))
    console.print(Text("\nTo try one of them again: vext-desktop index --retry PATH"))
    if Outcome.MEMORY_LIMIT in kinds:
        console.print(Text("Whatever memory it may take: vext-desktop index --read-anyway PATH"))


def bare_table(*columns: str) -> Table:
    """A table without lines, which can be copied and read aloud."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
