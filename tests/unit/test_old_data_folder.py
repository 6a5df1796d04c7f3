"""Data folders that an older program has made: opened, kept, and rebuilt like any other."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rebuild_stage import read_serving, settings_for, use_word_hosts, write_documents
from run_stage import run
from small_models import write_model

from vext_desktop.engine import Engine
from vext_desktop.errors import StoreError
from vext_desktop.events import BatchFinished, IndexSwapped, RunHalted
from vext_desktop.index import edition_tables, lance_table
from vext_desktop.index.ledger_schema import UPGRADES
from vext_desktop.index.rows import schema
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.index.store import Store
from vext_desktop.index.table_names import table_names
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

# The last version of the schema that knew no editions.
WITHOUT_EDITIONS = 2


@pytest.fixture
def open_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Engine]]:
    use_word_hosts(monkeypatch)
    opened: list[Engine] = []

    def open_one(settings: Settings) -> Engine:
        for earlier in opened:
            earlier.close()
        engine = Engine(settings, Paths(tmp_path / "data"))
        opened.append(engine)
        engine.open()
        return engine

    yield open_one
    for engine in opened:
        engine.close()


def make_old(data_dir: Path) -> None:
    """Take away what the newer schema has, so that the ledger is as the older program left it."""
    connection = sqlite3.connect(Paths(data_dir).ledger)
    for table in ("editions", "kept_passages", "kept_leftovers"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute(f"PRAGMA user_version = {WITHOUT_EDITIONS}")
    connection.commit()
    connection.close()
    assert len(UPGRADES) > WITHOUT_EDITIONS


@pytest.fixture
def old_folder(
    tmp_path: Path, open_engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> Path:
    model = write_model(tmp_path / "first", 32, pooling="cls")
    write_documents(tmp_path / "documents", copies=2)
    with monkeypatch.context() as older:
        # Tables did not say what made them.
        older.setattr(lance_table, "schema", lambda dimension, _model: schema(dimension))
        engine = open_engine(settings_for(model))
        run(engine, tmp_path / "documents")
        engine.close()
    make_old(tmp_path / "data")
    return model


def test_an_old_folder_is_searched_and_kept_up_to_date_without_embedding_anything_again(
    old_folder: Path, open_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = open_engine(settings_for(old_folder))
    answer = engine.search(SearchRequest("knead dough bake bread", limit=2, mode=SearchMode.VECTOR))
    assert [Path(hit.path).name.split()[0] for hit in answer.hits] == ["bread", "bread"]
    assert engine.status().rebuild.pending is None
    events = run(engine)
    assert not any(isinstance(event, BatchFinished) for event in events)
    engine.close()
    model, rows = read_serving(tmp_path / "data")
    assert model.startswith("first")
    assert len(rows) == 8


def test_an_old_folder_serves_until_another_model_has_made_its_own(
    old_folder: Path, open_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    second = write_model(tmp_path / "second", 48, seed=2)
    engine = open_engine(settings_for(second))
    assert engine.status().model.startswith("first")
    # Where the old model lies is not known any more, so that words must do until then.
    assert engine.search(SearchRequest("landlord")).mode is SearchMode.TEXT
    assert len(engine.search(SearchRequest("landlord")).hits) == 2
    pending = engine.status().rebuild.pending
    assert pending is not None
    assert pending.files == 8
    events = run(engine)
    assert any(isinstance(event, IndexSwapped) for event in events)
    assert engine.status().model.startswith("second")


def test_files_that_an_older_program_had_changed_over_already_are_read_again(
    old_folder: Path, open_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    connection = sqlite3.connect(Paths(tmp_path / "data").ledger)
    connection.execute(
        "UPDATE files SET index_key = 'other (00000000)|chunker 1|1000|200' WHERE file_id = 1"
    )
    connection.commit()
    connection.close()
    engine = open_engine(settings_for(old_folder))
    events = run(engine)
    finished = events[-1]
    assert finished.summary["files"]["indexed"] == 1  # type: ignore[attr-defined, index]
    engine.close()
    assert len(read_serving(tmp_path / "data")[1]) == 8


def test_a_table_that_an_older_program_left_behind_gives_its_disk_back(
    old_folder: Path, open_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    store = Paths(tmp_path / "data").store
    left = Store(store, "a model of before", 16)
    left.close()
    assert len(table_names(store)) == 2
    engine = open_engine(settings_for(old_folder))
    run(engine)
    assert len(table_names(store)) == 1
    assert len(engine.search(SearchRequest("landlord", mode=SearchMode.TEXT)).hits) == 2


@pytest.mark.usefixtures("expected_warnings")
def test_a_table_that_cannot_be_removed_spoils_no_run(
    old_folder: Path,
    open_engine: Callable[..., Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(folder: Path, name: str) -> None:
        raise StoreError(f"{name} is in use by another program.")

    Store(Paths(tmp_path / "data").store, "a model of before", 16).close()
    monkeypatch.setattr(edition_tables, "drop_table", refuse)
    events = run(open_engine(settings_for(old_folder)))
    assert not [event for event in events if isinstance(event, RunHalted)]
