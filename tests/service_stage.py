"""A folder of documents, a service, and an engine that indexes the one with the other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from fake_services import DIMENSION, FakeService

from vext_desktop.assembly.service import chosen_service
from vext_desktop.embedding.service_memory import ServiceMemory
from vext_desktop.engine import Engine
from vext_desktop.events import IndexEvent, RunFinished, RunHalted
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

# (file name, start, end) of a passage, and its vector.
Rows = dict[tuple[str, int, int], np.ndarray]
FILES = 4


def write_documents(folder: Path) -> Path:
    """Four files of some passages each."""
    folder.mkdir(parents=True)
    for number in range(FILES):
        paragraphs = [
            f"Paragraph {place} of file {number} tells of the {word}. " * 3
            for place, word in enumerate(("river", "forest", "harbour", "kitchen"))
        ]
        (folder / f"file {number}.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    return folder


def settings_for(service: FakeService, **others: object) -> Settings:
    values = {
        "provider": service.provider,
        f"{service.provider}_url": service.url,
        f"{service.provider}_model": "small",
        "service_batch_size": 4,
        "service_timeout_s": 5.0,
        "chunk_size": 200,
        "chunk_overlap": 20,
        "rows_per_write": 8,
        "memory_cap_mb": 8000,
        "memory_share": 1,
    }
    return Settings.model_validate(values | others)


@contextmanager
def opened(settings: Settings, data_dir: Path, *, agrees: bool = True) -> Iterator[Engine]:
    engine = Engine(settings, Paths(data_dir))
    try:
        engine.open()
        if agrees:
            engine.sending.agree()
        yield engine
    finally:
        engine.close()


def run(
    engine: Engine,
    *paths: Path,
    stopped: threading.Event | None = None,
    on_event: Callable[[IndexEvent], None] | None = None,
) -> list[IndexEvent]:
    """All events of a run; the pauses that it asks for are not kept."""
    events = []
    for event in engine.index(IndexRequest(paths), stopped or threading.Event()):
        events.append(event)
        if on_event:
            on_event(event)
    return events


def summary(events: list[IndexEvent]) -> dict[str, object]:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last.summary


def halt(events: list[IndexEvent]) -> RunHalted:
    (halted,) = [event for event in events if isinstance(event, RunHalted)]
    return halted


def read_rows(settings: Settings, data_dir: Path) -> Rows:
    """Every row of the store, with no row twice and none that belongs to no finished file."""
    paths = Paths(data_dir)
    service = chosen_service(settings)
    assert service is not None
    memory = ServiceMemory(paths.service_models)
    store = Store(paths.store, memory.index_name(service), DIMENSION, read_only=True)
    try:
        with Ledger(paths.ledger, read_only=True) as ledger:
            records = {record.file_id: record for record in ledger.files()}
        rows: Rows = {}
        vectors = {file_id: store.vectors_of(file_id) for file_id in records}
        for file_id, generation, ordinal, start, end in store.keys():  # noqa: SIM118 - no mapping
            record = records[file_id]
            assert generation == record.generation, "a row of an unfinished or older generation"
            key = (Path(record.path).name, start, end)
            assert key not in rows, "a row twice"
            rows[key] = vectors[file_id][generation, ordinal]
        return rows
    finally:
        store.close()
