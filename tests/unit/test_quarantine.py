"""A file that ends a process twice is left alone until it changes or the user asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_steps import found, index_next, record_of, scan, state_at

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.ledger_schema import UPGRADES, LedgerFile
from vext_desktop.outcomes import Outcome

CRASH = "Reading it ended the reader process (signal SIGSEGV: a fault in native code)."


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


def reopened(ledger: Ledger, tmp_path: Path) -> Ledger:
    ledger.close()
    return Ledger(tmp_path / "ledger.sqlite")


def crash_next(ledger: Ledger, run_id: int) -> str:
    """The next waiting file ends the reader; returns the reason as noted."""
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.begin_file(record.file_id, "h")
    return ledger.set_aside(record.file_id, Outcome.PARSER_CRASHED, CRASH)


def end(ledger: Ledger, run_id: int) -> None:
    ledger.end_run(run_id, "finished", {})


def crash_twice(ledger: Ledger, root: Path) -> str:
    reasons = []
    for _ in range(2):
        run_id, _ = scan(ledger, root, found(root / "a.pdf"))
        reasons.append(crash_next(ledger, run_id))
        end(ledger, run_id)
    assert reasons[0] == CRASH
    return reasons[1]


def test_a_file_that_ended_the_reader_twice_is_left_alone_and_says_so(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    assert crash_twice(ledger, root) == (
        f"{CRASH} That happened twice; it is left alone until it changes or you choose Retry."
    )
    with reopened(ledger, tmp_path) as again:
        run_id, noted = scan(again, root, found(root / "a.pdf"))
        assert (noted.waiting, noted.set_aside) == (0, 1)
        assert again.next_waiting(run_id) is None
        (record,) = again.files()
        assert record.is_quarantined
        assert "twice" in record.reason


def test_retry_lifts_the_quarantine_and_a_change_on_disk_does(ledger: Ledger, root: Path) -> None:
    crash_twice(ledger, root)
    (record,) = ledger.files()
    ledger.retry([record.file_id])
    assert not record_of(ledger, record.file_id).is_quarantined
    run_id, _ = scan(ledger, root, found(root / "a.pdf"))
    assert crash_next(ledger, run_id) == CRASH, "it is its first time again"
    end(ledger, run_id)
    run_id, noted = scan(ledger, root, found(root / "a.pdf", mtime=2))
    assert noted.waiting == 1
    assert record_of(ledger, record.file_id).failures == 0


def test_a_file_that_was_not_tried_never_comes_into_quarantine(ledger: Ledger, root: Path) -> None:
    for _ in range(3):
        run_id, noted = scan(ledger, root, found(root / "a.html"))
        assert noted.waiting == 1
        record = ledger.next_waiting(run_id)
        assert record is not None
        ledger.set_aside(record.file_id, Outcome.MEMORY_LIMIT, "Too much.", is_failure=False)
        end(ledger, run_id)


def test_the_files_in_hand_when_the_program_ended_are_read_last_and_blamed_the_second_time(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    files = [found(root / name, size=place) for place, name in enumerate(("bad.pdf", "b", "c"))]
    run_id, _ = scan(ledger, root, *files)
    bad = ledger.next_waiting(run_id)
    assert bad is not None
    ledger.begin_file(bad.file_id, "h")  # and here the program ends

    ledger = reopened(ledger, tmp_path)
    run_id, noted = scan(ledger, root, *files)
    assert noted.waiting == 3
    assert [index_next(ledger, run_id).path for _ in range(2)] == [str(root / "b"), str(root / "c")]
    again = ledger.next_waiting(run_id)
    assert again is not None
    assert (again.path, again.is_suspect) == (bad.path, True)
    ledger.begin_file(again.file_id, "h")  # and again

    with reopened(ledger, tmp_path) as last:
        run_id, _ = scan(last, root, *files)
        assert last.next_waiting(run_id) is None
        record = record_of(last, bad.file_id)
        assert (record.state, record.is_quarantined) == (Outcome.PROGRAM_CRASHED, True)
        assert record.reason == (
            "The whole program ended while it was in hand. "
            "That happened twice; it is left alone until it changes or you choose Retry."
        )
        assert state_at(last, root / "b") is Outcome.INDEXED


def test_nobody_is_blamed_for_a_run_that_was_stopped_or_for_files_not_begun(
    ledger: Ledger, root: Path
) -> None:
    files = [found(root / name) for name in ("a", "b")]
    for _ in range(3):
        run_id, noted = scan(ledger, root, *files)
        assert noted.waiting == 2
        record = ledger.next_waiting(run_id)
        assert record is not None
        ledger.begin_file(record.file_id, "h")
        ledger.end_run(run_id, "stopped", {})
    scan(ledger, root, *files)  # ends before any file was begun
    ledger.clear_leftovers(ledger.leftovers())  # the first act of a run
    scan(ledger, root, *files)
    assert [record.failures for record in ledger.files()] == [0, 0]


def test_a_file_that_goes_well_after_all_is_a_suspect_no_more(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.begin_file(record.file_id, "h")
    run_id, _ = scan(ledger, root, found(root / "a"))
    assert index_next(ledger, run_id).failures == 0


def test_read_anyway_holds_for_one_try(ledger: Ledger, root: Path) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.html"))
    record = ledger.next_waiting(run_id)
    assert record is not None
    ledger.set_aside(record.file_id, Outcome.MEMORY_LIMIT, "Too much.", is_failure=False)
    ledger.retry(ledger.ids_not_indexed(root), admit=True)
    assert record_of(ledger, record.file_id).admitted
    run_id, _ = scan(ledger, root, found(root / "a.html"))
    assert record_of(ledger, record.file_id).admitted
    index_next(ledger, run_id)
    assert not record_of(ledger, record.file_id).admitted
    assert ledger.ids_not_indexed(root) == []


def test_trying_a_folder_again_leaves_ignored_what_the_user_ignored(
    ledger: Ledger, root: Path
) -> None:
    run_id, _ = scan(ledger, root, found(root / "a.pdf"), found(root / "secret.pdf"))
    ids = {Path(record.path).name: record.file_id for record in ledger.files()}
    ledger.ignore([ids["secret.pdf"]])
    end(ledger, run_id)
    assert ledger.ids_not_indexed(root) == [ids["a.pdf"]]
    assert ledger.ids_not_indexed(root / "secret.pdf") == [ids["secret.pdf"]]


def test_a_ledger_of_the_first_version_keeps_its_files(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first = LedgerFile(path, upgrades=UPGRADES[:1])
    with first.transaction() as connection:
        connection.execute(
            "INSERT INTO files (path, suffix, size_bytes, mtime_ns, state, failures, seen_run)"
            " VALUES (?, '.pdf', 1, 1, 'parser_crashed', 2, 1)",
            (b"/d/a.pdf",),
        )
    first.close()
    with Ledger(path) as ledger:
        (record,) = ledger.files()
    assert (record.path, record.is_quarantined, record.admitted) == ("/d/a.pdf", True, 0)
