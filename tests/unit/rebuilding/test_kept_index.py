"""The index of before: kept, taken up again, undone to, and removed in the end."""

import threading
from pathlib import Path

import pytest
from rebuild_stage import (
    OpenEngine,
    chunks_embedded,
    found,
    is_about,
    only,
    read_serving,
    settings_for,
)
from run_stage import run

from vext_desktop.errors import UsageError
from vext_desktop.events import BatchFinished, GroupWritten, IndexEvent, IndexSwapped, RunFinished
from vext_desktop.index.search import SearchMode, SearchRequest


def test_a_change_can_be_undone_and_done_again_without_embedding_anything(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    engine = open_engine(settings_for(models[0]))
    run(engine, documents)
    engine.close()
    first = read_serving(data_dir)
    engine = open_engine(settings_for(models[1]))
    run(engine)
    kept = engine.status().rebuild
    assert kept.can_undo
    assert [one.is_complete for one in kept.kept] == [True]
    settings = engine.rebuilding.undo()
    assert settings.model == str(models[0])
    assert is_about(found(engine, "tenant pays landlord rent"), "rent")
    engine.close()
    assert read_serving(data_dir) == first
    events = run(open_engine(settings))
    assert not only(events, BatchFinished)
    assert not only(events, IndexSwapped)
    events = run(open_engine(settings_for(models[1])))
    assert not only(events, BatchFinished), "the kept index was not taken up again"
    assert only(events, IndexSwapped)


def test_what_changed_meanwhile_is_read_again_after_an_undo(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    run(engine)
    (documents / "rent 0.txt").write_text("A note about a lighthouse keeper and his dog.")
    (documents / "ferry 0.txt").unlink()
    (documents / "new.txt").write_text("Coffee and a lighthouse.")
    run(engine)
    engine = open_engine(engine.rebuilding.undo())
    events = run(engine)
    (finished,) = only(events, RunFinished)
    assert isinstance(finished, RunFinished)
    assert finished.summary["files"] == {
        "indexed": 2, "unchanged": 14, "removed": 0, "set_aside": 0,
    }  # fmt: skip
    words = engine.search(SearchRequest("lighthouse", mode=SearchMode.TEXT)).hits
    assert sorted(Path(hit.path).name for hit in words) == ["new.txt", "rent 0.txt"]
    assert "ferry 0" not in found(engine, "the ferry leaves the island")


def test_settings_changed_back_before_the_end_lead_to_the_old_index_without_work(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    engine = open_engine(settings_for(models[0]))
    run(engine, documents)
    engine.close()
    first = read_serving(data_dir)
    engine, stopped = open_engine(settings_for(models[1])), threading.Event()

    def stop(event: IndexEvent) -> None:
        if isinstance(event, GroupWritten):
            stopped.set()

    run(engine, stopped=stopped, on_event=stop)
    engine = open_engine(settings_for(models[0]))
    events = run(engine)
    assert not only(events, BatchFinished)
    (unfinished,) = engine.status().rebuild.kept
    assert not unfinished.is_complete
    engine.close()
    assert read_serving(data_dir) == first
    cost = open_engine(settings_for(models[0])).describe_rebuild(settings_for(models[1]))
    assert cost is not None
    assert cost.files_done > 0
    events = run(open_engine(settings_for(models[1])))
    assert 0 < chunks_embedded(events) < 16
    assert only(events, IndexSwapped)


def test_an_unfinished_index_is_dropped_on_request_only_and_gives_its_disk_back(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1], keep_old_index_days=1))
    run(engine)
    tables = list((data_dir / "store").glob("*.lance"))
    assert len(tables) == 2
    (kept,) = engine.status().rebuild.kept
    assert engine.rebuilding.remove_kept() == kept.bytes_on_disk > 0
    assert len(list((data_dir / "store").glob("*.lance"))) == 1
    assert not engine.status().rebuild.can_undo
    with pytest.raises(UsageError, match="no earlier index"):
        engine.rebuilding.undo()
    assert is_about(found(engine), "bread")


def test_the_old_index_goes_by_itself_after_its_days_and_never_while_it_serves(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1], keep_old_index_days=3))
    run(engine)
    editions = engine._folder.ledger.editions
    now = editions._clock
    editions._clock = lambda: now() + 2 * 86400
    run(engine)
    assert engine.status().rebuild.kept
    editions._clock = lambda: now() + 4 * 86400
    run(engine)
    assert not engine.status().rebuild.kept
    assert len(list((data_dir / "store").glob("*.lance"))) == 1
    assert is_about(found(engine), "bread")


def test_which_index_is_used_cannot_change_under_a_run(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    refused = []

    def meddle(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished):
            with pytest.raises(UsageError, match="while a run is on"):
                engine.rebuilding.undo()
            refused.append(event)

    run(engine, on_event=meddle)
    assert refused
    engine.rebuilding.undo()


def test_a_kept_index_loses_removed_files_and_can_serve_again_at_once(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], data_dir: Path
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    run(engine)
    (documents / "bread 0.txt").unlink()
    run(engine)
    engine.rebuilding.undo()
    assert sorted(found(engine))[:3] == ["bread 1", "bread 2", "bread 3"]
    engine.close()
    store_rows = len(read_serving(data_dir)[1])
    assert store_rows == 15
