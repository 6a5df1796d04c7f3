"""Files that are gone, moved, or on a drive that is not there."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_steps import KEY, found, index_all, index_next, record_of, scan, state_at

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import NotedFiles
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


def test_a_deleted_file_is_removed_and_its_passages_are_leftovers(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"), found(root / "b.txt"))
    index_all(ledger, run_id)
    run_id = ledger.begin_run([root])
    ledger.note_found([found(root / "b.txt")], run_id, KEY)
    assert ledger.finish_scan([root], run_id) == 1
    assert ledger.prune_vanished([root]) == 1
    assert [file.path for file in ledger.files()] == [str(root / "b.txt")]
    assert ledger.leftovers() == [(1, 1)]


def test_a_moved_file_keeps_its_id_and_its_passages(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt", 10))
    before = index_next(ledger, run_id, "h")
    new = root / "sub" / "renamed.txt"
    run_id, _ = scan(ledger, root, found(root / "z.txt", 99), found(new, 10, 5))
    assert ledger.prune_vanished() == 0
    waiting = ledger.next_waiting(run_id)
    assert waiting is not None
    assert waiting.path == str(new)  # possible moves come first
    assert ledger.adopt_moved(waiting.file_id, "h", KEY)
    after = record_of(ledger, before.file_id)
    assert (after.path, after.generation, after.state) == (str(new), 1, Outcome.INDEXED)
    assert state_at(ledger, root / "a.txt") is None
    assert ledger.prune_vanished() == 0
    assert ledger.leftovers() == []
    assert scan(ledger, root, found(root / "z.txt", 99), found(new, 10, 5))[1].unchanged == 1


def test_a_file_moved_over_another_leaves_the_passages_of_the_other_behind(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt", 10), found(root / "b.txt", 20))
    index_all(ledger, run_id)
    run_id, _ = scan(ledger, root, found(root / "b.txt", 10))
    waiting = ledger.next_waiting(run_id)
    assert waiting is not None
    assert ledger.adopt_moved(waiting.file_id, f"hash of {root / 'a.txt'}", KEY)
    assert ledger.leftovers() == [(waiting.file_id, 1)]
    assert [file.path for file in ledger.files()] == [str(root / "b.txt")]


def test_another_file_of_the_same_size_is_not_adopted(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    index_next(ledger, run_id, "h")
    run_id, _ = scan(ledger, root, found(root / "b.txt"))
    waiting = ledger.next_waiting(run_id)
    assert waiting is not None
    assert not ledger.adopt_moved(waiting.file_id, "other", KEY)
    assert not ledger.adopt_moved(waiting.file_id, "h", "model-b")
    generation = ledger.begin_file(waiting.file_id, "other")
    ledger.finish_file(waiting.file_id, generation, 1, 10, 1, KEY)
    assert ledger.prune_vanished() == 1


def test_files_of_a_missing_root_are_offline_and_come_back_as_they_were(
    ledger: Ledger, root: Path
) -> None:
    files = [found(root / "a.txt"), found(root / "b.txt", 20)]
    run_id, _ = scan(ledger, root, *files)
    index_next(ledger, run_id)
    root.rmdir()
    run_id = ledger.begin_run([root])
    assert ledger.finish_scan([root], run_id) == 0
    assert ledger.prune_vanished() == 0
    assert ledger.counts() == {Outcome.OFFLINE: 2}
    assert ledger.roots()[0].is_offline
    assert record_of(ledger, 1).is_searchable
    root.mkdir()
    _, noted = scan(ledger, root, *files)
    assert noted == NotedFiles(waiting=1, bytes_waiting=20, unchanged=1)
    assert not ledger.roots()[0].is_offline


def test_an_empty_mount_point_on_another_device_is_offline_not_deleted(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    index_next(ledger, run_id)
    ledger.close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute("UPDATE roots SET device = 'the drive'")
    connection.close()
    with Ledger(tmp_path / "ledger.sqlite") as again:
        scan(again, root)
        assert again.counts() == {Outcome.OFFLINE: 1}
        scan(again, root, found(root / "a.txt"))
        scan(again, root)
        assert again.counts() == {Outcome.VANISHED: 1}


def test_a_root_that_is_a_single_file_vanishes_when_only_the_file_is_gone(
    ledger: Ledger, root: Path
) -> None:
    file = root / "a.txt"
    file.write_text("x")
    ledger.remove_root(root)
    ledger.add_roots([file])
    scan(ledger, file, found(file))
    assert ledger.roots()[0].files == 1
    file.unlink()
    scan(ledger, file)
    assert ledger.counts() == {Outcome.VANISHED: 1}
    root.rmdir()
    scan(ledger, file, found(file))
    scan(ledger, file)
    assert ledger.counts() == {Outcome.OFFLINE: 1}


def test_a_file_gone_in_its_turn_is_offline_when_its_root_is_gone_too(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"), found(root / "b.txt"))
    first, second = ledger.next_waiting(run_id), ledger.next_waiting(run_id)
    assert first is not None
    assert second is not None
    ledger.set_aside(first.file_id, Outcome.VANISHED)
    root.rmdir()
    ledger.set_aside(second.file_id, Outcome.VANISHED)
    assert record_of(ledger, first.file_id).state is Outcome.VANISHED
    assert record_of(ledger, second.file_id).state is Outcome.OFFLINE


def test_files_in_a_folder_that_may_not_be_opened_are_not_taken_for_deleted(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "sub" / "a.txt"), found(root / "subway.txt"))
    index_all(ledger, run_id)
    scan(ledger, root, found(root / "sub", 0, 0, Outcome.UNREADABLE))
    assert state_at(ledger, root / "sub" / "a.txt") is Outcome.INDEXED
    assert state_at(ledger, root / "subway.txt") is Outcome.VANISHED
    scan(ledger, root, found(root / "sub" / "a.txt"))
    assert state_at(ledger, root / "sub") is Outcome.VANISHED


def test_files_of_a_root_within_a_root_are_not_taken_for_deleted_by_the_outer_scan(
    ledger: Ledger, root: Path
) -> None:
    hidden = root / ".notes"
    hidden.mkdir()
    ledger.add_roots([hidden])
    run_id, _ = scan(ledger, hidden, found(hidden / "a.txt"))
    index_all(ledger, run_id)
    scan(ledger, root)
    assert state_at(ledger, hidden / "a.txt") is Outcome.INDEXED
    assert ledger.remove_root(root) == 0
    assert ledger.remove_root(hidden) == 1
    assert ledger.leftovers() == [(1, 1)]
