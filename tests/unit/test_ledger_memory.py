"""The ledger's pages in memory are bounded tightly: they are part of what a run is judged on."""

from pathlib import Path

import pytest

from vext_desktop.index.ledger_schema import LedgerFile


@pytest.mark.parametrize("read_only", [False, True])
def test_the_ledger_keeps_at_most_a_megabyte_of_its_pages(tmp_path: Path, read_only: bool) -> None:
    LedgerFile(tmp_path / "ledger.sqlite").close()
    ledger = LedgerFile(tmp_path / "ledger.sqlite", read_only=read_only)
    assert ledger.rows("PRAGMA cache_size") == [(-1000,)]  # in KiB
    ledger.close()
