"""A folder of documents, a service, and an engine that indexes the one with the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import run_stage
from fake_services import DIMENSION, FakeService
from run_stage import Rows

from vext_desktop.assembly.service import chosen_service
from vext_desktop.embedding.service_memory import ServiceMemory
from vext_desktop.engine import Engine
from vext_desktop.events import IndexEvent, RunHalted
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

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


def halt(events: list[IndexEvent]) -> RunHalted:
    (halted,) = [event for event in events if isinstance(event, RunHalted)]
    return halted


def read_rows(settings: Settings, data_dir: Path) -> Rows:
    """What `run_stage.read_rows` gives, of the index that these settings make."""
    service = chosen_service(settings)
    assert service is not None
    name = ServiceMemory(Paths(data_dir).service_models).index_name(service)
    return run_stage.read_rows(data_dir, name, DIMENSION)
