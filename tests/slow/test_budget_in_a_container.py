"""In a control group that kills the program without its budget, the budget brings it home."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[1] / "benchmarks" / "bench_budget.py"
FILES = 16


def lines_of_bench(isolation: str) -> tuple[str, str]:
    """What came of it without and with the budget; a model leaks 8 MB in each batch."""
    command = [sys.executable, str(BENCH), "--limits", "400", "--isolation", isolation]
    command += ["--engine", "stand-in", "--leak-mb", "8", "--files", str(FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    lines = done.stdout.splitlines()
    if len(lines) < 3:
        pytest.skip(done.stdout.strip())
    return lines[1], lines[2]


def test_the_model_in_the_program_itself_kills_it_only_without_the_budget() -> None:
    off, on = lines_of_bench("thread")
    assert "DIED (exit -9)" in off
    assert f"{FILES} files indexed, 0 set aside" in on
    assert "killed by the kernel: 0" in on


def test_a_model_that_the_kernel_kills_costs_no_file_and_with_the_budget_it_is_not_killed() -> None:
    off, on = lines_of_bench("process")
    assert "ChildDied" in off
    assert f"{FILES} files indexed, 0 set aside" in off
    assert f"{FILES} files indexed, 0 set aside" in on
    assert "killed by the kernel: 0" in on
