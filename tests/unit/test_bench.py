"""The bench: who takes part, how turns are taken, and what is made of their times."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from rich.console import Console

from vext_desktop.cli import bench
from vext_desktop.cli.bench_race import PLAIN, BenchRace, Turns
from vext_desktop.cli.bench_report import BenchResult, delay_cost, print_result
from vext_desktop.embedding.arithmetic import gflop_per_text, measure_matrix_peak
from vext_desktop.embedding.default_model import find_model
from vext_desktop.errors import UsageError, VextError

if TYPE_CHECKING:
    from vext_desktop.cli.session import Session

# Says what it was asked, and which number each turn had among all; "broken" ends at once.
SIDE = """
import json, sys
name = sys.argv[1]
print(json.dumps({"engine": "other" if name == "replaced" else name, **json.loads(input())}))
sys.stdout.flush()
turns = open(sys.argv[2], "a")
for line in sys.stdin:
    if name == "broken":
        break
    print(name, json.loads(line).get("batch_size"), file=turns, flush=True)
    print(json.dumps({"seconds": 2.0, "cpu_s": 1.0, "peak_rss_bytes": 7, "gflops": 90.0}))
    sys.stdout.flush()
"""


class StagedRace(BenchRace):
    """A race of programs that only say that they ran."""

    turns_file = ""

    def _launch(self, side: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", SIDE, side, self.turns_file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


Racers = Callable[..., StagedRace]


@pytest.fixture
def race_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Racers:
    monkeypatch.setattr(StagedRace, "turns_file", str(tmp_path / "turns"))
    session = cast("Session", None)  # only asked by the real `_launch`
    return lambda *sides: StagedRace(session, sides, 1, ["text"] * 4)


def test_sides_take_turns_in_alternating_order(race_of: Racers, tmp_path: Path) -> None:
    with race_of(PLAIN, "onnx") as race:
        turns = race.measure(2, 8)
    assert (tmp_path / "turns").read_text().splitlines() == [
        "plain 8",
        "onnx 8",
        "onnx 8",
        "plain 8",
    ]
    assert turns["onnx"] == Turns(250.0, 2.0, 7)


def test_an_engine_that_was_replaced_is_called_what_it_is(race_of: Racers) -> None:
    with race_of(PLAIN, "replaced") as race:
        assert race.engines == {PLAIN: PLAIN, "replaced": "other"}
        assert race.matrix_peak() == 90.0


def test_a_side_that_cannot_start_leaves_no_other_running(race_of: Racers) -> None:
    race = race_of(PLAIN, "nameless\0")
    with pytest.raises(ValueError, match="null"):
        race.__enter__()
    assert race._processes[PLAIN].returncode is not None


def test_a_side_that_ends_is_named(race_of: Racers) -> None:
    with pytest.raises(VextError, match="The broken side"), race_of(PLAIN, "broken") as race:
        race.measure(1, 8)


def result(gflop_per_chunk: float | None = 6.0) -> BenchResult:
    return BenchResult(
        chunks=32,
        rounds=3,
        threads=1,
        matrix_peak_gflops=100.0,
        gflop_per_chunk=gflop_per_chunk,
        engines={PLAIN: PLAIN, "onnx-int8": "onnx-int8"},
        turns={
            2: {PLAIN: Turns(120.0, 8.0, 800_000_000), "onnx-int8": Turns(50.0, 20.0, 90_000_000)},
            8: {PLAIN: Turns(100.0, 10.0, 800_000_000), "onnx-int8": Turns(40.0, 16.0, 91_000_000)},
        },
    )


def test_each_engine_is_compared_with_plain_of_the_same_turns() -> None:
    rows = result().rows()
    assert [(row["engine"], row["batch_size"], row["ratio"]) for row in rows] == [
        (PLAIN, 2, 1.0),
        (PLAIN, 8, 1.0),
        ("onnx-int8", 2, 2.4),
        ("onnx-int8", 8, 2.5),
    ]


def test_the_share_of_the_machines_peak_is_what_a_chunk_needs_over_what_it_took() -> None:
    shares = [row["share_of_peak"] for row in result().rows()]
    assert shares == [0.5, 0.6, 1.2, 1.5]
    assert {row["share_of_peak"] for row in result(None).rows()} == {None}


def test_fixed_delays_are_charged_once_for_each_eight_chunks() -> None:
    assert delay_cost(Turns(50.0, 16.0, 0)) == {
        "chunks_per_second_at_best": 10.0,
        "chunks_per_second_at_worst": 6.15,
        "share_asleep": 0.495,
    }


def test_the_table_fits_a_terminal_and_says_what_it_means() -> None:
    for found in (result(), result(None)):
        printed = io.StringIO()
        print_result(Console(file=printed, width=80), found)
        lines = printed.getvalue().splitlines()
        (fastest,) = [line for line in lines if "onnx-int8" in line and " 8 " in line]
        assert fastest.split() == [
            "onnx-int8", "8", "40.0", "2.50", *(["150%"] if found.gflop_per_chunk else []),
            "16.0", "91", "MB", "6.2-10.0",
        ]  # fmt: skip
        assert sum("plain " in line for line in lines) == 2  # one row, and what it is
    assert "300" in printed.getvalue()


def test_a_chunk_of_two_words_needs_what_its_four_tokens_need() -> None:
    tokens, width, inner = 4, 384, 1536
    products = 2 * tokens * (4 * width**2 + 2 * width * inner) + 4 * tokens**2 * width
    found = gflop_per_text(find_model("").folder, ["two words"])
    assert found == pytest.approx(6 * products / 1e9)


def test_a_long_chunk_counts_up_to_the_limit_of_the_model() -> None:
    folder = find_model("").folder
    assert gflop_per_text(folder, ["word " * 2000]) == gflop_per_text(folder, ["word " * 254])


def test_a_model_of_another_kind_has_no_known_need(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"d_model": 512}')
    assert gflop_per_text(tmp_path, ["text"]) is None


def test_the_peak_of_the_machine_is_a_rate_that_processors_have() -> None:
    assert 0.5 < measure_matrix_peak(1) < 10_000


@pytest.mark.parametrize("text", ["nope", "onnx,nope", "onnx,,torch"])
def test_an_unknown_engine_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="no engine"):
        bench._engines(text)


def test_engines_and_sizes_are_taken_once_and_sizes_in_order() -> None:
    assert bench._engines("torch,onnx,torch") == ("torch", "onnx")
    assert bench._engines("")[0] == "onnx-int8"
    assert bench._batch_sizes("16,2") == (2, 16)
