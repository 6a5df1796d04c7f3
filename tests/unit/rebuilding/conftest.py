"""Small folders of documents, two models, and engines over one data folder, one at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rebuild_stage import OpenEngine, use_word_hosts, write_documents, write_models

from vext_desktop.engine import Engine
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    write_documents(tmp_path / "documents")
    return tmp_path / "documents"


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    return write_models(tmp_path / "models")


@pytest.fixture
def seated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return use_word_hosts(monkeypatch)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def open_engine(data_dir: Path, seated: list[str]) -> Iterator[OpenEngine]:
    opened: list[Engine] = []

    def open_one(settings: Settings) -> Engine:
        for earlier in opened:
            earlier.close()
        engine = Engine(settings, Paths(data_dir))
        opened.append(engine)
        engine.open()
        return engine

    yield open_one
    for engine in opened:
        engine.close()
