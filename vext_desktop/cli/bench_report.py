"""What the bench found: as JSON values, and as a table for people."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vext_desktop.cli.bench_race import PLAIN, Turns
from vext_desktop.cli.summaries import bare_table
from vext_desktop.embedding.plain_encode import PLAIN_BATCH_SIZE
from vext_desktop.readings import format_bytes

if TYPE_CHECKING:
    from rich.console import Console

# What the program's ancestor did after each 8 texts, whatever the memory was like, in seconds.
FIXED_BATCH_SIZE = 8
FIXED_DELAYS_S = (0.3, 0.8)


@dataclass(frozen=True, slots=True)
class BenchResult:
    """A whole bench.

    Attributes:
        chunks: Texts in a round.
        rounds: Rounds for each batch size.
        threads: Processor threads of each side; 0 for its own choice.
        matrix_peak_gflops: What products of float32 matrices reach here, in 10^9 operations per
            second.
        gflop_per_chunk: What a chunk needs, in 10^9 operations; None where that is not known.
        engines: What each side really was.
        turns: For each batch size how each side did.
    """

    chunks: int
    rounds: int
    threads: int
    matrix_peak_gflops: float
    gflop_per_chunk: float | None
    engines: dict[str, str]
    turns: dict[int, dict[str, Turns]]

    def rows(self) -> list[dict[str, Any]]:
        """One row for each engine and batch size, with plain of the same turns beside it."""
        return [
            {
                "engine": self.engines[side],
                "batch_size": size,
                "cpu_ms_per_chunk": round(turn.cpu_ms_per_chunk, 2),
                "plain_cpu_ms_per_chunk": round(turns[PLAIN].cpu_ms_per_chunk, 2),
                "ratio": round(turns[PLAIN].cpu_ms_per_chunk / turn.cpu_ms_per_chunk, 3),
                "share_of_peak": self._share_of_peak(turn),
                "chunks_per_second": round(turn.chunks_per_second, 2),
                "peak_rss_bytes": turn.peak_rss_bytes,
                "fixed_delays": delay_cost(turn),
            }
            for side in self.engines
            for size, turns in self.turns.items()
            for turn in [turns[side]]
        ]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "chunks": self.chunks,
            "rounds": self.rounds,
            "threads": self.threads,
            "matrix_peak_gflops": round(self.matrix_peak_gflops, 1),
            "gflop_per_chunk": self.gflop_per_chunk and round(self.gflop_per_chunk, 2),
            "rows": self.rows(),
        }

    def _share_of_peak(self, turn: Turns) -> float | None:
        if self.gflop_per_chunk is None:
            return None
        reached_gflops = self.gflop_per_chunk / (turn.cpu_ms_per_chunk / 1000)
        return round(reached_gflops / self.matrix_peak_gflops, 3)


def delay_cost(turn: Turns) -> dict[str, float]:
    """What sleeping after each 8 texts would make of a rate, with the ancestor's delays.

    Returns:
        "chunks_per_second_at_best" and "..._at_worst" with the shortest and the longest delay,
        and "share_asleep", the middle of the two.
    """
    work_s = FIXED_BATCH_SIZE / turn.chunks_per_second
    best, worst = (FIXED_BATCH_SIZE / (work_s + delay) for delay in FIXED_DELAYS_S)
    asleep = [delay / (work_s + delay) for delay in FIXED_DELAYS_S]
    return {
        "chunks_per_second_at_best": round(best, 2),
        "chunks_per_second_at_worst": round(worst, 2),
        "share_asleep": round(sum(asleep) / len(asleep), 3),
    }


def print_result(console: "Console", result: BenchResult) -> None:
    """The table, and beneath it what its columns mean."""
    table = bare_table(
        "Engine", "Batch", "ms/chunk", "Ratio", "Of peak", "Chunks/s", "Memory", "Delayed"
    )
    rows = result.rows()
    plain = sorted((row for row in rows if row["engine"] == PLAIN), key=_cost)
    for row in [plain[len(plain) // 2], *(row for row in rows if row["engine"] != PLAIN)]:
        share, delayed = row["share_of_peak"], row["fixed_delays"]
        table.add_row(
            row["engine"],
            str(PLAIN_BATCH_SIZE if row["engine"] == PLAIN else row["batch_size"]),
            f"{row['cpu_ms_per_chunk']:.1f}",
            f"{row['ratio']:.2f}",
            "" if share is None else f"{share:.0%}",
            f"{row['chunks_per_second']:.1f}",
            format_bytes(row["peak_rss_bytes"]),
            f"{delayed['chunks_per_second_at_worst']:.1f}-"
            f"{delayed['chunks_per_second_at_best']:.1f}",
        )
    console.print(table)
    console.print(_explanation(result))


def _cost(row: dict[str, Any]) -> float:
    cost: float = row["cpu_ms_per_chunk"]
    return cost


def _explanation(result: BenchResult) -> str:
    threads = f"{result.threads} thread{'s' * (result.threads != 1)}" if result.threads else "all"
    lines = [
        "ms/chunk: processor time. Memory: the most that the model's process held.",
        f"{result.chunks} chunks a round, {result.rounds} rounds, threads: {threads}.",
        f"plain: SentenceTransformer.encode in batches of {PLAIN_BATCH_SIZE}, its median turn.",
        "Ratio: processor time of plain in the same turns over the engine's.",
    ]
    if result.gflop_per_chunk is not None:
        lines.append(
            f"Of peak: a chunk needs {result.gflop_per_chunk:.1f} GFLOP, and float32 matrix "
            f"products reach {result.matrix_peak_gflops:.0f} GFLOP/s here on one thread; "
            "8 bits may reach more than that."
        )
    shortest, longest = (round(1000 * delay) for delay in FIXED_DELAYS_S)
    lines.append(
        f"Delayed: chunks/s with fixed pauses of {longest} to {shortest} ms after each "
        f"{FIXED_BATCH_SIZE} chunks, needed or not."
    )
    return "\n".join(lines)
