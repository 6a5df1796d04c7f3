"""Small folders of documents, a model that needs no library, and engines over any data folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rebuild_stage import settings_for, use_word_hosts, write_documents
from small_models import write_model

from vext_desktop.engine import Engine
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

CreateEngine = Callable[[Path], Engine]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    write_documents(tmp_path / "documents")
    return tmp_path / "documents"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    use_word_hosts(monkeypatch)
    return settings_for(write_model(tmp_path / "model", 32))


@pytest.fixture
def create_engine(settings: Settings) -> Iterator[CreateEngine]:
    """Makes engines, not opened yet, that are closed at the end."""
    made: list[Engine] = []

    def create(data_dir: Path) -> Engine:
        made.append(Engine(settings, Paths(data_dir)))
        return made[-1]

    yield create
    for engine in made:
        engine.close()
