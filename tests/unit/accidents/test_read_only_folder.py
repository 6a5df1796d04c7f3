"""A data folder that may not be written to: it is said, and searching goes on."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disk_stage import read_only, small_disk

from vext_desktop.cli.main import main
from vext_desktop.engine import Engine
from vext_desktop.errors import DataFolderReadOnlyError, StoreError
from vext_desktop.index.ledger_schema import LedgerFile
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.logs import faults_logged, start_logging, stop_logging

ROOM = 600 << 20  # taken only as far as it is used

QUESTION = SearchRequest("ferry", limit=10, mode=SearchMode.TEXT)


def index(engine: Engine, documents: Path) -> None:
    for _ in engine.index(IndexRequest((documents,)), threading.Event()):
        pass


@pytest.fixture
def indexed(
    tmp_path: Path, documents: Path, create_engine: Callable[[Path], Engine]
) -> Iterator[Path]:
    """A data folder with an index, on a disk of its own."""
    with small_disk(tmp_path / "disk", ROOM) as disk:
        engine = create_engine(disk / "data")
        engine.open()
        index(engine, documents)
        engine.close()
        yield disk / "data"


def test_a_read_only_disk_is_searched_and_nothing_is_indexed_there(
    indexed: Path, documents: Path, create_engine: Callable[[Path], Engine]
) -> None:
    engine = create_engine(indexed)
    with read_only(indexed.parent):
        with pytest.raises(DataFolderReadOnlyError, match="may not be written to") as told:
            engine.open()
        assert "can be searched" in told.value.message
        assert "--data-dir" in told.value.hint
        engine.open(read_only=True)
        assert len(engine.search(QUESTION).hits) == 4
        assert engine.status().rows > 0
        assert not engine.may_write
        with pytest.raises(DataFolderReadOnlyError):
            index(engine, documents)
        engine.close()
    engine.open()
    index(engine, documents)
    assert len(engine.search(QUESTION).hits) == 4


@pytest.mark.usefixtures("expected_warnings")
def test_the_commands_say_what_a_read_only_disk_means(
    indexed: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--data-dir", str(indexed)]
    with read_only(indexed.parent):
        assert main(["search", "ferry", "--mode", "text", "--json", *place]) == 0
        assert capsys.readouterr().out.count('"path"') == 4
        assert main(["index", str(documents), "--json", *place]) == 1
        said = capsys.readouterr().err
        assert "error: The data folder" in said
        assert "may not be written to" in said
        assert main(["status", "--json", *place]) == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_the_right_to_write_is_told(
    tmp_path: Path, create_engine: Callable[[Path], Engine]
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    data_dir.chmod(0o500)
    try:
        with pytest.raises(DataFolderReadOnlyError):
            create_engine(data_dir).open()
    finally:
        data_dir.chmod(0o700)


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from vext_desktop.index.ledger_schema import LedgerFile
file = LedgerFile(Path(sys.argv[1]), upgrades=["CREATE TABLE t (a)"])
with file.transaction() as connection:
    connection.execute("INSERT INTO t VALUES (7)")
os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_writer(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_program_wrote_last_is_read_from_a_read_only_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8 << 20) as disk:
        path = disk / "ledger.sqlite"
        kill_writer(path)
        with read_only(disk):
            file = LedgerFile(path, read_only=True, upgrades=["CREATE TABLE t (a)"])
            assert file.rows("SELECT a FROM t") == [(7,)]
            file.close()


def test_a_ledger_whose_last_changes_cannot_be_read_is_not_read_without_them(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", 8 << 20) as disk:
        path = disk / "ledger.sqlite"
        kill_writer(path)
        path.with_name("ledger.sqlite-shm").unlink()
        with read_only(disk), pytest.raises(StoreError) as told:
            LedgerFile(path, read_only=True, upgrades=["CREATE TABLE t (a)"])
        assert "may be written" in told.value.hint


def test_a_program_without_logs_works_all_the_same(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8 << 20) as disk, read_only(disk):
        handler = start_logging(disk / "vext-desktop.log")
        with faults_logged(disk / "crash.log"):
            stop_logging(handler)
        assert list(disk.iterdir()) == []


def test_sqlite_alone_could_not_read_there(tmp_path: Path) -> None:
    """What the way around is for; when this fails, it can go."""
    with small_disk(tmp_path / "disk", 8 << 20) as disk:
        path = disk / "ledger.sqlite"
        LedgerFile(path, upgrades=["CREATE TABLE t (a)"]).close()
        with read_only(disk):
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
            with pytest.raises(sqlite3.OperationalError, match="unable to open"):
                connection.execute("SELECT * FROM t")
            connection.close()
