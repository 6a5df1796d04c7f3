"""`vext-desktop bench`: our engine beside plain sentence-transformers, in the same run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vext_desktop.cli.output import print_json, say
from vext_desktop.cli.session import Session, existing_paths
from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

HELP = "measure speed and memory of the engine against plain sentence-transformers"
BATCH_SIZES = (2, 4, 8, 16, 32)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what only this command takes."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="documents to embed (none: the shipped samples)"
    )
    parser.add_argument(
        "--chunks", type=int, default=32, metavar="N", help="texts in each round (default 32)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="rounds for each size (default 3)"
    )
    parser.add_argument(
        "--sizes", default="", metavar="N,N", help="batch sizes (default 2,4,8,16,32)"
    )
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    # How the bench starts its own child processes; of no use to people.
    parser.add_argument("--side", choices=("ours", "plain"), help=argparse.SUPPRESS)


def run(session: Session) -> int:
    """Measure each batch size on both sides, in turns, and print the table."""
    arguments = session.arguments
    sizes = _batch_sizes(arguments.sizes)
    if arguments.chunks < 1 or arguments.rounds < 1:
        raise UsageError("--chunks and --rounds must be at least 1.")
    if arguments.side:
        from vext_desktop.cli.bench_side import serve_side  # noqa: PLC0415 - heavy

        return serve_side(arguments.side, session, sizes[0])

    # Here, so that the help text need not wait for it.
    from vext_desktop.cli.bench_duel import BenchDuel, bench_texts  # noqa: PLC0415

    texts = bench_texts(session, _documents(arguments.paths), arguments.chunks)
    rows: list[dict[str, Any]] = []
    for size in sizes:
        say(f"Batches of {size}: {arguments.rounds} rounds of {len(texts)} chunks on each side ...")
        with BenchDuel(session, size, texts) as duel:
            rows.append(duel.measure(arguments.rounds))
    engine = session.loaded.settings.engine
    report = {"chunks": len(texts), "rounds": arguments.rounds, "engine": engine, "sizes": rows}
    if session.wants_json:
        print_json(report)
    else:
        _print_report(session.console(), engine, rows)
    return 0


def _batch_sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",")) if text else BATCH_SIZES
    except ValueError as error:
        raise UsageError("--sizes must be numbers with commas between them.") from error
    if min(sizes) < 1:
        raise UsageError("--sizes must be at least 1.")
    return sizes


def _documents(words: list[str]) -> tuple[Path, ...]:
    if words:
        return existing_paths(words)
    import importlib.resources  # noqa: PLC0415 - only needed here

    return (Path(str(importlib.resources.files("vext_desktop.resources") / "samples")),)


def _print_report(console: "Console", engine: str, rows: list[dict[str, Any]]) -> None:
    from vext_desktop.cli.summaries import bare_table  # noqa: PLC0415 - heavy
    from vext_desktop.readings import format_bytes  # noqa: PLC0415 - the same

    table = bare_table("Batch", f"{engine} chunks/s", "plain", "Ratio", "Peak memory", "plain")
    for row in rows:
        ours, plain = row["ours"], row["plain"]
        table.add_row(
            str(row["batch_size"]),
            f"{ours['chunks_per_second']:.1f}",
            f"{plain['chunks_per_second']:.1f}",
            f"{row['ratio']:.2f}",
            format_bytes(ours["peak_rss_bytes"]),
            format_bytes(plain["peak_rss_bytes"]),
        )
    console.print(table)
