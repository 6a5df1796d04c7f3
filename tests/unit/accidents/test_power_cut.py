"""A power cut: what was not yet brought to the disk may be gone, cut off, or full of zeros.

An image of a data folder at some moment holds each file as it is if it was synced since its last
change, and else spoilt in one of several ways. SQLite syncs what it must by itself (WAL, FULL).
"""

import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rebuild_stage import only, read_serving
from store_rows import row

from vext_desktop.engine import Engine
from vext_desktop.errors import StoreError
from vext_desktop.events import FileStarted, IndexMended, RunHalted
from vext_desktop.index import disk_sync
from vext_desktop.index.disk_sync import SyncedFolder
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths
from vext_desktop.safe_file import replace_file

FATES = ("whole", "gone", "empty", "half", "zeros")
CreateEngine = Callable[[Path], Engine]


class PowerCuts:
    """Takes images of a data folder as a power cut would leave it.

    Args:
        data_dir: The folder.
        images: Where the images go.
        chance: Chooses what becomes of each file.
    """

    def __init__(self, data_dir: Path, images: Path, chance: random.Random) -> None:
        self.data_dir = data_dir
        self.images = images
        self.taken: list[Path] = []
        self.is_over = False
        self._chance = chance
        self._synced: dict[str, tuple[int, int]] = {}

    def note_synced(self, path: str | Path) -> None:
        found = Path(path).stat()
        self._synced[str(path)] = (found.st_size, found.st_mtime_ns)

    def cut(self) -> None:
        """Take an image of this moment; nothing else may write meanwhile."""
        if self.is_over:
            return
        image = self.images / str(len(self.taken))
        for path in sorted(self.data_dir.rglob("*")):
            place = image / path.relative_to(self.data_dir)
            if path.is_symlink() or not path.is_file() or path.name.endswith((".lock", "-shm")):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
            if "store" in path.parts and not self._is_synced(path):
                _spoil(place, self._chance.choice(FATES))
        self.taken.append(image)

    def _is_synced(self, path: Path) -> bool:
        found = path.stat()
        return self._synced.get(str(path)) == (found.st_size, found.st_mtime_ns)


def _spoil(path: Path, fate: str) -> None:
    size = path.stat().st_size
    if fate == "gone":
        path.unlink()
    elif fate == "empty":
        os.truncate(path, 0)
    elif fate == "half":
        os.truncate(path, size // 2)
    elif fate == "zeros":
        path.write_bytes(b"\0" * size)


def index(engine: Engine, documents: Path) -> list[object]:
    return list(engine.index(IndexRequest((documents,)), threading.Event()))


@pytest.fixture
def cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> PowerCuts:
    """Images taken before and after each time that the store brings its files to the disk."""
    cuts = PowerCuts(tmp_path / "data", tmp_path / "images", random.Random(request.node.name))
    sync_file, sync = disk_sync.sync_file, SyncedFolder.sync

    def sync_and_note(path: str | Path) -> None:
        sync_file(path)
        cuts.note_synced(path)

    def cut_and_sync(self: SyncedFolder) -> int:
        cuts.cut()
        found = sync(self)
        cuts.cut()
        return found

    monkeypatch.setattr(disk_sync, "sync_file", sync_and_note)
    monkeypatch.setattr(SyncedFolder, "sync", cut_and_sync)
    return cuts


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("expected_warnings")
def test_after_a_power_cut_at_any_moment_the_next_run_makes_the_index_whole(
    seed: int,
    cuts: PowerCuts,
    documents: Path,
    create_engine: CreateEngine,
) -> None:
    engine = create_engine(cuts.data_dir)
    engine.open()
    for event in engine.index(IndexRequest((documents,)), threading.Event()):
        if isinstance(event, FileStarted):
            cuts.cut()
    engine.close()
    undisturbed = read_serving(cuts.data_dir)[1]
    images = list(cuts.taken)
    assert len(images) > 16
    cuts.is_over = True
    # The first is from the making of the table, the last four are around the tidying up.
    chosen = [images[0], *random.Random(seed).sample(images[1:-4], 2), *images[-4:]]
    for image in chosen:
        assert_made_whole(create_engine(image), image, documents, undisturbed)


def assert_made_whole(
    engine: Engine, image: Path, documents: Path, undisturbed: set[tuple[str, int, int]]
) -> None:
    engine.open()
    events = index(engine, documents)
    assert not only(events, RunHalted), image.name
    found = engine.search(SearchRequest("ferry", limit=10, mode=SearchMode.TEXT))
    assert len(found.hits) == 4, image.name
    engine.close()
    assert read_serving(image)[1] == undisturbed, image.name


@pytest.fixture
def indexed(tmp_path: Path, documents: Path, create_engine: CreateEngine) -> Path:
    engine = create_engine(tmp_path / "data")
    engine.open()
    index(engine, documents)
    engine.close()
    return tmp_path / "data"


@pytest.mark.usefixtures("expected_warnings")
def test_passages_that_are_not_there_any_more_are_read_again_and_it_is_said(
    indexed: Path, documents: Path, create_engine: CreateEngine
) -> None:
    undisturbed = read_serving(indexed)[1]
    with open_store(indexed) as store:
        store.delete([(file_id, 1) for file_id in (2, 3, 5)])
    engine = create_engine(indexed)
    engine.open()
    events = index(engine, documents)
    assert only(events, IndexMended) == [IndexMended(3, 3)]
    assert "read again" in IndexMended(3, 3).sentence
    assert not only(index(engine, documents), IndexMended)
    engine.close()
    assert read_serving(indexed)[1] == undisturbed


@pytest.mark.usefixtures("expected_warnings")
def test_passages_that_are_there_twice_or_belong_to_nobody_are_removed(
    indexed: Path, documents: Path, create_engine: CreateEngine
) -> None:
    undisturbed = read_serving(indexed)[1]
    with open_store(indexed) as store:
        store.add([row(4, "a ferry", 1), row(999, "a ferry", 1), row(6, "a ferry", 7)])
    engine = create_engine(indexed)
    engine.open()
    index(engine, documents)
    assert engine.status().rows == 16
    engine.close()
    with Ledger(Paths(indexed).ledger, read_only=True) as ledger:
        assert ledger.leftovers() == []
    assert read_serving(indexed)[1] == undisturbed


@pytest.mark.usefixtures("expected_warnings")
def test_a_text_index_that_is_spoilt_is_built_anew_when_the_store_is_opened(
    indexed: Path, create_engine: CreateEngine
) -> None:
    for part in Paths(indexed).store.rglob("part_*"):
        os.truncate(part, 0)
    engine = create_engine(indexed)
    engine.open()
    found = engine.search(SearchRequest("ferry", limit=10, mode=SearchMode.TEXT))
    assert len(found.hits) == 4


def test_a_store_of_which_no_version_can_be_read_stays_as_it_is(
    indexed: Path, create_engine: CreateEngine
) -> None:
    data = list(Paths(indexed).store.rglob("data/*.lance"))
    for file in data:
        os.truncate(file, 10)
    before = sorted(path.name for path in Paths(indexed).store.rglob("*"))
    engine = create_engine(indexed)
    engine.open()
    with pytest.raises(StoreError, match="could not be") as told:
        engine.status()
    assert "doctor" in told.value.hint
    assert sorted(path.name for path in Paths(indexed).store.rglob("*")) == before


def test_a_file_is_replaced_whole_and_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "settings.json", []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(path.exists()))
    replace_file(path, "{}")
    assert path.read_text() == "{}"
    assert synced == [False], "the draft is synced before it takes the name"


def test_only_new_files_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = SyncedFolder(tmp_path)
    (tmp_path / "a").write_text("a")
    assert (folder.sync(), folder.sync()) == (1, 0)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_text("c")
    assert (folder.sync(), folder.sync()) == (1, 0)
    os.utime(tmp_path / "a", ns=(1, 1))
    assert (folder.sync(), folder.sync()) == (1, 0)


@contextmanager
def open_store(data_dir: Path) -> Iterator[Store]:
    paths = Paths(data_dir)
    with Ledger(paths.ledger, read_only=True) as ledger:
        serving = ledger.editions.serving()
    assert serving is not None
    store = Store(paths.store, serving.model, serving.dimension, table_name=serving.table_name)
    yield store
    store.close()
