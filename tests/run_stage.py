"""A run of an engine followed to its end, and the rows that it has left in the store."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vext_desktop.engine import Engine
from vext_desktop.events import IndexEvent, RunFinished
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths

# (file name, start, end) of a passage, and its vector.
Rows = dict[tuple[str, int, int], np.ndarray]


def run(
    engine: Engine,
    *paths: Path,
    stopped: threading.Event | None = None,
    on_event: Callable[[IndexEvent], None] | None = None,
    rebuilds: bool = True,
) -> list[IndexEvent]:
    """All events of a run; the pauses that it asks for are not kept."""
    events = []
    request = IndexRequest(paths, rebuilds=rebuilds)
    for event in engine.index(request, stopped or threading.Event()):
        events.append(event)
        if on_event:
            on_event(event)
    assert isinstance(events[-1], RunFinished)
    return events


def summary(events: list[IndexEvent]) -> dict[str, object]:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last.summary


def read_rows(data_dir: Path, model: str, dimension: int) -> Rows:
    """Every row of the store, with no row twice and none that belongs to no finished file."""
    paths = Paths(data_dir)
    store = Store(paths.store, model, dimension, read_only=True)
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


def assert_same_rows(found: Rows, expected: Rows) -> None:
    assert found.keys() == expected.keys()
    for key, vector in expected.items():
        np.testing.assert_allclose(found[key], vector, atol=1e-3)
