"""The ledger's file: damage, full disks, other versions, other programs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_steps import KEY, found, scan

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger import DoneFile, Ledger
from vext_desktop.index.ledger_schema import UPGRADES, LedgerFile
from vext_desktop.outcomes import Outcome


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


@pytest.fixture
def ledger(tmp_path: Path, root: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        opened.add_roots([root])
        yield opened


def test_an_error_in_the_middle_of_a_change_undoes_all_of_it(ledger: Ledger, root: Path) -> None:
    scan(ledger, root, found(root / "a.txt"))
    bad = DoneFile(1, 1, None, 10, 1, KEY)  # type: ignore[arg-type] # what SQLite refuses
    with pytest.raises(sqlite3.IntegrityError):
        ledger.finish_files([DoneFile(1, 1, 1, 10, 1, KEY), bad])
    assert ledger.counts() == {Outcome.WAITING: 1}


def test_a_damaged_ledger_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="is damaged") as told:
        Ledger(path)
    assert "doctor --repair" in told.value.hint


def test_damage_inside_a_ledger_is_found_by_its_check(ledger: Ledger, root: Path) -> None:
    path = root.parent / "ledger.sqlite"
    scan(ledger, root, *(found(root / f"{n}.txt") for n in range(2000)))
    ledger.check()
    ledger.close()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 9000] = b"\xff" * 9000
    path.write_bytes(data)
    with Ledger(path) as damaged, pytest.raises(StoreError, match="is damaged"):
        damaged.check()


def test_a_ledger_that_cannot_be_created_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be opened"):
        Ledger(tmp_path / "missing" / "ledger.sqlite")


def test_a_full_disk_is_told_in_a_sentence_and_what_was_there_stays(
    ledger: Ledger, root: Path
) -> None:
    scan(ledger, root, found(root / "a.txt"))
    pages = ledger._file.rows("PRAGMA page_count")[0][0]
    ledger._file.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="disk is full") as told:
        scan(ledger, root, *(found(root / f"{n}.txt") for n in range(3000)))
    assert "room" in told.value.hint
    assert ledger.counts() == {Outcome.WAITING: 1}


def test_a_ledger_in_use_by_another_writer_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as one, Ledger(path) as other:
        other._file.rows("PRAGMA busy_timeout = 1")
        with one._file.transaction(), pytest.raises(StoreError, match="in use"):
            other.set_meta("a", "b")


def test_an_older_ledger_is_brought_up_to_date_and_a_newer_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.set_meta("kept", "yes")
    newer = (*UPGRADES, "CREATE TABLE more (a); INSERT INTO more VALUES (1)")
    with pytest.raises(StoreError, match="older Vext Desktop"):
        LedgerFile(path, read_only=True, upgrades=newer)
    upgraded = LedgerFile(path, upgrades=newer)
    assert upgraded.rows("SELECT value, a FROM meta, more") == [("yes", 1)]
    upgraded.close()
    with pytest.raises(StoreError, match="newer Vext Desktop"):
        Ledger(path)


def test_a_failed_upgrade_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with pytest.raises(StoreError):
        LedgerFile(path, upgrades=(*UPGRADES, "CREATE TABLE more (a); CREATE TABLE meta (b)"))
    with Ledger(path) as ledger:
        assert ledger._file.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'more'") == [(0,)]


def test_a_reader_beside_the_writer_sees_its_changes_and_cannot_write(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as reader:
        scan(ledger, root, found(root / "a.txt"))
        assert reader.counts() == {Outcome.WAITING: 1}
        with pytest.raises(StoreError):
            reader.set_meta("a", "b")
