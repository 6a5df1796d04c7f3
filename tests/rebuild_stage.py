"""What tests of rebuilding share: small folders of documents, and models that need no library.

Run as a program, it indexes with other settings and kills itself at a chosen moment.
"""

import os
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_models import write_model

from vext_desktop.assembly import wiring
from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.model_card import read_model_card
from vext_desktop.embedding.model_folder import ModelFiles
from vext_desktop.engine import Engine
from vext_desktop.events import IndexEvent, RunFinished
from vext_desktop.index.editions import Editions
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

OpenEngine = Callable[[Settings], Engine]
SUBJECTS = {
    "bread": "Knead the dough, let it rise and bake bread in the oven until the crust is brown.",
    "rent": "The tenant pays the landlord the rent at the beginning of each month.",
    "ferry": "The ferry leaves the island at seven in the evening, weather permitting.",
    "coffee": "A note about the price of coffee in the harbour.",
}


class WordHost:
    """An `EmbedderHost` whose vectors are sums of one random vector for each word.

    The random vectors are the model's own: those of two models have nothing in common.
    """

    def __init__(self, model: ModelFiles) -> None:
        self._model = model
        self._dimension = read_model_card(model.folder).dimension
        self._begun: Sequence[str] = ()
        self.info: EmbedderInfo | None = None
        self.pid: int | None = None
        self.seconds_since_start = 0.0
        self.fresh_rss_bytes: int | None = None
        self.note = ""

    def begin_start(self) -> None:
        return None

    def is_ready(self, wait_s: float) -> bool:
        self.info = EmbedderInfo(
            "fake", self._model.name, self._dimension, 64, "", "cpu", sends_data_away=False
        )
        return True

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        assert self.info is not None, "the engine was ended and not started again"
        return EmbeddedBatch(np.stack([self._vector(text) for text in texts]), 0)

    def begin_embed(self, texts: Sequence[str]) -> None:
        self._begun = texts

    def finish_embed(self) -> EmbeddedBatch:
        return self.embed(self._begun)

    def free_memory(self) -> None:
        return None

    def read_memory(self) -> dict[str, Any] | None:
        return None

    def ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def restart(self) -> None:
        self.info = None

    def close(self) -> None:
        self.info = None

    def _vector(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        total = np.zeros(self._dimension, np.float32)
        for word in text.lower().replace(".", " ").replace(",", " ").split() or [""]:
            seed = zlib.crc32(f"{self._model.name} {word}".encode())
            total += np.random.default_rng(seed).normal(size=self._dimension).astype(np.float32)
        return total / np.linalg.norm(total)


def use_word_hosts(patch: pytest.MonkeyPatch) -> list[str]:
    """Let every engine be a `WordHost`; returns the names of the models as they are seated."""
    created: list[str] = []

    def create(
        settings: Settings, paths: Paths, model: ModelFiles, *_: object, **__: object
    ) -> Any:
        created.append(model.name)
        return WordHost(model)

    patch.setattr(wiring, "create_host", create)
    return created


def settings_for(model: Path, **others: Any) -> Settings:
    values = {"model": str(model), "rows_per_write": 8, "isolation": "thread", **others}
    return Settings(memory_cap_mb=8000, memory_share=1, **values)


def write_documents(folder: Path, copies: int = 4) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SUBJECTS.items():
        for number in range(copies):
            filler = f"This is copy {number} of a text about {name}."
            (folder / f"{name} {number}.txt").write_text(f"{text}\n\n{filler}", encoding="utf-8")


def write_models(folder: Path) -> tuple[Path, Path]:
    """Two models that differ in width and weights."""
    first = write_model(folder / "first", 32, pooling="cls", seed=1)
    return first, write_model(folder / "second", 48, pooling="mean", seed=2)


def read_serving(data_dir: Path) -> tuple[str, set[tuple[str, int, int]]]:
    """The model that serves, and (file, start, end) of each passage, none twice, no other row."""
    paths = Paths(data_dir)
    with Ledger(paths.ledger, read_only=True) as ledger:
        serving = ledger.editions.serving()
        assert serving is not None
        from vext_desktop.index.served_files import served_files

        known = served_files(ledger)
        store = Store(
            paths.store,
            serving.model,
            serving.dimension,
            table_name=serving.table_name,
            read_only=True,
        )
        found: set[tuple[str, int, int]] = set()
        for file_id, generation, _, start, end in store.keys():  # noqa: SIM118 - no mapping
            record = known.files_by_id([file_id])[file_id]
            if generation != record.generation:
                continue
            key = (Path(record.path).name, start, end)
            assert key not in found, "a row twice"
            found.add(key)
        store.close()
    return serving.model, found


def found(engine: Engine, query: str = "knead dough bake bread oven crust") -> list[str]:
    answer = engine.search(SearchRequest(query, limit=4, mode=SearchMode.VECTOR))
    assert answer.mode is SearchMode.VECTOR, answer.notice
    return [Path(hit.path).stem for hit in answer.hits]


def is_about(names: list[str], subject: str) -> bool:
    return len(names) == 4 and all(name.startswith(subject) for name in names)


def only(events: list[IndexEvent], kind: type) -> list[IndexEvent]:
    return [event for event in events if isinstance(event, kind)]


def chunks_embedded(events: list[IndexEvent]) -> int:
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    chunks = finished.summary["chunks"]
    assert isinstance(chunks, int)
    return chunks


def main() -> None:
    """Index DATA_DIR with MODEL, and be killed at MOMENT: before or after the swap, or on a run."""
    data_dir, model, moment = sys.argv[1:4]

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        use_word_hosts(patch)
        swap = Editions.swap
        if moment == "before swap":
            patch.setattr(Editions, "swap", die)
        elif moment == "in swap":
            patch.setattr(Editions, "_let_serve", _die_between(Editions._let_serve))
        elif moment == "after swap":
            patch.setattr(Editions, "swap", lambda self: (swap(self), die()))
        engine = Engine(settings_for(Path(model)), Paths(Path(data_dir)))
        engine.open()
        written = 0
        for event in engine.index(IndexRequest(), threading.Event()):
            written += type(event).__name__ == "GroupWritten"
            if moment == "in run" and written == 1:
                die()


def _die_between(let_serve: Callable[..., None]) -> Callable[..., None]:
    """Do all that the swap does, and die before its transaction is committed."""

    def die(*arguments: Any) -> None:
        let_serve(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    return die


if __name__ == "__main__":
    main()
