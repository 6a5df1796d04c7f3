"""Whether there is anything to do is found out without doing anything."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ledger_steps import KEY, index_all
from vext_desktop.documents.scanner import ScanRules
from vext_desktop.documents.touched import Touched
from vext_desktop.index.changes import ChangeFinder
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.run_scope import RunScope, TouchedPlaces, WholeRoots
from vext_desktop.index.touch_list import Touches

RULES = ScanRules(False, frozenset({"node_modules"}), 1_000_000)
EVERYTHING = Touches(everything=True)
Groups = tuple[tuple[Touched, ...], ...]


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
        os.utime(path, (1_000_000, 1_000_000))


def take_in(ledger: Ledger, scope: RunScope) -> None:
    run_id = ledger.begin_run(scope.names)
    ledger.note_found([entry for entry in scope.entries() if entry is not None], run_id, KEY)
    scope.finish(run_id)
    index_all(ledger, run_id)
    scope.prune()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    make(root, "a.txt", "sub/b.txt", "film.mp4", "sub/empty.txt")
    (root / "sub/empty.txt").write_text("")
    return root


@pytest.fixture
def ledger(tmp_path: Path, root: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        ledger.add_roots([root])
        take_in(ledger, WholeRoots(ledger, [root], RULES))
        yield ledger


def find(ledger: Ledger, touches: Touches, rules: ScanRules = RULES) -> Groups:
    found: list[Groups] = []

    def steps() -> Iterator[None]:
        found.append((yield from ChangeFinder(ledger, rules, KEY, lambda: False).find(touches)))

    list(steps())
    return found[0]


def whole(*roots: Path) -> Groups:
    return (tuple(Touched(str(root), is_deep=True) for root in roots),)


def test_nothing_has_changed_when_all_is_as_indexed(ledger: Ledger, root: Path) -> None:
    assert find(ledger, EVERYTHING) == ()
    assert find(ledger, Touches((Touched(str(root)), Touched(str(root / "sub"))))) == ()


@pytest.mark.parametrize("change", ["new", "changed", "gone"])
def test_a_change_is_found_in_its_place_and_in_its_root(
    ledger: Ledger, root: Path, change: str
) -> None:
    if change == "gone":
        (root / "sub/b.txt").unlink()
    else:
        name = "sub/c.txt" if change == "new" else "sub/b.txt"
        (root / name).write_text("another text")
        os.utime(root / name, (2_000_000, 2_000_000))
    assert find(ledger, EVERYTHING) == whole(root)
    here, beside = Touched(str(root / "sub")), Touched(str(root))
    assert find(ledger, Touches((here,))) == ((here,),)
    assert find(ledger, Touches((beside,))) == ()
    take_in(ledger, TouchedPlaces(ledger, [here], RULES))
    assert find(ledger, EVERYTHING) == ()


def test_looking_changes_nothing(ledger: Ledger, root: Path) -> None:
    before = ledger.file.rows("SELECT * FROM files"), ledger.file.rows("SELECT * FROM runs")
    make(root, "new.txt")
    assert find(ledger, EVERYTHING) == whole(root)
    assert (
        ledger.file.rows("SELECT * FROM files"),
        ledger.file.rows("SELECT * FROM runs"),
    ) == before


def test_a_drive_that_goes_and_comes_back_is_a_change_each_time(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    root.rename(away)
    assert find(ledger, EVERYTHING) == whole(root)
    take_in(ledger, WholeRoots(ledger, [root], RULES))
    assert find(ledger, EVERYTHING) == ()
    away.rename(root)
    assert find(ledger, EVERYTHING) == whole(root)
    take_in(ledger, WholeRoots(ledger, [root], RULES))
    assert find(ledger, EVERYTHING) == ()


def test_other_patterns_are_a_change(ledger: Ledger, root: Path) -> None:
    rules = replace(RULES, patterns=("*.mp4",))
    assert find(ledger, EVERYTHING, rules) == whole(root)


def test_links_and_roots_within_roots_are_no_change(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    make(tmp_path, "elsewhere/e.txt")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    make(root, ".hidden/h.txt", "sub/deep/d.txt")
    roots = [root, root / ".hidden", root / "sub/deep"]
    ledger.add_roots(roots)
    take_in(ledger, WholeRoots(ledger, roots, RULES))
    assert find(ledger, EVERYTHING) == ()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be opened")
def test_a_folder_that_may_not_be_opened_is_no_change_each_time(ledger: Ledger, root: Path) -> None:
    (root / "sub").chmod(0)
    take_in(ledger, WholeRoots(ledger, [root], RULES))
    assert find(ledger, EVERYTHING) == ()
    (root / "sub").chmod(0o700)


def test_a_folder_that_is_gone_is_looked_for_as_a_whole(ledger: Ledger, root: Path) -> None:
    shutil.rmtree(root / "sub")
    place = Touched(str(root / "sub"), is_deep=True)
    assert find(ledger, Touches((place,))) == ((place,),)
    take_in(ledger, TouchedPlaces(ledger, [place], RULES))
    assert find(ledger, Touches((place,))) == ()


def test_what_lies_in_no_root_is_nobodys_business(ledger: Ledger, tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/e.txt")
    assert find(ledger, Touches((Touched(str(tmp_path / "elsewhere")),))) == ()
