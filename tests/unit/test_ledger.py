"""The protocol of writing, which a kill cannot break; runs, roots and questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_steps import KEY, found, index_all, index_next, record_of, scan

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


def test_passages_are_leftovers_from_their_beginning_until_they_are_done(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    generation = ledger.begin_file(record.file_id, "h")
    assert ledger.leftovers() == []  # in hand, so not to be removed now
    with Ledger(tmp_path / "ledger.sqlite", read_only=True) as after_a_kill:
        assert after_a_kill.leftovers() == [(record.file_id, generation)]
        assert not record_of(after_a_kill, record.file_id).is_searchable
    ledger.finish_file(record.file_id, generation, 3, 10, 1, KEY)
    assert ledger.leftovers() == []
    done = record_of(ledger, record.file_id)
    assert (done.state, done.generation, done.chunks) == (Outcome.INDEXED, generation, 3)
    assert (done.content_hash, done.index_key, done.is_searchable) == ("h", KEY, True)
    assert done.indexed_at is not None


def test_the_older_generation_becomes_a_leftover_when_the_newer_is_done(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    first = index_next(ledger, run_id)
    run_id, _ = scan(ledger, root, found(root / "a.txt", mtime=2))
    second = index_next(ledger, run_id, "h2")
    assert second.generation > first.generation
    assert ledger.leftovers() == [(first.file_id, first.generation)]
    ledger.clear_leftovers(ledger.leftovers())
    assert ledger.leftovers() == []


def test_a_file_that_a_killed_run_had_in_hand_is_taken_again_with_a_new_generation(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    killed = ledger.begin_file(record.file_id, "h")
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    assert ledger.leftovers() == [(record.file_id, killed)]
    again = ledger.next_waiting(run_id)
    assert again is not None
    assert again.file_id == record.file_id
    assert ledger.begin_file(again.file_id, "h") > killed


def test_a_killed_reading_of_a_changed_file_is_not_taken_for_done(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    file_id = index_next(ledger, run_id).file_id
    run_id, _ = scan(ledger, root, found(root / "a.txt", mtime=2))
    ledger.next_waiting(run_id)
    ledger.begin_file(file_id, "h2")
    _, noted = scan(ledger, root, found(root / "a.txt", mtime=2))
    assert noted.waiting == 1
    assert record_of(ledger, file_id).content_hash == "h"


def test_each_waiting_file_is_handed_out_once_in_a_run_also_when_it_stays_waiting(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, *(found(root / f"{n}.txt") for n in range(3)))
    taken = [ledger.next_waiting(run_id) for _ in range(4)]
    assert [record and record.path for record in taken] == [
        *(str(root / f"{n}.txt") for n in range(3)),
        None,
    ]


def test_a_run_hands_out_only_files_that_it_met(ledger: Ledger, root: Path, tmp_path: Path) -> None:
    scan(ledger, root, found(root / "a.txt"))
    other = tmp_path / "other"
    other.mkdir()
    ledger.add_roots([other])
    run_id, _ = scan(ledger, other, found(other / "b.txt"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    assert record.path == str(other / "b.txt")
    assert ledger.next_waiting(run_id) is None


def test_a_file_that_only_looked_changed_is_unchanged_without_new_passages(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    file_id = index_next(ledger, run_id).file_id
    run_id, _ = scan(ledger, root, found(root / "a.txt", mtime=2))
    ledger.next_waiting(run_id)
    assert ledger.mark_unchanged(file_id, 10, 2, KEY)
    assert scan(ledger, root, found(root / "a.txt", mtime=2))[1].unchanged == 1
    assert ledger.leftovers() == []


def test_the_same_content_under_another_index_key_is_not_unchanged(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    file_id = index_next(ledger, run_id).file_id
    assert not ledger.mark_unchanged(file_id, 10, 1, "model-b")
    assert record_of(ledger, file_id).index_key == KEY


def test_a_file_removed_while_in_hand_leaves_only_a_leftover(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    generation = ledger.begin_file(record.file_id, "h")
    ledger.remove_root(root)
    ledger.clear_leftovers([(record.file_id, generation)])
    ledger.finish_file(record.file_id, generation, 3, 10, 1, KEY)
    ledger.set_aside(record.file_id, Outcome.DAMAGED)
    assert list(ledger.files()) == []
    assert ledger.leftovers() == [(record.file_id, generation)]


def test_an_ignored_file_loses_its_passages_and_waits_only_when_asked_to(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    file_id = index_next(ledger, run_id).file_id
    ledger.ignore([file_id])
    assert ledger.leftovers() == [(file_id, 1)]
    assert scan(ledger, root, found(root / "a.txt", mtime=2))[1] == NotedFiles(ignored=1)
    ledger.retry([file_id])
    assert scan(ledger, root, found(root / "a.txt", mtime=2))[1].waiting == 1


def test_roots_count_what_lies_beneath_them_and_not_beside(ledger: Ledger, root: Path) -> None:
    beside = Path(f"{root}-old")
    ledger.add_roots([root, beside])
    run_id, _ = scan(
        ledger, root, found(root / "a.txt"), found(root / "x.bin", 1, 1, Outcome.UNSUPPORTED)
    )
    index_all(ledger, run_id)
    first, second = ledger.roots()
    assert (first.path, first.files, first.indexed, first.set_aside) == (str(root), 2, 1, 1)
    assert (second.path, second.files) == (str(beside), 0)


def test_searchable_files_are_found_by_folder_kind_and_time(ledger: Ledger, root: Path) -> None:
    second = 10**9
    run_id, _ = scan(
        ledger,
        root,
        found(root / "a.txt", 1, 5 * second),
        found(root / "sub" / "b.PDF", 1, 6 * second),
        found(root / "sub" / "c.txt", 1, 7 * second),
        found(root / "sub-2" / "d.txt", 1, 8 * second),
    )
    index_all(ledger, run_id)
    assert ledger.find_searchable() == [1, 2, 3, 4]
    assert ledger.find_searchable(folder=str(root / "sub")) == [2, 3]
    assert ledger.find_searchable(folder=str(root / "a.txt")) == [1]
    assert ledger.find_searchable(suffixes=["pdf", ".TXT"]) == [1, 2, 3, 4]
    assert ledger.find_searchable(suffixes=[".pdf"]) == [2]
    assert ledger.find_searchable(modified_after=6, modified_before=8) == [2, 3]
    assert ledger.find_searchable(modified_after=float("inf")) == []
    ledger.ignore([3])
    assert ledger.find_searchable(folder=str(root / "sub")) == [2]


def test_runs_are_remembered_with_their_summary_and_a_killed_one_has_no_end(
    ledger: Ledger, root: Path
) -> None:
    ledger.begin_run([root])
    run_id = ledger.begin_run([root])
    ledger.end_run(run_id, "finished", {"chunks": 3, "set_aside": [{"path": "caf\udce9"}]})
    last, killed = ledger.runs()
    assert (last.end, last.summary["chunks"], last.roots) == ("finished", 3, (str(root),))
    assert last.ended_at is not None
    assert (killed.end, killed.ended_at, killed.summary) == ("", None, {})


def test_words_about_the_index_are_remembered(ledger: Ledger) -> None:
    assert ledger.get_meta("index_key") is None
    ledger.set_meta("index_key", "a")
    ledger.set_meta("index_key", "b")
    assert ledger.get_meta("index_key") == "b"


def test_listing_files_goes_through_all_of_them(ledger: Ledger, root: Path) -> None:
    scan(ledger, root, *(found(root / f"{n}.txt") for n in range(1203)))
    assert [file.file_id for file in ledger.files()] == list(range(1, 1204))
    assert list(ledger.files([Outcome.INDEXED])) == []
