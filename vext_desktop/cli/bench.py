"""`vext-desktop bench`: our engines beside plain sentence-transformers, in the same run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vext_desktop.cli.output import print_json, say
from vext_desktop.cli.session import Session, existing_paths
from vext_desktop.errors import UsageError

if TYPE_CHECKING:
    from vext_desktop.cli.bench_report import BenchResult

HELP = "measure speed and memory of the engines against plain sentence-transformers"
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
    parser.add_argument(
        "--engines", default="", metavar="A,B", help="engines to compare (default: all local ones)"
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="processor threads of each (default 1, which compares best; 0: all)",
    )
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    # How the bench starts its own child processes; of no use to people.
    parser.add_argument("--side", help=argparse.SUPPRESS)


def run(session: Session) -> int:
    """Let all engines embed in turns, at each batch size, and print the table."""
    arguments = session.arguments
    if arguments.side:
        from vext_desktop.cli.bench_side import serve_side  # noqa: PLC0415 - heavy

        return serve_side(arguments.side, session)

    sizes, engines = _batch_sizes(arguments.sizes), _engines(arguments.engines)
    if arguments.chunks < 1 or arguments.rounds < 1 or arguments.threads < 0:
        raise UsageError("--chunks and --rounds must be at least 1, and --threads at least 0.")
    _check_torch()
    result = _race(session, sizes, engines)
    if session.wants_json:
        print_json(result.to_json())
    else:
        from vext_desktop.cli.bench_report import print_result  # noqa: PLC0415 - heavy

        print_result(session.console(), result)
    return 0


def _check_torch() -> None:
    """The measure of all others is plain sentence-transformers, on torch."""
    from vext_desktop.embedding.onnx_agreement import has_torch  # noqa: PLC0415 - heavy
    from vext_desktop.packaged import how_to_get_torch  # noqa: PLC0415 - only needed here

    if not has_torch():
        raise UsageError(
            "The bench compares the engines with plain sentence-transformers, which is not "
            "installed.",
            how_to_get_torch(),
        )


def _race(session: Session, sizes: tuple[int, ...], engines: tuple[str, ...]) -> "BenchResult":
    # Here, so that the help text need not wait for it.
    from vext_desktop.cli.bench_race import PLAIN, BenchRace, bench_texts  # noqa: PLC0415
    from vext_desktop.cli.bench_report import BenchResult  # noqa: PLC0415
    from vext_desktop.embedding.arithmetic import gflop_per_text  # noqa: PLC0415
    from vext_desktop.embedding.default_model import find_model  # noqa: PLC0415

    arguments = session.arguments
    texts = bench_texts(session, _documents(arguments.paths), arguments.chunks)
    say(f"Loading plain encode, {', '.join(engines)} ...")
    with BenchRace(session, (PLAIN, *engines), arguments.threads, texts) as race:
        turns, peaks = {}, [race.matrix_peak()]
        for size in sizes:
            say(f"Batches of {size}: {arguments.rounds} rounds of {len(texts)} chunks ...")
            turns[size] = race.measure(arguments.rounds, size)
            peaks.append(race.matrix_peak())
    return BenchResult(
        chunks=len(texts),
        rounds=arguments.rounds,
        threads=arguments.threads,
        matrix_peak_gflops=max(peaks),
        gflop_per_chunk=gflop_per_text(find_model(session.loaded.settings.model).folder, texts),
        engines=race.engines,
        turns=turns,
    )


def _engines(text: str) -> tuple[str, ...]:
    from vext_desktop.cli.installation import ENGINE_LIBRARIES  # noqa: PLC0415 - heavy

    chosen = tuple(text.split(",")) if text else tuple(ENGINE_LIBRARIES)
    if unknown := [name for name in chosen if name not in ENGINE_LIBRARIES]:
        known = ", ".join(ENGINE_LIBRARIES)
        raise UsageError(f'There is no engine "{unknown[0]}".', f"The engines are {known}.")
    return tuple(dict.fromkeys(chosen))


def _batch_sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",")) if text else BATCH_SIZES
    except ValueError as error:
        raise UsageError("--sizes must be numbers with commas between them.") from error
    if min(sizes) < 1:
        raise UsageError("--sizes must be at least 1.")
    return tuple(sorted(sizes))  # so that the peak of each is not that of a larger one


def _documents(words: list[str]) -> tuple[Path, ...]:
    if words:
        return existing_paths(words)
    import importlib.resources  # noqa: PLC0415 - only needed here

    return (Path(str(importlib.resources.files("vext_desktop.resources") / "samples")),)
