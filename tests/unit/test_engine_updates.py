"""The whole way of a change: seen by the watch, looked at, indexed; and nothing else is touched."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, IndexEvent, RunFinished, RunStarted
from vext_desktop.index import touch_list
from vext_desktop.index.folder_watch import FolderWatch
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchRequest
from vext_desktop.index.touch_list import Touches
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

SETTINGS = Settings(isolation="thread", engine_threads=1, memory_cap_mb=8000, memory_share=1)
EVERYTHING = Touches(everything=True)
PATIENCE_S = 20.0


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # As short as it may be with files that are not too young to be read.
    monkeypatch.setattr(touch_list, "QUIET_S", 1.6)
    folder = tmp_path / "documents"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "keeper.txt").write_text("A note about a lighthouse keeper and his dog.")
    (folder / "coffee.txt").write_text("A note about the price of coffee in the harbour.")
    for path in folder.rglob("*.txt"):
        os.utime(path, (1_000_000, 1_000_000))  # else it may be too young to be looked at
    return folder


@pytest.fixture
def engine(tmp_path: Path, documents: Path) -> Iterator[Engine]:
    engine = Engine(SETTINGS, Paths(tmp_path / "data"))
    engine.open()
    list(engine.index(IndexRequest((documents,)), threading.Event()))
    yield engine
    engine.close()


@pytest.fixture
def watch(engine: Engine) -> Iterator[FolderWatch]:
    watch = engine.create_watch(lambda: None)
    watch.watch(engine.root_paths())
    update(engine, wait_for(watch))
    yield watch
    watch.close()


def wait_for(watch: FolderWatch) -> Touches:
    deadline = time.monotonic() + PATIENCE_S
    while (touches := watch.take()) is None:
        assert time.monotonic() < deadline, "nothing was seen"
        time.sleep(0.02)
    return touches


def update(engine: Engine, touches: Touches) -> list[IndexEvent]:
    """What a driver does: look, then run where something is different."""
    events: list[IndexEvent] = []

    def steps() -> Iterator[None]:
        for places in (yield from engine.find_changes(touches, threading.Event())):
            events.extend(engine.index(IndexRequest.update(places), threading.Event()))

    list(steps())
    return events


def files(events: list[IndexEvent]) -> object:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last.summary["files"]


def best_hit(engine: Engine, query: str) -> str:
    return Path(engine.search(SearchRequest(query)).hits[0].path).name


def test_a_new_file_is_found_soon_and_only_its_folder_was_looked_at(
    engine: Engine, watch: FolderWatch, documents: Path
) -> None:
    (documents / "inner" / "bread.txt").write_text("Knead the dough and bake it until it is brown.")
    events = update(engine, wait_for(watch))
    assert isinstance(events[0], RunStarted)
    assert events[0].is_update
    assert events[0].roots == (str(documents / "inner"),)
    assert files(events) == {"indexed": 1, "unchanged": 1, "removed": 0, "set_aside": 0}
    assert best_hit(engine, "how do I make a loaf") == "bread.txt"


def test_a_renamed_folder_keeps_its_passages(
    engine: Engine, watch: FolderWatch, documents: Path
) -> None:
    (documents / "inner").rename(documents / "outer")
    events = update(engine, wait_for(watch))
    assert files(events) == {"indexed": 0, "unchanged": 1, "removed": 0, "set_aside": 0}
    assert not any(isinstance(event, BatchFinished) for event in events)
    hit = engine.search(SearchRequest("lighthouse")).hits[0]
    assert hit.path == str(documents / "outer" / "keeper.txt")


def test_a_deleted_file_is_no_longer_found(
    engine: Engine, watch: FolderWatch, documents: Path
) -> None:
    (documents / "coffee.txt").unlink()
    events = update(engine, wait_for(watch))
    assert files(events) == {"indexed": 0, "unchanged": 0, "removed": 1, "set_aside": 0}
    assert {Path(file.path).name for file in engine.files()} == {"keeper.txt"}


def test_where_nothing_has_changed_there_is_no_run(engine: Engine, documents: Path) -> None:
    (documents / "coffee.txt").read_text()
    assert update(engine, EVERYTHING) == []


def test_patterns_take_files_out_of_the_index_and_back(engine: Engine, documents: Path) -> None:
    engine.keep_folder_patterns(str(documents), ["inner/"])
    assert update(engine, EVERYTHING) != []
    assert {Path(file.path).name for file in engine.files([Outcome.INDEXED])} == {"coffee.txt"}
    engine.keep_folder_patterns(str(documents), [])
    update(engine, EVERYTHING)
    assert best_hit(engine, "lighthouse") == "keeper.txt"
