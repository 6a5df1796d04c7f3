"""Two programs on one data folder: one of them writes, and nobody is in the other's way."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from vext_desktop.engine import Engine
from vext_desktop.errors import DataFolderBusyError, StoreError
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.ledger_schema import UPGRADES, LedgerFile
from vext_desktop.paths import Paths

RACES = 20


def at_once(work: Callable[[], object], count: int = 2) -> list[object]:
    """What this gives on so many threads that begin together: its value, or its error."""
    gate = threading.Barrier(count)
    results: list[object] = []

    def run() -> None:
        gate.wait()
        try:
            results.append(work())
        except StoreError as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_programs_that_begin_a_ledger_at_once_both_find_it_whole(tmp_path: Path) -> None:
    for number in range(RACES):
        path = tmp_path / f"{number}.sqlite"

        def begin(path: Path = path) -> int:
            file = LedgerFile(path)
            version: int = file.rows("PRAGMA user_version")[0][0]
            file.close()
            return version

        assert at_once(begin) == [len(UPGRADES)] * 2


def test_of_two_programs_that_start_at_once_one_writes_and_one_is_refused(tmp_path: Path) -> None:
    for number in range(RACES):
        paths = Paths(tmp_path / str(number))
        tried = threading.Barrier(2)

        def begin(paths: Paths = paths, tried: threading.Barrier = tried) -> bool:
            folder = DataFolder(paths)
            try:
                folder.open()
            except DataFolderBusyError:
                return False
            finally:
                tried.wait()
                folder.close()
            return True

        assert sorted(map(bool, at_once(begin))) == [False, True]


HOLDER = """
import sys
from pathlib import Path
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.paths import Paths
folder = DataFolder(Paths(Path(sys.argv[1])))
folder.open()
print("open", flush=True)
sys.stdin.read()
"""


def test_the_lock_of_a_killed_program_holds_nobody_up(tmp_path: Path) -> None:
    folder = DataFolder(Paths(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"open\n"
        with pytest.raises(DataFolderBusyError, match="Another Vext Desktop"):
            folder.open()
        program.kill()
    folder.open()
    assert folder.may_write
    folder.close()


def test_a_program_that_only_searches_is_let_in_beside_one_that_writes(
    tmp_path: Path, create_engine: Callable[[Path], Engine]
) -> None:
    writer, reader = create_engine(tmp_path / "data"), create_engine(tmp_path / "data")
    writer.open()
    reader.open(read_only=True)
    assert not reader.may_write
    with pytest.raises(DataFolderBusyError) as told:
        create_engine(tmp_path / "data").open()
    assert "--data-dir" in told.value.hint
