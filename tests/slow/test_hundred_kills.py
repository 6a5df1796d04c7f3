"""A hundred kills at random moments of a run: afterwards the index is that of an undisturbed one.

The moments are drawn from a seed, and told by how far the program is, so that a busy machine
changes none of them much. `KILLS` in the environment chooses another number of rounds.
"""

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from kill_corpus import write_corpus
from kill_stage import (
    IndexContent,
    Program,
    choose,
    finds_all,
    lend_prepared,
    read_content,
    resume,
    wait_until,
)

from vext_desktop.cli.index import BROKEN_OFF
from vext_desktop.events import RunEnd
from vext_desktop.paths import Paths

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("expected_warnings")]

ROUNDS = int(os.environ.get("KILLS", "100"))
FILES = 60
SEED = 20
# Of a hundred kills, about so many of each.
TARGETS = {"program": 35, "all": 25, "engine": 22, "reader": 18}
PHASES = {"beginning": 25, "middle": 50, "end": 25}
# Each so-manieth interrupted run is taken up by the program again, the others in this process.
RESUMED_BY_PROGRAM = 10
# In each so-manieth round the model has not been prepared yet.
UNPREPARED = 12


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A run that nothing happened to.

    Attributes:
        content: What the index holds afterwards.
        data_dir: Where.
        documents: What was indexed.
        start_s: How long it took until the first file was in hand.
        end_s: How long the last part took, when all rows were written.
    """

    content: IndexContent
    data_dir: Path
    documents: Path
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Round:
    """One kill and what came of it."""

    number: int
    target: str
    moment: str
    came_to_it: bool
    message: str
    lost: int
    doubled: int
    orphans: int
    found: bool

    @property
    def is_well(self) -> bool:
        """Whether nothing is lost, doubled or left over."""
        return not (self.lost or self.doubled or self.orphans) and self.found

    def __str__(self) -> str:
        """A line of the table."""
        killed = self.target if self.came_to_it else f"({self.target})"
        return (
            f"{self.number:3} {killed:9} {self.moment:28} lost {self.lost} doubled {self.doubled} "
            f"orphans {self.orphans} {'found' if self.found else 'NOT FOUND'}  {self.message}"
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kills")


@pytest.fixture(scope="module")
def undisturbed(home: Path) -> Undisturbed:
    documents = write_corpus(home / "documents", FILES)
    data_dir = home / "undisturbed"
    program = Program(data_dir, ["index", str(documents)], home)
    began = time.monotonic()
    assert wait_until(program, lambda: count_files_begun(data_dir) > 0), program.output
    start_s = time.monotonic() - began
    assert wait_until(program, lambda: is_everything_written(data_dir)), program.output
    written = time.monotonic()
    assert program.wait() == 0, program.output
    content = read_content(data_dir)
    assert content.states == {"indexed": FILES}
    assert content.doubled == content.orphans == 0
    return Undisturbed(content, data_dir, documents, start_s, time.monotonic() - written)


def count_files_begun(data_dir: Path) -> int:
    """How many files have been handed out, as far as the ledger file shows without opening it."""
    return _ledger_number(data_dir, "SELECT count(*) FROM files WHERE last_generation > 0")


def is_everything_written(data_dir: Path) -> bool:
    """Whether all files are done, and only tidying up is left."""
    done = _ledger_number(data_dir, "SELECT count(*) FROM files WHERE state = 'indexed'")
    return done == FILES


def count_runs(data_dir: Path) -> int:
    return _ledger_number(data_dir, "SELECT count(*) FROM runs")


def _ledger_number(data_dir: Path, sql: str) -> int:
    path = Paths(data_dir).ledger
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute(sql).fetchone()[0])
    except sqlite3.Error:
        return 0  # its tables are just being made


def wait_for_moment(
    program: Program, chance: random.Random, target: str, whole: Undisturbed
) -> tuple[str, bool]:
    """Wait for a random moment; returns it in words, and whether the program came to it."""
    data_dir, phase = program.data_dir, choose(chance, PHASES)
    if target in {"engine", "reader"}:
        wait_until(program, lambda: target in program.children())
        phase = "beginning" if phase == "beginning" else "middle"
    if phase == "beginning":
        span_s = 1.0 if target in {"engine", "reader"} else whole.start_s
        delay_s, words = chance.uniform(0, span_s), f"{target} started"
        came = True
    elif phase == "middle":
        files = chance.randint(1, FILES - 1)
        delay_s, words = chance.uniform(0, 0.1), f"{files} files begun"
        came = wait_until(program, lambda: count_files_begun(data_dir) >= files)
    else:
        delay_s, words = chance.uniform(0, 0.6 * whole.end_s), "all is written"
        came = wait_until(program, lambda: is_everything_written(data_dir))
    time.sleep(delay_s)
    return f"{words} + {delay_s:.3f} s", came


def last_word(output: str) -> str:
    """What the program said of an accident, or its last line."""
    lines = [line for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "ended" in line or "error:" in line or "set aside:" in line]
    words = told[0] if told else lines[-1] if lines else "(nothing was printed)"
    return words.strip()[:150]


def take_round(number: int, home: Path, whole: Undisturbed) -> Round:
    chance = random.Random(f"{SEED} {number}")
    data_dir = home / f"round {number}"
    if number % UNPREPARED:
        lend_prepared(Paths(whole.data_dir).prepared_models, data_dir)
    target = choose(chance, TARGETS)
    program = Program(data_dir, ["index", str(whole.documents)], home)
    moment, came = wait_for_moment(program, chance, target, whole)
    killed = program.kill(target) and came
    if target in {"engine", "reader"}:
        assert program.wait() == 0, program.output
    message = last_word(program.output)
    if number % RESUMED_BY_PROGRAM:
        assert resume(data_dir, whole.documents) is RunEnd.FINISHED
    else:
        again = Program(data_dir, ["index", str(whole.documents)], home)
        assert again.wait() == 0, again.output
        if target in {"program", "all"} and killed and count_runs(data_dir) > 1:
            assert BROKEN_OFF in again.output
        message = f"{message} | then: {again.output.splitlines()[0]}"
    content = read_content(data_dir)
    assert content.states == {"indexed": FILES}, f"{moment}: {content.states} {content.reasons}"
    assert content.leftovers == 0, f"{moment}: {content.leftovers} leftovers"
    return Round(
        number,
        target,
        moment,
        killed,
        message,
        content.lost_from(whole.content),
        content.doubled,
        content.orphans,
        finds_all(data_dir, chance.sample(range(FILES), 4)),
    )


@pytest.fixture(scope="module")
def rounds(home: Path) -> Iterator[list[Round]]:
    """The rounds so far; at the end they are printed, and kept beside the data folders."""
    taken: list[Round] = []
    yield taken
    table = "\n".join([*map(str, taken), "", *map(str, sum_up(taken))])
    (home / "table.txt").write_text(table + "\n", encoding="utf-8")
    print(f"\n{table}")


def sum_up(taken: list[Round]) -> Iterator[str]:
    for target in TARGETS:
        of_it = [one for one in taken if one.target == target]
        yield (
            f"{target:9} {len(of_it)} rounds, killed in {sum(one.came_to_it for one in of_it)}, "
            f"lost {sum(one.lost for one in of_it)}, doubled {sum(one.doubled for one in of_it)}, "
            f"orphans {sum(one.orphans for one in of_it)}"
        )


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_kill_at_a_random_moment_loses_and_doubles_nothing(
    number: int, home: Path, undisturbed: Undisturbed, rounds: list[Round]
) -> None:
    rounds.append(take_round(number, home, undisturbed))
    print(rounds[-1])
    assert rounds[-1].is_well


def test_nearly_all_kills_met_a_program_at_work(rounds: list[Round]) -> None:
    assert sum(one.came_to_it for one in rounds) >= 0.8 * len(rounds)
