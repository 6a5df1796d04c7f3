"""The list of runs: what the ledger knows, what was recorded, and memory tests."""

import os
from pathlib import Path

from made_runs import STARTED_AT, Clock, batch, record, recorder

from vext_desktop.index.records import RunRecord
from vext_desktop.index.run_shelf import RunShelf
from vext_desktop.memory.run_record import RunKind
from vext_desktop.memory.run_record_file import record_path


def ledger_run(run_id: int, started_at: float = STARTED_AT) -> RunRecord:
    return RunRecord(run_id, started_at, started_at + 20, "finished", ("/docs",), {})


def test_a_run_is_listed_with_its_record_and_without_one_where_there_is_none(
    tmp_path: Path,
) -> None:
    record(tmp_path, 4, run_id=2)
    shelf = RunShelf(tmp_path)
    assert shelf.refresh(10) is False
    listed = shelf.list([ledger_run(2), ledger_run(1, STARTED_AT - 100)], 10)
    assert [(each.run.run_id, each.record) for each in listed] == [
        (2, record_path(tmp_path, "run-000002")),
        (1, None),
    ]


def test_the_record_of_an_older_ledger_is_not_taken_for_a_new_run(tmp_path: Path) -> None:
    record(tmp_path, 4, run_id=2)
    shelf = RunShelf(tmp_path)
    shelf.refresh(10)
    assert shelf.list([ledger_run(2, STARTED_AT + 86_400)], 10)[0].record is None


def test_a_memory_test_stands_among_the_runs(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path, clock, RunKind.MEMORY_TEST)
    recording.note(batch(1, 1000.5))
    recording.close()
    shelf = RunShelf(tmp_path)
    shelf.refresh(10)
    early, late = ledger_run(1, STARTED_AT - 100), ledger_run(2, STARTED_AT + 100)
    listed = shelf.list([late, early], 10)
    assert [each.kind for each in listed] == [RunKind.INDEX, RunKind.MEMORY_TEST, RunKind.INDEX]
    assert listed[1].run.summary["batches"] == 1
    assert listed[1].record is not None
    assert len({each.key for each in listed}) == 3
    assert len(shelf.list([late, early], 2)) == 2


def test_headings_are_read_in_portions_and_only_when_they_changed(tmp_path: Path) -> None:
    for run_id in (1, 2, 3):
        record(tmp_path, 4, run_id=run_id)
    shelf = RunShelf(tmp_path)
    assert shelf.refresh(2) is True
    before = shelf.state
    assert shelf.refresh(2) is False
    assert shelf.state != before
    state = shelf.state
    assert shelf.refresh(2) is False
    assert shelf.state == state
    os.utime(record_path(tmp_path, "run-000001"), (5, 5))
    shelf.refresh(2)
    assert shelf.state != state
    record_path(tmp_path, "run-000001").unlink()
    shelf.refresh(2)
    assert len(shelf.list([ledger_run(1), ledger_run(2)], 9)) == 2


def test_a_damaged_record_is_passed_over(tmp_path: Path) -> None:
    record_path(tmp_path, "run-000002").write_bytes(b"nothing")
    shelf = RunShelf(tmp_path)
    assert shelf.refresh(10) is False
    assert shelf.list([ledger_run(2)], 10)[0].record is None
    assert RunShelf(tmp_path / "nowhere").refresh(10) is False


def update(run_id: int, after_s: float, end: str = "finished") -> RunRecord:
    started = STARTED_AT + after_s
    summary = {"is_update": True, "chunks": 2, "files": {"indexed": 1, "unchanged": 9}}
    return RunRecord(run_id, started, started + 1, end, (f"/docs/{run_id}",), summary)


def test_what_a_watcher_did_on_one_day_is_one_row_until_another_run_comes_between(
    tmp_path: Path,
) -> None:
    runs = [update(5, 50), update(4, 40), ledger_run(3, STARTED_AT + 30), update(2, 20)]
    listed = RunShelf(tmp_path).list(runs, 10)
    assert [(each.run.run_id, each.updates) for each in listed] == [(5, 2), (3, 0), (2, 1)]
    assert listed[0].run.summary["chunks"] == 4
    assert listed[0].run.summary["files"] == {"indexed": 2, "unchanged": 9, "removed": 0}
    assert listed[0].run.roots == ("/docs/5", "/docs/4")
    later = RunShelf(tmp_path).list([update(6, 60), *runs], 10)
    assert later[0].key == listed[0].key, "it stays selected"


def test_updates_of_another_day_or_that_did_not_end_well_stand_by_themselves(
    tmp_path: Path,
) -> None:
    runs = [update(4, 90_000), update(3, 20, "halted"), update(2, 10), update(1, 0)]
    listed = RunShelf(tmp_path).list(runs, 10)
    assert [each.updates for each in listed] == [1, 0, 2]


def test_the_row_of_updates_opens_the_newest_record_there_is(tmp_path: Path) -> None:
    record(tmp_path, 4, run_id=2)
    shelf = RunShelf(tmp_path)
    shelf.refresh(10)
    listed = shelf.list([update(3, 10), update(2, 0)], 10)
    assert listed[0].record == record_path(tmp_path, "run-000002")
