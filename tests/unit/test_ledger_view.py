"""The window's look at the ledger: pages by band and text, beside the writer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_steps import found, index_all, scan

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.ledger_view import LedgerView
from vext_desktop.index.records import FileBand
from vext_desktop.outcomes import Outcome

ROOT = Path("/docs")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def view(ledger: Ledger, tmp_path: Path) -> Iterator[LedgerView]:
    with LedgerView(tmp_path / "ledger.sqlite") as opened:
        yield opened


def fill(ledger: Ledger) -> None:
    run_id, _ = scan(ledger, ROOT, *(found(ROOT / f"{name}.txt") for name in "cab"))
    index_all(ledger, run_id)
    run_id = ledger.begin_run([ROOT])
    more = [
        found(ROOT / "z.pdf"),
        found(ROOT / "y.bin", outcome=Outcome.UNSUPPORTED),
        found(ROOT / "x.txt", outcome=Outcome.EMPTY),
        found(ROOT / "100%_sure.bin", outcome=Outcome.UNSUPPORTED),
    ]
    ledger.note_found(more, run_id, "k")


def names(view: LedgerView, band: FileBand | Outcome) -> list[str]:
    return [Path(record.path).name for record in view.page(band, 0, 100)]


def found_names(view: LedgerView, band: FileBand, text: str) -> list[str]:
    return [Path(record.path).name for record in view.records(view.find(band, text))]


def test_each_band_shows_its_files(ledger: Ledger, view: LedgerView) -> None:
    fill(ledger)
    expected = {
        FileBand.ALL: ["100%_sure.bin", "a.txt", "b.txt", "c.txt", "x.txt", "y.bin", "z.pdf"],
        FileBand.INDEXED: ["a.txt", "b.txt", "c.txt"],
        FileBand.WAITING: ["z.pdf"],
        FileBand.SET_ASIDE: ["x.txt", "100%_sure.bin", "y.bin"],
        FileBand.OFFLINE: [],
        FileBand.IGNORED: [],
    }
    assert {band: names(view, band) for band in FileBand} == expected
    assert {band: found_names(view, band, "") for band in FileBand} == expected
    assert names(view, Outcome.EMPTY) == ["x.txt"]


def test_every_state_belongs_to_one_band_or_never_stays_in_the_ledger() -> None:
    banded = [state for band in FileBand for state in band.states]
    assert len(banded) == len(set(banded))
    assert set(Outcome) - set(banded) == {Outcome.UNCHANGED}


def test_a_text_is_looked_for_in_the_path_in_any_case_and_as_it_is(
    ledger: Ledger, view: LedgerView
) -> None:
    fill(ledger)
    assert found_names(view, FileBand.ALL, "B.TX") == ["b.txt"]
    assert found_names(view, FileBand.ALL, "%_s") == ["100%_sure.bin"]
    assert found_names(view, FileBand.ALL, "%") == ["100%_sure.bin"]
    assert found_names(view, FileBand.INDEXED, "docs/") == ["a.txt", "b.txt", "c.txt"]
    assert found_names(view, FileBand.ALL, "\\") == []
    assert found_names(view, FileBand.ALL, "\udce9") == []


def test_a_file_that_is_gone_is_left_out_of_what_was_found(
    ledger: Ledger, view: LedgerView
) -> None:
    fill(ledger)
    first, *_ = view.find(FileBand.ALL, "a.txt")
    assert [record.file_id for record in view.records([10**6, first])] == [first]
    assert view.records([]) == []


def test_pages_follow_each_other(ledger: Ledger, view: LedgerView) -> None:
    fill(ledger)
    pages = [view.page(FileBand.ALL, offset, 3) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    listed = [record.path for page in pages for record in page]
    assert listed == sorted(listed)


def test_the_view_sees_what_the_writer_does_and_does_not_wait_for_it(
    ledger: Ledger, view: LedgerView
) -> None:
    with ledger._file.transaction() as connection:
        connection.execute("INSERT INTO meta VALUES ('a', 'b')")
        assert view.page() == []
        assert view.get_meta("a") is None
    assert view.get_meta("a") == "b"
    fill(ledger)
    assert view.counts()[Outcome.INDEXED] == 3
    assert len(view.runs()) == 2


def test_a_missing_ledger_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be opened"):
        LedgerView(tmp_path / "ledger.sqlite")


@pytest.mark.parametrize("band", FileBand)
def test_no_page_reads_or_sorts_the_whole_list(view: LedgerView, band: FileBand) -> None:
    statements: list[str] = []
    view._file._connection.set_trace_callback(statements.append)
    view.page(band, 10, 5)
    view._file._connection.set_trace_callback(None)
    plan = [step[3] for step in view._file.rows(f"EXPLAIN QUERY PLAN {statements[0]}")]
    # In the order of an index, by state where there is one, and without a sort after it.
    assert len(plan) == 1
    wanted = "SCAN files USING INDEX" if band is FileBand.ALL else "INDEX files_by_state (state="
    assert wanted in plan[0]
