"""One small index for all tests here; each test gets a copy of its own to damage."""

from collections.abc import Iterator

import pytest
from damage_stage import DamageStage
from rebuild_stage import use_word_hosts


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> DamageStage:
    return DamageStage(tmp_path_factory.mktemp("damage"))


@pytest.fixture
def stage(made_once: DamageStage, monkeypatch: pytest.MonkeyPatch) -> Iterator[DamageStage]:
    """Documents and their index; the documents are as they were after the test."""
    use_word_hosts(monkeypatch)
    before = {file: file.read_bytes() for file in made_once.documents.iterdir()}
    yield made_once
    assert {file: file.read_bytes() for file in made_once.documents.iterdir()} == before
