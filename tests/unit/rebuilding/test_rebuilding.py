"""A change of model or chunking: beside the old index, swapped when complete, and undone."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from rebuild_stage import OpenEngine, WordHost, chunks_embedded, found, is_about, only, settings_for
from run_stage import run
from small_models import write_model

from vext_desktop.embedding.embedder import EmbeddedBatch
from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, IndexEvent, IndexSwapped, RunStarted
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.paths import Paths


def test_a_change_of_model_is_built_beside_and_swapped_when_it_is_complete(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], seated: list[str]
) -> None:
    engine = open_engine(settings_for(models[0]))
    run(engine, documents)
    first_model = engine.status().model
    engine = open_engine(settings_for(models[1]))
    answers = []

    def ask(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished):
            answers.append(found(engine))
            assert engine.status().model == first_model
            assert engine.status().rebuild.sentence.startswith(
                "Rebuilding the index for the model second"
            )

    events = run(engine, on_event=ask)
    assert len(answers) > 1
    assert all(is_about(names, "bread") for names in answers), "not answered by the old index"
    started = events[0]
    assert isinstance(started, RunStarted)
    assert started.rebuild.startswith("Rebuilding the index for the model second")
    (swapped,) = only(events, IndexSwapped)
    assert isinstance(swapped, IndexSwapped)
    assert (swapped.files, swapped.previous_model) == (16, "first")
    assert engine.status().model.startswith("second")
    assert is_about(found(engine), "bread")
    assert {name.split()[0] for name in seated} == {"first", "second"}


def test_words_answer_during_the_rebuild_where_the_run_must_not_give_up_its_model(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    request = SearchRequest("landlord", mode=SearchMode.HYBRID)
    answers = []

    def ask(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished):
            answers.append(engine.search(request, may_wait=False, may_switch=False))

    run(engine, on_event=ask)
    assert {answer.mode for answer in answers} == {SearchMode.TEXT}
    assert all("rebuilt with another model" in answer.notice for answer in answers)
    assert all(len(answer.hits) == 4 for answer in answers)


def test_a_memory_test_goes_on_with_its_model_after_a_search_with_another(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    had_query_model = []
    for event in engine.memory_test(3, threading.Event()):
        if isinstance(event, BatchFinished):
            had_query_model.append(engine.has_query_model)
            answer = engine.search(SearchRequest("landlord"), may_switch=False)
            assert answer.mode is SearchMode.TEXT
            assert found(engine)
    assert had_query_model == [False, False, False]


def test_a_change_of_chunking_is_searched_with_the_model_that_is_there(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], seated: list[str]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    seated.clear()
    engine = open_engine(settings_for(models[0], chunk_size=60, chunk_overlap=10))
    before = engine.status().rows

    def ask(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished):
            answer = engine.search(
                SearchRequest("knead dough", mode=SearchMode.VECTOR), may_switch=False
            )
            assert answer.mode is SearchMode.VECTOR

    events = run(engine, on_event=ask)
    assert only(events, IndexSwapped)
    assert engine.status().rows > before
    assert len(seated) == 1


def test_the_cost_is_told_before_and_the_old_index_is_kept_up_to_date_until_it_is_wanted(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    pending = engine.status().rebuild.pending
    assert pending is not None
    assert (pending.files, pending.passages, pending.files_done) == (16, 16, 0)
    assert pending.extra_bytes is not None
    assert pending.extra_bytes > 0
    assert "16 files, about 16 passages" in pending.sentence
    assert "Searches use the present index until the new one is complete." in pending.sentence
    (documents / "late.txt").write_text("A late note about a lighthouse.")
    events = run(engine, rebuilds=False)
    assert chunks_embedded(events) == 1
    assert not engine.status().rebuild.change
    assert found(engine, "lighthouse")[0] == "late"


def test_the_engine_alone_does_not_rebuild(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    engine = open_engine(settings_for(models[0], engine="onnx"))
    run(engine, documents)
    for others in ({"engine": "torch"}, {"device": "cpu"}, {"batch_size": 2}):
        assert engine.describe_rebuild(settings_for(models[0], **others)) is None
    assert engine.describe_rebuild(settings_for(models[0], chunk_size=500)) is not None


def test_a_search_uses_the_model_of_the_index_whatever_the_settings_say(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path], tmp_path: Path
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    assert is_about(found(open_engine(settings_for(models[1]))), "bread")
    assert is_about(found(open_engine(settings_for(tmp_path / "nowhere"))), "bread")


def test_a_search_beside_a_swap_compares_no_vectors_of_two_models(
    open_engine: OpenEngine,
    documents: Path,
    models: tuple[Path, Path],
    tmp_path: Path,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = write_model(tmp_path / "models" / "other", 32, pooling="mean", seed=5)
    run(open_engine(settings_for(models[0])), documents)
    writer = open_engine(settings_for(other))
    reader = Engine(settings_for(models[0]), Paths(data_dir))
    reader.open(read_only=True)
    embed = WordHost.embed

    def embed_while_the_writer_swaps(
        host: WordHost, texts: Sequence[str], *, as_query: bool = False
    ) -> EmbeddedBatch:
        monkeypatch.setattr(WordHost, "embed", embed)
        batch = host.embed(texts)
        assert only(run(writer), IndexSwapped)
        return batch

    monkeypatch.setattr(WordHost, "embed", embed_while_the_writer_swaps)
    try:
        answer = reader.search(
            SearchRequest("tenant pays landlord rent each month", limit=4, mode=SearchMode.VECTOR)
        )
        assert min(hit.score for hit in answer.hits) > 0.5  # of two models: 0.2
    finally:
        reader.close()
