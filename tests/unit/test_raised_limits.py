"""Limits that were raised: what met them before is read again, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vext_desktop.documents.scanner import FoundFile
from vext_desktop.index import raised_limits
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.raised_limits import LIMITS, let_read_again
from vext_desktop.outcomes import Outcome

LOW = dict.fromkeys(LIMITS, 10.0)
KEY = "model|chunker 1|1000|200"
MET = {
    "large.pdf": Outcome.TOO_LARGE,
    "slow.pdf": Outcome.TIME_LIMIT,
    "hungry.pdf": Outcome.MEMORY_LIMIT,
    "scan.pdf": Outcome.NO_TEXT_LAYER,
    "locked.pdf": Outcome.LOCKED,
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in which each file has met its limit twice, so that it rests."""
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        let_read_again(opened, LOW, "")
        for _ in range(2):
            run_id = scan(opened)
            while (record := opened.next_waiting(run_id)) is not None:
                opened.begin_file(record.file_id, "hash")
                opened.set_aside(record.file_id, MET[Path(record.path).name])
        yield opened


def scan(ledger: Ledger) -> int:
    run_id = ledger.begin_run(["/d"])
    found = [FoundFile(f"/d/{name}", 100, 1, None, "") for name in MET]
    ledger.note_found(found, run_id, KEY)
    return run_id


def waiting(ledger: Ledger) -> set[str]:
    scan(ledger)
    return {Path(record.path).stem for record in ledger.files([Outcome.WAITING])}


def test_as_long_as_nothing_is_raised_everything_rests(ledger: Ledger) -> None:
    assert let_read_again(ledger, LOW, "") == 0
    assert waiting(ledger) == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("max_file_mb", "large"),
        ("max_pages", "large"),
        ("max_characters", "large"),
        ("max_expansion", "large"),
        ("max_members", "large"),
        ("reader_timeout_s", "slow"),
        ("reader_memory_mb", "hungry"),
    ],
)
def test_what_met_a_limit_is_read_again_when_it_is_raised(
    ledger: Ledger, name: str, expected: str
) -> None:
    assert let_read_again(ledger, {**LOW, name: 11.0}, "") == 1
    assert waiting(ledger) == {expected}


def test_a_limit_that_was_lowered_is_no_reason(ledger: Ledger) -> None:
    assert let_read_again(ledger, dict.fromkeys(LIMITS, 5.0), "") == 0
    assert waiting(ledger) == set()


def test_scanned_files_are_read_again_when_ocr_is_switched_on_or_learns_a_language(
    ledger: Ledger,
) -> None:
    assert let_read_again(ledger, LOW, "eng") == 1
    assert waiting(ledger) == {"scan"}
    record = next(ledger.files([Outcome.WAITING]))
    ledger.set_aside(record.file_id, Outcome.NO_TEXT_LAYER)
    assert let_read_again(ledger, LOW, "eng") == 0
    assert waiting(ledger) == set()
    assert let_read_again(ledger, LOW, "eng+deu") == 1


def test_ocr_that_is_switched_off_is_no_reason(ledger: Ledger) -> None:
    let_read_again(ledger, LOW, "eng")
    assert let_read_again(ledger, LOW, "") == 0


def test_of_an_older_folder_nothing_is_known_so_nothing_is_read_again(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert let_read_again(ledger, LOW, "eng") == 0


def test_a_raised_limit_is_not_forgotten_when_the_program_is_killed_over_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    higher = {**LOW, "max_pages": 11.0}

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(raised_limits.ledger_changes, "read_again", killed)
        with pytest.raises(KeyboardInterrupt):
            let_read_again(ledger, higher, "")
    assert let_read_again(ledger, higher, "") == 1
