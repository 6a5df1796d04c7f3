"""A look at some places only: what a scan of everything would say of them, and no word more."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ledger_steps import KEY, index_all, state_at
from vext_desktop.documents.scanner import FoundFile, ScanRules
from vext_desktop.documents.touched import Touched, without_repetition
from vext_desktop.documents.touched_scan import TouchedScan
from vext_desktop.errors import VextError
from vext_desktop.index.aside_walk import AsideWalk, silent_among
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.run_scope import RunScope, TouchedPlaces, WholeRoots
from vext_desktop.outcomes import Outcome

RULES = ScanRules(False, frozenset({"node_modules"}), 1_000_000)


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
        os.utime(path, (1_000_000, 1_000_000))


def look(
    root: Path, *places: Touched, rules: ScanRules = RULES, now: float = 2e9
) -> tuple[set[str], set[str]]:
    scan = TouchedScan(places, [str(root)], rules, now=lambda: now)
    met = {os.path.relpath(found.path, root) for found in scan.entries() if found is not None}
    return met, {os.path.relpath(path, root) for path in scan.spared}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        yield ledger


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    make(root, "a.txt", "sub/b.txt", "sub/deep/c.txt", "other/d.txt")
    return root


def note(ledger: Ledger, scope: RunScope) -> int:
    """A run over a scope, up to the point where its files are read."""
    run_id = ledger.begin_run(scope.names)
    found = [entry for entry in scope.entries() if entry is not None]
    ledger.note_found(found, run_id, KEY)
    scope.finish(run_id)
    return run_id


def index_everything(ledger: Ledger, root: Path) -> None:
    ledger.add_roots([root])
    index_all(ledger, note(ledger, WholeRoots(ledger, [root], RULES)))


def touch_places(ledger: Ledger, *places: Touched) -> int:
    return note(ledger, TouchedPlaces(ledger, places, RULES))


def test_a_folder_is_looked_at_without_what_lies_deeper(root: Path) -> None:
    assert look(root, Touched(str(root / "sub"))) == ({"sub/b.txt"}, set())
    assert look(root, Touched(str(root))) == ({"a.txt"}, set())
    deep = look(root, Touched(str(root / "sub"), is_deep=True))
    assert deep == ({"sub/b.txt", "sub/deep/c.txt"}, set())


def test_places_within_others_are_looked_at_once() -> None:
    deep, inside = Touched("/a", is_deep=True), Touched("/a/b")
    beside = Touched("/ab")
    assert without_repetition([inside, beside, Touched("/a"), deep]) == [deep, beside]


def test_what_a_scan_leaves_out_is_left_out_here_too(root: Path) -> None:
    make(root, ".git/x.txt", "node_modules/y.txt", "logs/z.txt", "sub/.hidden/h.txt")
    rules = replace(RULES, patterns=("logs/",))
    for name in (".git", "node_modules", "logs", "sub/.hidden"):
        assert look(root, Touched(str(root / name)), rules=rules) == (set(), {name})


def test_a_file_of_patterns_further_up_counts(root: Path) -> None:
    (root / ".vextignore").write_text("c.*\n")
    assert look(root, Touched(str(root / "sub/deep"))) == (set(), set())


def test_a_link_is_neither_followed_nor_called_gone(root: Path, tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/e.txt")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    assert look(root, Touched(str(root))) == ({"a.txt"}, {"link"})
    assert look(root, Touched(str(root / "link"))) == (set(), {"link"})


def test_a_file_that_is_being_written_waits(root: Path) -> None:
    changed = (root / "a.txt").stat().st_mtime
    assert look(root, Touched(str(root)), now=changed + 0.5) == (set(), {"a.txt"})
    assert look(root, Touched(str(root)), now=changed + 5) == ({"a.txt"}, set())


def test_only_the_touched_folder_is_judged(ledger: Ledger, root: Path) -> None:
    index_everything(ledger, root)
    for name in ("sub/b.txt", "sub/deep/c.txt", "other/d.txt"):
        (root / name).unlink()
    touch_places(ledger, Touched(str(root / "sub")))
    assert state_at(ledger, root / "sub/b.txt") is Outcome.VANISHED
    assert state_at(ledger, root / "sub/deep/c.txt") is Outcome.INDEXED
    assert state_at(ledger, root / "other/d.txt") is Outcome.INDEXED
    assert TouchedPlaces(ledger, [Touched(str(root / "sub"))], RULES).prune() == 1
    assert state_at(ledger, root / "sub/b.txt") is None


def test_a_removed_folder_takes_all_its_files_along(ledger: Ledger, root: Path) -> None:
    index_everything(ledger, root)
    for name in ("sub/b.txt", "sub/deep/c.txt"):
        (root / name).unlink()
    (root / "sub/deep").rmdir()
    (root / "sub").rmdir()
    touch_places(ledger, Touched(str(root / "sub"), is_deep=True))
    assert state_at(ledger, root / "sub/deep/c.txt") is Outcome.VANISHED
    assert state_at(ledger, root / "a.txt") is Outcome.INDEXED


def test_files_of_a_renamed_folder_may_be_adopted(ledger: Ledger, root: Path) -> None:
    index_everything(ledger, root)
    (root / "sub").rename(root / "new")
    places = [Touched(str(root / name), is_deep=True) for name in ("sub", "new")]
    run_id = touch_places(ledger, *places)
    record = ledger.next_waiting(run_id)
    assert record is not None
    assert record.path.startswith(str(root / "new"))
    content = f"hash of {record.path}".replace("/new/", "/sub/")
    assert ledger.adopt_moved(record.file_id, content, KEY)
    assert TouchedPlaces(ledger, places, RULES).prune() == 0  # the other may have moved, too


def test_nothing_is_gone_when_the_drive_is(ledger: Ledger, root: Path, tmp_path: Path) -> None:
    index_everything(ledger, root)
    root.rename(tmp_path / "unplugged")
    touch_places(ledger, Touched(str(root / "sub"), is_deep=True))
    assert state_at(ledger, root / "sub/b.txt") is Outcome.INDEXED


def test_files_behind_a_spared_link_are_not_gone(
    ledger: Ledger, root: Path, tmp_path: Path
) -> None:
    make(tmp_path, "elsewhere/e.txt")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    index_everything(ledger, root)
    assert state_at(ledger, root / "link/e.txt") is Outcome.INDEXED
    touch_places(ledger, Touched(str(root), is_deep=True))
    assert state_at(ledger, root / "link/e.txt") is Outcome.INDEXED


def test_a_run_over_places_reads_only_what_it_met(ledger: Ledger, root: Path) -> None:
    index_everything(ledger, root)
    make(root, "sub/new.txt", "other/new.txt")
    run_id = touch_places(ledger, Touched(str(root / "sub")))
    assert set(ledger.waiting_by_suffix(run_id)) == {".txt"}
    assert ledger.waiting_by_suffix(run_id)[".txt"][0] == 1
    assert state_at(ledger, root / "other/new.txt") is None


def test_a_walk_that_hangs_is_given_up_with_a_sentence() -> None:
    answer = threading.Event()

    def hang() -> Iterator[FoundFile | None]:
        yield FoundFile("/a.txt", 1, 1)
        answer.wait()

    walk = AsideWalk(hang(), silence_limit_s=0.3)
    with pytest.raises(VextError, match="has not answered"):
        list(iter(lambda: walk.take(0.05), None))
    answer.set()
    walk.close()


def test_what_goes_wrong_in_a_walk_is_raised_where_its_files_are_taken() -> None:
    def fail() -> Iterator[FoundFile | None]:
        yield None
        raise RuntimeError("broken")

    walk = AsideWalk(fail())
    with pytest.raises(RuntimeError, match="broken"):
        list(iter(walk.take, None))
    walk.close()


def test_a_walk_can_be_closed_while_it_is_ahead() -> None:
    def endless() -> Iterator[FoundFile | None]:
        while True:
            yield FoundFile("/a.txt", 1, 1)

    walk = AsideWalk(endless())
    assert walk.take(5.0)
    before = time.monotonic()
    walk.close()
    assert time.monotonic() - before < 1.0


def test_a_drive_that_does_not_answer_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer, asked = threading.Event(), []

    looks = Path.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        asked.append(path)
        if path.name == "dead":
            answer.wait()
        return looks(tmp_path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    there, dead = tmp_path / "there", tmp_path / "dead"
    assert silent_among([there, dead], 0.2) == [dead]
    assert silent_among([there, dead], 0.2) == [dead]
    assert asked.count(dead) == 1
    answer.set()
    assert silent_among([dead], 5.0) == []


def test_files_of_a_silent_drive_are_offline(
    ledger: Ledger, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_everything(ledger, root)
    monkeypatch.setattr("vext_desktop.index.run_scope.silent_among", list)
    note(ledger, WholeRoots(ledger, [root], RULES))
    assert state_at(ledger, root / "a.txt") is Outcome.OFFLINE
    assert [known.is_offline for known in ledger.roots()] == [True]
