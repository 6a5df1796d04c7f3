"""What patterns would leave out is told before they count, and is what a scan then leaves out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_steps import KEY
from vext_desktop.documents.scanner import ScanRules, scan
from vext_desktop.index.folder_patterns import keep_folder_patterns, read_folder_patterns
from vext_desktop.index.ignore_preview import IgnorePreview, preview_ignoring
from vext_desktop.index.ledger import Ledger

NAMES = ["a.txt", "a.log", "drafts/b.txt", "x/drafts/c.txt", "x/drafts/d/e.txt", "x/keep.log"]
NAMES += ["drafts2/f.txt", "x y/g.log"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    return root


@pytest.fixture
def ledger(tmp_path: Path, root: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        ledger.add_roots([root])
        found = [file for file in scan([root], rules()) if file is not None]
        ledger.note_found(found, ledger.begin_run([root]), KEY)
        yield ledger


def rules(*patterns: str) -> ScanRules:
    return ScanRules(False, frozenset(), 1000, patterns=patterns)


def complete(ledger: Ledger, root: Path, *lines: str) -> IgnorePreview:
    return list(preview_ignoring(ledger, [(str(root), lines)]))[-1]


@pytest.mark.parametrize(
    "lines",
    [("*.log",), ("*.log", "!keep.log"), ("drafts/",), ("/drafts/",), ("x/**/e.txt",), ("*",), ()],
)
def test_the_preview_names_what_a_scan_leaves_out(
    ledger: Ledger, root: Path, lines: tuple[str, ...]
) -> None:
    stays = {file.path for file in scan([root], rules(*lines)) if file is not None}
    goes = {str(root / name) for name in NAMES} - stays
    found = complete(ledger, root, *lines)
    assert {str(Path(top, path)) for top, path in found.examples} == goes
    assert (found.files, found.left_out) == (len(NAMES), len(goes))
    assert found.is_complete


def test_the_preview_comes_in_steps_and_grows(ledger: Ledger, root: Path) -> None:
    many = [root / f"many/{number}.log" for number in range(700)]
    (root / "many").mkdir()
    for path in many:
        path.write_text("x")
    found = [file for file in scan([root], rules()) if file is not None]
    ledger.note_found(found, ledger.begin_run([root]), KEY)
    steps = list(preview_ignoring(ledger, [(str(root), ("many/",))]))
    assert len(steps) == 3
    assert [step.is_complete for step in steps] == [False, False, True]
    assert steps[-1].left_out == 700


def test_patterns_of_a_folder_are_kept_until_they_are_empty(ledger: Ledger) -> None:
    keep_folder_patterns(ledger, "/docs/\udce9t\udce9", ["*.log", "drafts/"])
    keep_folder_patterns(ledger, "/mail", ["*.eml"])
    kept = dict(read_folder_patterns(ledger))
    assert kept == {"/docs/\udce9t\udce9": ("*.log", "drafts/"), "/mail": ("*.eml",)}
    keep_folder_patterns(ledger, "/mail", [" "])
    assert "/mail" not in dict(read_folder_patterns(ledger))
