"""A rebuild that is killed, stopped, or cannot be done: the old index serves on."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
import rebuild_stage
from rebuild_stage import (
    SUBJECTS,
    OpenEngine,
    WordHost,
    chunks_embedded,
    found,
    is_about,
    only,
    read_serving,
    settings_for,
    write_documents,
)
from run_stage import run
from small_models import write_model

from vext_desktop.embedding.embedder import EmbeddedBatch
from vext_desktop.errors import EmbeddingError, ModelError, UsageError
from vext_desktop.events import BatchFinished, IndexSwapped, RebuildHeld
from vext_desktop.index.search import SearchMode, SearchRequest

STAGE = Path(rebuild_stage.__file__)


def test_a_stop_costs_the_batch_in_hand_and_not_the_one_after_it(
    open_engine: OpenEngine,
    documents: Path,
    models: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped, embed = threading.Event(), WordHost.embed

    def stop_meanwhile(
        host: WordHost, texts: Sequence[str], *, as_query: bool = False
    ) -> EmbeddedBatch:
        if len(texts) > 1:  # not the proof text
            stopped.set()
        return embed(host, texts, as_query=as_query)

    monkeypatch.setattr(WordHost, "embed", stop_meanwhile)
    engine = open_engine(settings_for(models[0], batch_size=2))
    assert len(only(run(engine, documents, stopped=stopped), BatchFinished)) == 1
    monkeypatch.setattr(WordHost, "embed", embed)
    run(engine)
    assert engine.status().rows == 16


def test_weights_replaced_under_the_same_name_are_another_model(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    write_model(models[0], 32, pooling="cls", seed=99)
    engine = open_engine(settings_for(models[0]))
    answer = engine.search(SearchRequest("landlord"))
    assert answer.mode is SearchMode.TEXT
    assert "that model is no longer where it was" in answer.notice
    assert len(answer.hits) == 4
    assert engine.status().rebuild.pending is not None
    events = run(engine)
    assert only(events, IndexSwapped)
    assert is_about(found(engine), "bread")


def test_a_folder_that_is_removed_during_a_rebuild_is_found_no_more(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    write_documents(documents.parent / "others", copies=1)
    run(open_engine(settings_for(models[0])), documents, documents.parent / "others")
    engine, stopped = open_engine(settings_for(models[1])), threading.Event()
    run(engine, stopped=stopped, on_event=lambda _: stopped.set())
    engine.remove_root(documents)
    assert found(engine) == ["bread 0"] + [
        name for name in found(engine) if not name.startswith("bread")
    ]
    run(engine)
    engine.close()
    model, rows = read_serving(data_dir)
    assert model.startswith("second")
    assert {name for name, _, _ in rows} == {f"{name} 0.txt" for name in SUBJECTS}


def test_files_that_cannot_be_reached_keep_the_old_index_serving_until_the_user_decides(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], tmp_path: Path
) -> None:
    write_documents(tmp_path / "drive", copies=1)
    run(open_engine(settings_for(models[0])), documents, tmp_path / "drive")
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    engine = open_engine(settings_for(models[1]))
    events = run(engine)
    assert not only(events, IndexSwapped)
    (held,) = only(events, RebuildHeld)
    assert held == RebuildHeld(engine.status().rebuild.sentence)
    assert "4 files on a drive" in engine.status().rebuild.sentence
    assert len(found(engine, "price of coffee")) == 4
    (swapped,) = list(engine.rebuilding.use_now())
    assert isinstance(swapped, IndexSwapped)
    assert swapped.files == 16
    with pytest.raises(UsageError, match="No index is being rebuilt"):
        list(engine.rebuilding.use_now())


@pytest.mark.parametrize("moment", ["in run", "before swap", "in swap", "after swap"])
def test_a_kill_leaves_the_old_or_the_new_index_and_the_next_run_ends_with_all_of_it(
    moment: str, open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    engine = open_engine(settings_for(models[0]))
    run(engine, documents)
    engine.close()
    first = read_serving(data_dir)
    command = [sys.executable, str(STAGE), str(data_dir), str(models[1]), moment]
    killed = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert killed.returncode == -9, killed.stderr.decode()
    model, rows = read_serving(data_dir)
    assert model.split()[0] == ("second" if moment == "after swap" else "first")
    assert rows == first[1]
    engine = open_engine(settings_for(models[1]))
    assert is_about(found(engine), "bread")
    events = run(engine)
    assert bool(only(events, BatchFinished)) == (moment == "in run")
    assert len(found(engine, "coffee")) == 4
    engine.close()
    model, rows = read_serving(data_dir)
    assert model.startswith("second")
    assert rows == first[1]


def test_a_model_that_fails_for_most_files_does_not_take_the_place_of_one_that_works(
    open_engine: OpenEngine,
    documents: Path,
    models: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1], batch_retries=1))
    working = WordHost.embed

    def fail(host: WordHost, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        if any("copy" in text or "Knead" in text for text in texts):
            raise EmbeddingError("The model failed.")
        return working(host, texts, as_query=as_query)

    with monkeypatch.context() as broken:
        broken.setattr(WordHost, "embed", fail)
        events = run(engine)
    assert not only(events, IndexSwapped)
    assert "could not take in 16 files" in engine.status().rebuild.sentence
    assert is_about(found(engine), "bread")


def test_what_cannot_be_rebuilt_for_want_of_its_model_is_kept_up_to_date_as_it_is(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], tmp_path: Path
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(tmp_path / "nowhere"))
    (documents / "late.txt").write_text("A late note about a lighthouse.")
    assert chunks_embedded(run(engine, rebuilds=False)) == 1
    with pytest.raises(ModelError, match="no model folder"):
        run(engine)


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "no address"])
def test_a_service_that_is_chosen_has_no_say_in_the_run_of_another_index(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], url: str
) -> None:
    run(open_engine(settings_for(models[0], batch_size=4)), documents)
    engine = open_engine(settings_for(models[0], batch_size=4, provider="openai", openai_url=url))
    (documents / "late.txt").write_text("A late note about a lighthouse. " * 300)
    events = run(engine, rebuilds=False)
    assert max(event.size for event in events if isinstance(event, BatchFinished)) == 4
