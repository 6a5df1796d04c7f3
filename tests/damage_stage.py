"""What tests of damaged data folders share: an index made once, and ways to damage it."""

import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rebuild_stage import read_serving, settings_for, use_word_hosts, write_documents
from small_models import write_model

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, GroupWritten, IndexEvent
from vext_desktop.index.health.repair import FolderRepair, RepairReport
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths


def delete(file: Path, chance: random.Random) -> None:
    file.unlink()


def truncate(file: Path, chance: random.Random) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(max(1, len(data)))])


def zero(file: Path, chance: random.Random) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def flip(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    for _ in range(min(len(data), 8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)


def garbage(file: Path, chance: random.Random) -> None:
    file.write_bytes(chance.randbytes(max(100, file.stat().st_size)))


DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "delete": delete, "truncate": truncate, "zero": zero, "flip": flip, "garbage": garbage,
}  # fmt: skip
# Not part of the index, or only there while something runs.
_NO_VICTIMS = ("logs", "prepared_models", "writer.lock", "reserve", "ledger.sqlite-shm")


class DamageStage:
    """Documents, a tiny model, and a data folder that was indexed from them in two runs."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.model = write_model(place / "model", 32, pooling="cls", seed=1)
        self.documents = place / "documents"
        write_documents(self.documents, copies=3)
        self.whole = place / "whole"
        with pytest.MonkeyPatch.context() as patch:
            use_word_hosts(patch)
            self._index(self.whole, self.documents)
            self._set_settings()
            (self.documents / "later.txt").write_text("The keeper of the lighthouse has a dog.")
            self._index(self.whole, self.documents)
        self.expected = read_serving(self.whole)[1]

    def _set_settings(self) -> None:
        (self.whole / "settings.json").write_text('{"max_pages": 900}')

    def _index(self, data_dir: Path, *paths: Path) -> list[IndexEvent]:
        engine = Engine(settings_for(self.model), Paths(data_dir))
        try:
            engine.open()
            return list(engine.index(IndexRequest(paths), threading.Event()))
        finally:
            engine.close()

    def copied(self, place: Path) -> Paths:
        """A data folder like the first one, for a test to damage."""
        shutil.copytree(self.whole, place, symlinks=True)
        return Paths(place)

    def index(self, paths: Paths, *, again: bool = False) -> int:
        """Index the documents, or all that is known again; returns how many chunks it embedded."""
        events = self._index(paths.data_dir, *([] if again else [self.documents]))
        return sum(event.size for event in events if isinstance(event, BatchFinished))

    def index_without_maintenance(self, paths: Paths) -> None:
        """Index once more, and end before the store's pieces are joined into one."""
        engine, stopped = Engine(settings_for(self.model), paths), threading.Event()
        engine.open()
        try:
            for event in engine.index(IndexRequest((self.documents,)), stopped):
                if isinstance(event, GroupWritten):
                    stopped.set()
        finally:
            engine.close()

    def index_in_volumes(self, paths: Paths, max_rows: int) -> None:
        """Index once more, with a new volume from so many rows on."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(Store.__init__.__kwdefaults__, "max_rows_of_volume", max_rows)
            self.index(paths)


def victims(paths: Paths) -> list[Path]:
    """The files that a test may damage."""
    files = (file for file in sorted(paths.data_dir.rglob("*")) if file.is_file())
    return [f for f in files if f.relative_to(paths.data_dir).parts[0] not in _NO_VICTIMS]


def repair(paths: Paths) -> RepairReport:
    """Repair a data folder to the end."""
    work = FolderRepair(paths)
    for _ in work.steps():
        pass
    assert work.report is not None
    return work.report
