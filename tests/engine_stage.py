"""The real engine with the shipped model: its settings for tests, and what a run has stored."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import run_stage
from run_stage import Rows

from vext_desktop.engine import Engine
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

# Where a test is not about processes, the model runs in this one: torch is imported only once.
# The cap makes room for both, since torch in this process counts as the program's own memory.
SETTINGS = Settings(
    rows_per_write=8, isolation="thread", engine_threads=1, memory_cap_mb=8000, memory_share=1
)
IN_PROCESS = SETTINGS.model_copy(update={"isolation": "process", "engine_threads": 0})
OpenEngine = Callable[..., Engine]


@contextmanager
def opened_engines(default: Settings = SETTINGS) -> Iterator[OpenEngine]:
    """What opens engines over a data folder; all of them are closed at the end."""
    engines: list[Engine] = []

    def open_one(data_dir: Path, settings: Settings = default) -> Engine:
        engine = Engine(settings, Paths(data_dir))
        engines.append(engine)
        engine.open()
        return engine

    yield open_one
    for engine in engines:
        engine.close()


def read_rows(data_dir: Path) -> Rows:
    """What `run_stage.read_rows` gives, of an index of the shipped model."""
    return run_stage.read_rows(data_dir, "all-MiniLM-L6-v2", 384)
