"""What a scan makes of the files it meets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_steps import KEY, found, index_next, record_of, scan

from vext_desktop.index.ledger import DoneFile, Ledger
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


def test_a_new_file_waits_and_an_unsupported_one_is_set_aside(ledger: Ledger, root: Path) -> None:
    run_id, noted = scan(
        ledger, root, found(root / "a.txt", 7), found(root / "b.xyz", 5, 1, Outcome.UNSUPPORTED)
    )
    assert noted == NotedFiles(waiting=1, bytes_waiting=7, set_aside=1)
    assert ledger.counts() == {Outcome.WAITING: 1, Outcome.UNSUPPORTED: 1}
    assert ledger.waiting_by_suffix(run_id) == {".txt": (1, 7)}
    (aside,) = ledger.files_set_aside([root])
    assert aside.reason == Outcome.UNSUPPORTED.sentence


def test_an_indexed_file_that_is_the_same_is_unchanged(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    index_next(ledger, run_id)
    run_id, noted = scan(ledger, root, found(root / "a.txt"))
    assert noted == NotedFiles(unchanged=1)
    assert ledger.next_waiting(run_id) is None


@pytest.mark.parametrize("change", [{"size": 11}, {"mtime": 2}])
def test_a_changed_file_waits_but_stays_searchable_as_it_was(
    ledger: Ledger, root: Path, change: dict[str, int]
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    before = index_next(ledger, run_id)
    _, noted = scan(ledger, root, found(root / "a.txt", **change))
    after = record_of(ledger, before.file_id)
    assert noted.waiting == 1
    assert (after.state, after.generation) == (Outcome.WAITING, before.generation)
    assert after.is_searchable
    assert ledger.leftovers() == []


def test_another_model_or_chunking_makes_a_file_wait(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    index_next(ledger, run_id)
    _, noted = scan(ledger, root, found(root / "a.txt"), key="model-b/500/100")
    assert noted.waiting == 1


@pytest.mark.parametrize(
    "outcome", [Outcome.LOCKED, Outcome.DAMAGED, Outcome.EMPTY, Outcome.NO_TEXT_LAYER]
)
def test_a_file_set_aside_for_its_content_rests_until_it_changes(
    ledger: Ledger, root: Path, outcome: Outcome
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.pdf"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.set_aside(record.file_id, outcome, "Because.")
    _, noted = scan(ledger, root, found(root / "a.pdf"))
    assert noted == NotedFiles(set_aside=1)
    assert record_of(ledger, record.file_id).reason == "Because."
    _, noted = scan(ledger, root, found(root / "a.pdf", mtime=2))
    assert noted.waiting == 1


def test_a_crash_of_the_reader_is_given_one_more_try(ledger: Ledger, root: Path) -> None:
    waiting = []
    for _ in range(3):
        run_id, noted = scan(ledger, root, found(root / "a.pdf"))
        waiting.append(noted.waiting)
        if (record := ledger.next_waiting(run_id)) is not None:
            ledger.set_aside(record.file_id, Outcome.PARSER_CRASHED)
    assert waiting == [1, 1, 0]
    _, noted = scan(ledger, root, found(root / "a.pdf", mtime=2))
    assert noted.waiting == 1


def test_a_file_that_could_not_be_embedded_is_tried_again_with_another_model(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.set_aside(record.file_id, Outcome.NOT_EMBEDDED)
    assert scan(ledger, root, found(root / "a.txt"))[1].set_aside == 1
    assert scan(ledger, root, found(root / "a.txt"), key="model-b")[1].waiting == 1


@pytest.mark.parametrize("outcome", [Outcome.CHANGED_WHILE_READING, Outcome.UNREADABLE])
def test_a_passing_outcome_keeps_the_old_passages_and_is_tried_at_every_run(
    ledger: Ledger, root: Path, outcome: Outcome
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    index_next(ledger, run_id)
    run_id, _ = scan(ledger, root, found(root / "a.txt", mtime=2))
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.begin_file(record.file_id, "h2")
    ledger.set_aside(record.file_id, outcome)
    assert record_of(ledger, record.file_id).generation == 1
    assert record_of(ledger, record.file_id).is_searchable is (
        outcome is Outcome.CHANGED_WHILE_READING
    )
    assert scan(ledger, root, found(root / "a.txt", mtime=2))[1].waiting == 1


def test_a_file_that_may_not_be_opened_is_shown_again_when_it_may(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    record = index_next(ledger, run_id)
    scan(ledger, root, found(root / "a.txt", outcome=Outcome.UNREADABLE))
    assert not record_of(ledger, record.file_id).is_searchable
    _, noted = scan(ledger, root, found(root / "a.txt"))
    assert noted.unchanged == 1
    assert record_of(ledger, record.file_id).is_searchable


def test_a_changed_file_that_is_now_damaged_loses_its_old_passages(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.pdf"))
    file_id = index_next(ledger, run_id).file_id
    run_id, _ = scan(ledger, root, found(root / "a.pdf", mtime=2))
    ledger.next_waiting(run_id)
    ledger.begin_file(file_id, "h2")
    ledger.set_aside(file_id, Outcome.DAMAGED)
    record = record_of(ledger, file_id)
    assert (record.generation, record.chunks, record.indexed_at) == (0, 0, None)
    assert ledger.leftovers() == [(file_id, 1), (file_id, 2)]


def test_a_file_that_outgrew_the_limit_loses_its_passages_and_waits_when_the_limit_grows(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    file_id = index_next(ledger, run_id).file_id
    scan(ledger, root, found(root / "a.txt", outcome=Outcome.TOO_LARGE))
    assert ledger.leftovers() == [(file_id, 1)]
    assert scan(ledger, root, found(root / "a.txt"))[1].waiting == 1


def test_an_indexed_file_that_moved_to_the_cloud_stays_indexed_while_it_is_the_same(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    index_next(ledger, run_id)
    gone = found(root / "a.txt", outcome=Outcome.ONLINE_ONLY)
    assert scan(ledger, root, gone)[1].unchanged == 1
    newer = found(root / "a.txt", mtime=2, outcome=Outcome.ONLINE_ONLY)
    assert scan(ledger, root, newer)[1].set_aside == 1


def test_a_file_whose_passages_are_incomplete_keeps_saying_so(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.txt"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    generation = ledger.begin_file(record.file_id, "h")
    ledger.finish_files([DoneFile(record.file_id, generation, 2, 10, 1, KEY, "1 of 3 is missing.")])
    scan(ledger, root, found(root / "a.txt"))
    assert record_of(ledger, record.file_id).reason == "1 of 3 is missing."


def test_file_names_of_any_bytes_come_back_as_they_were(ledger: Ledger, root: Path) -> None:
    names = [str(root / "caf\udce9.txt"), str(root / "日本.txt"), str(root / "a'%_b.txt")]
    run_id, _ = scan(ledger, root, *(found(name) for name in names))
    assert sorted(file.path for file in ledger.files()) == sorted(names)
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.set_aside(record.file_id, Outcome.DAMAGED, f"{names[0]} is broken.")
    assert record_of(ledger, record.file_id).reason.endswith("caf?.txt is broken.")
