"""Kills while the program does other things than a first run: watching, rebuilding, upgrading.

Every moment is drawn from a seed; `KILLS` in the environment chooses another number of rounds.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from kill_corpus import write_corpus
from kill_stage import (
    SETTINGS,
    IndexContent,
    Program,
    finds_all,
    read_content,
    resume,
    wait_until,
)

from vext_desktop.events import RunEnd
from vext_desktop.index.ledger_schema import UPGRADES, LedgerFile
from vext_desktop.settings.sources import change_settings_file

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("expected_warnings")]

ROUNDS = int(os.environ.get("KILLS", "6"))
FILES = 16
OTHER = SETTINGS.model_copy(update={"chunk_size": 200, "chunk_overlap": 20})
OTHER_FLAGS = ("--set", "rows_per_write=8", "--set", "chunk_size=200", "--set", "chunk_overlap=20")


def assert_same(content: IndexContent, expected: IndexContent, moment: str) -> None:
    assert content.states == expected.states, f"{moment}: {content.reasons}"
    assert content.ranges == expected.ranges, moment
    assert (content.orphans, content.leftovers) == (0, 0), moment


def change(documents: Path, chance: random.Random) -> None:
    """Someone works in the folder: a file is changed, one is new, one goes, one is moved."""
    files = sorted(path for path in documents.rglob("*") if path.suffix in {".txt", ".md", ".csv"})
    changed, gone, moved = chance.sample(files, 3)
    changed.write_text(f"{changed.read_text()}\nquokka99 has come to stay.\n", encoding="utf-8")
    gone.unlink()
    moved.rename(moved.with_name(f"moved {moved.name}"))
    (documents / "new.txt").write_text("A new letter about the ferry.", encoding="utf-8")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_kill_while_folders_are_watched_loses_and_doubles_nothing(
    number: int, tmp_path: Path
) -> None:
    chance = random.Random(f"watch {number}")
    documents = write_corpus(tmp_path / "documents", FILES)
    data_dir = tmp_path / "data"
    program = Program(data_dir, ["index", "--watch", str(documents)], tmp_path)
    assert wait_until(program, lambda: "Watching the folders" in program.output), program.output
    time.sleep(0.5)
    change(documents, chance)
    delay_s = chance.uniform(0, 6)
    time.sleep(delay_s)
    assert program.kill(chance.choice(["program", "all"]))
    assert resume(data_dir, documents) is RunEnd.FINISHED
    assert resume(tmp_path / "fresh", documents) is RunEnd.FINISHED
    assert_same(read_content(data_dir), read_content(tmp_path / "fresh"), f"{delay_s:.2f} s")


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents, their index, and an index of other passages of them."""
    home = tmp_path_factory.mktemp("indexed")
    documents = write_corpus(home / "documents", FILES)
    for name, settings in (("data", SETTINGS), ("other", OTHER)):
        assert resume(home / name, documents, settings) is RunEnd.FINISHED
    return home


@pytest.fixture(scope="module")
def rebuild_s(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long the program takes for a rebuild that nothing disturbs."""
    home = tmp_path_factory.mktemp("rebuild")
    shutil.copytree(indexed / "data", home / "data", symlinks=True)
    began = time.monotonic()
    program = Program(home / "data", ["index"], home, OTHER_FLAGS)
    assert program.wait() == 0, program.output
    return time.monotonic() - began


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_kill_while_the_index_is_rebuilt_leaves_one_that_serves(
    number: int, indexed: Path, rebuild_s: float, tmp_path: Path
) -> None:
    chance = random.Random(f"rebuild {number}")
    data_dir = tmp_path / "data"
    shutil.copytree(indexed / "data", data_dir, symlinks=True)
    program = Program(data_dir, ["index"], tmp_path, OTHER_FLAGS)
    delay_s = chance.uniform(0.3, 1.0) * rebuild_s
    time.sleep(delay_s)
    program.kill(chance.choice(["program", "all"]))
    assert finds_all(data_dir, range(0, FILES, 5)), f"{delay_s:.2f} s: {program.output}"
    assert resume(data_dir, indexed / "documents", OTHER) is RunEnd.FINISHED
    expected = read_content(indexed / "other")
    assert_same(read_content(data_dir), expected, f"{delay_s:.2f} s")


def kill_script(script: str, words: list[str], delay_s: float) -> None:
    """Run a script, and kill it so long after it has printed its first line."""
    with subprocess.Popen(
        [sys.executable, "-c", script, *words], stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(delay_s)
        program.send_signal(signal.SIGKILL)


SAVING = """
import itertools, sys
from pathlib import Path
from vext_desktop.settings.sources import change_settings_file
print("ready", flush=True)
for number in itertools.count():
    change_settings_file(Path(sys.argv[1]), {"chunk_size": 500 + number % 400})
"""


def test_a_kill_while_settings_are_saved_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    chance, file = random.Random("settings"), tmp_path / "settings.json"
    change_settings_file(file, {"max_pages": 77})
    for _ in range(2 * ROUNDS):
        kill_script(SAVING, [str(file)], chance.uniform(0, 0.05))
        saved = json.loads(file.read_text(encoding="utf-8"))
        assert saved["max_pages"] == 77
        assert 500 <= saved.get("chunk_size", 500) < 900


UPGRADING = """
import sys
from pathlib import Path
from vext_desktop.index.ledger_schema import LedgerFile
print("ready", flush=True)
LedgerFile(Path(sys.argv[1])).close()
"""
ROWS = 50_000


def write_old_ledger(path: Path) -> None:
    """A ledger of the first version, with so many files that an upgrade takes a while."""
    file = LedgerFile(path, upgrades=UPGRADES[:1])
    with file.transaction() as connection:
        connection.executemany(
            "INSERT INTO files (path, suffix, size_bytes, mtime_ns, state, seen_run)"
            " VALUES (?, '.txt', 1, 1, 'indexed', 1)",
            [(f"/docs/{number}".encode(),) for number in range(ROWS)],
        )
    file.close()


def test_a_kill_while_the_ledger_is_upgraded_leaves_all_of_it(tmp_path: Path) -> None:
    chance = random.Random("upgrade")
    write_old_ledger(tmp_path / "old.sqlite")
    for number in range(2 * ROUNDS):
        path = tmp_path / f"{number}.sqlite"
        shutil.copy(tmp_path / "old.sqlite", path)
        kill_script(UPGRADING, [str(path)], chance.uniform(0, 0.1))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file = LedgerFile(path)
        assert file.rows("PRAGMA user_version") == [(len(UPGRADES),)]
        assert file.rows("SELECT count(*) FROM records") == [(ROWS,)]
        file.close()
