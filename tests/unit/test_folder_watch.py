"""Real changes in real folders come out as few places to look at; nothing else does."""

import errno
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vext_desktop.documents.scanner import ScanRules
from vext_desktop.documents.touched import Touched
from vext_desktop.index import touch_list
from vext_desktop.index.folder_watch import FolderWatch
from vext_desktop.index.touch_list import LONGEST_S, MOST_PLACES, QUIET_S, Touches, TouchList

RULES = ScanRules(False, frozenset({"node_modules"}), 1_000_000)
PATIENCE_S = 20.0


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Watched:
    """A watch over a folder, and what came of it."""

    def __init__(self, *roots: Path) -> None:
        self.begun = threading.Event()
        self.watch = FolderWatch(self.begun.set, RULES)
        self.watch.watch([str(root) for root in roots])
        until(lambda: not self.watch.is_setting_up)

    def take(self) -> Touches:
        """The next touches, as soon as they are due."""
        found: list[Touches] = []

        def is_taken() -> bool:
            touches = self.watch.take()
            found.extend([touches] if touches else [])
            return bool(touches)

        until(is_taken)
        return found[0]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(touch_list, "QUIET_S", 0.2)
    root = tmp_path / "docs"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("x")
    return root


@pytest.fixture
def watched(root: Path) -> Iterator[Watched]:
    watched = Watched(root)
    watched.take()  # a folder that begins to be watched is looked at
    yield watched
    watched.watch.close()


def test_a_folder_is_looked_at_when_watching_begins(root: Path) -> None:
    watched = Watched(root)
    assert watched.take() == Touches((Touched(str(root), is_deep=True),))
    watched.watch.close()


def test_a_changed_file_touches_its_folder(watched: Watched, root: Path) -> None:
    (root / "sub" / "b.txt").write_text("x")
    assert watched.take() == Touches((Touched(str(root / "sub")),))
    (root / "sub" / "b.txt").unlink()
    assert watched.take() == Touches((Touched(str(root / "sub")),))


def test_a_renamed_folder_touches_both_of_its_names(watched: Watched, root: Path) -> None:
    (root / "sub").rename(root / "new")
    places = {Touched(str(root / name), is_deep=True) for name in ("sub", "new")}
    assert set(watched.take().places) == places


def test_new_folders_within_new_ones_are_one_place(watched: Watched, root: Path) -> None:
    (root / "n" / "m").mkdir(parents=True)
    (root / "n" / "m" / "c.txt").write_text("x")
    assert watched.take() == Touches((Touched(str(root / "n"), is_deep=True),))


def test_reading_and_what_is_left_out_touch_nothing(watched: Watched, root: Path) -> None:
    for name in (".git", "node_modules"):
        (root / name).mkdir()
        (root / name / "x.txt").write_text("x")
    (root / "~$a.docx").write_text("x")
    (root / "a.txt").read_text()
    list(root.iterdir())
    (root / "a.txt").write_text("the sign that all before it has come")
    assert watched.take() == Touches((Touched(str(root)),))


def test_a_changed_file_of_patterns_touches_all_beneath_it(watched: Watched, root: Path) -> None:
    (root / "sub" / ".vextignore").write_text("*.log")
    assert watched.take() == Touches((Touched(str(root / "sub"), is_deep=True),))


def test_a_root_that_goes_and_comes_back_is_noticed(watched: Watched, root: Path) -> None:
    away = root.with_name("away")
    whole = Touches((Touched(str(root), is_deep=True),))
    root.rename(away)
    assert watched.take() == whole
    assert watched.watch.missing == (str(root),)
    watched.watch.watch([str(root)])
    until(lambda: not watched.watch.is_setting_up)
    (away / "a.txt").write_text("nobody's business now")
    away.rename(root)
    assert watched.take() == whole
    watched.watch.watch([str(root)])
    assert watched.take() == whole
    assert watched.watch.missing == ()
    (root / "sub" / "b.txt").write_text("x")
    assert watched.take() == Touches((Touched(str(root / "sub")),))


def test_a_root_that_is_removed_is_noticed(watched: Watched, root: Path) -> None:
    shutil.rmtree(root)
    assert watched.take() == Touches((Touched(str(root), is_deep=True),))
    assert watched.watch.missing == (str(root),)


def test_a_file_that_is_a_root_is_watched_alone(root: Path) -> None:
    watched = Watched(root / "a.txt")
    watched.take()
    (root / "b.txt").write_text("x")
    (root / "a.txt").write_text("more")
    assert watched.take() == Touches((Touched(str(root / "a.txt"), is_deep=True),))
    watched.watch.close()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_root_behind_a_link_keeps_its_name(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    watched = Watched(link)
    watched.take()
    (root / "sub" / "b.txt").write_text("x")
    assert watched.take() == Touches((Touched(str(link / "sub")),))
    watched.watch.close()


def test_no_thread_is_left_behind(root: Path) -> None:
    before = threading.active_count()
    watched = Watched(root)
    assert threading.active_count() > before
    watched.watch.close()
    assert threading.active_count() == before


@pytest.mark.skipif(not hasattr(os, "eventfd"), reason="only Linux has this limit")
def test_where_the_system_has_a_limit_a_sentence_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[logging.LogRecord]
) -> None:
    from watchdog.observers.inotify_c import InotifyFD

    add = InotifyFD.add_callback

    def refuse(inotify: InotifyFD, path: bytes, *rest: object) -> object:
        if path.endswith(b"sub"):
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return add(inotify, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(InotifyFD, "add_callback", refuse)
    watched = Watched(root)
    assert watched.take().everything
    assert "more folders than the system lets us watch" in watched.watch.trouble
    assert len(expected_warnings) == 1
    watched.watch.close()


def test_a_system_that_lets_nothing_be_watched_is_not_asked_all_the_time(
    root: Path, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[logging.LogRecord]
) -> None:
    asked: list[str] = []

    def refuse(*_: object) -> None:
        asked.append("asked")
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr("vext_desktop.index.watch_source.WatchSource", refuse)
    watched = Watched(root)
    assert watched.take().everything
    assert watched.watch.missing == ()
    watched.watch.watch([str(root)])
    assert (watched.watch.is_setting_up, asked) == (False, ["asked"])
    assert watched.watch.minutes_between_looks(60) == 10
    watched.watch.touch_everything()
    watched.watch.watch([str(root)])
    until(lambda: len(asked) == 2)
    until(lambda: not watched.watch.is_setting_up)
    assert len(expected_warnings) == 1
    watched.watch.close()


def test_a_drive_that_does_not_answer_is_asked_nothing_by_who_commands(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vext_desktop.index.folder_watch.silent_among", list)
    watched = Watched(root)
    with monkeypatch.context() as dead:
        for name in ("stat", "lstat", "readlink"):
            dead.setattr(os, name, refuse_to_answer)
        missing = watched.watch.missing
    assert missing == (str(root),)
    watched.watch.close()


def refuse_to_answer(*_: object, **__: object) -> None:
    raise AssertionError("that would have waited for ever")


# The list of what was touched


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_burst_is_one_look_after_some_silence(clock: FakeClock) -> None:
    begun: list[str] = []
    touched = TouchList(lambda: begun.append("begun"), clock)
    assert touched.due_in_s() is None
    for number in range(100):
        touched.note(Touched(f"/a/{number % 3}"))
        clock.advance(0.01)
    assert begun == ["begun"]
    assert touched.take() is None
    clock.advance(QUIET_S)
    taken = touched.take()
    assert taken is not None
    assert [place.path for place in taken.places] == ["/a/0", "/a/1", "/a/2"]
    assert touched.due_in_s() is None


def test_a_folder_that_never_rests_does_not_hold_up_the_others(clock: FakeClock) -> None:
    touched = TouchList(lambda: None, clock)
    touched.note(Touched("/quiet"))
    while touched.due_in_s():
        touched.note(Touched("/log"))
        clock.advance(1.0)
    assert clock() <= LONGEST_S + 1
    taken = touched.take()
    assert taken is not None
    assert {place.path for place in taken.places} == {"/quiet", "/log"}
    # What was still in motion is looked at once more when it rests.
    assert touched.due_in_s() is not None
    clock.advance(QUIET_S)
    assert touched.take() == Touches((Touched("/log"),))


def test_too_many_places_are_everything(clock: FakeClock) -> None:
    touched = TouchList(lambda: None, clock)
    for number in range(MOST_PLACES + 2):
        touched.note(Touched(f"/a/{number}"))
    clock.advance(QUIET_S)
    assert touched.take() == Touches((), everything=True)
