"""Documents, services of our own and their key, for whole runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_services import KEY, FakeService, running
from run_stage import Rows, run, summary
from service_stage import FILES, opened, read_rows, settings_for, write_documents


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_documents(tmp_path_factory.mktemp("services") / "documents")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("COHERE_API_KEY", KEY)


@pytest.fixture(params=["openai", "cohere", "ollama"])
def service(request: pytest.FixtureRequest) -> Iterator[FakeService]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def openai() -> Iterator[FakeService]:
    with running("openai") as found:
        yield found


@pytest.fixture(scope="session")
def undisturbed(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What a run makes of the documents when nothing fails."""
    data_dir = tmp_path_factory.mktemp("undisturbed")
    with running("openai") as service:
        settings = settings_for(service)
        with opened(settings, data_dir) as engine:
            events = run(engine, documents)
        assert summary(events)["files"] == {
            "indexed": FILES, "unchanged": 0, "removed": 0, "set_aside": 0,
        }  # fmt: skip
        return read_rows(settings, data_dir)
