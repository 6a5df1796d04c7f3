"""A change of model or chunking: beside the old index, swapped when complete, and undone."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from rebuild_stage import (
    SUBJECTS,
    WordHost,
    read_serving,
    run,
    settings_for,
    use_word_hosts,
    write_documents,
    write_models,
)
from small_models import write_model

from vext_desktop.embedding.embedder import EmbeddedBatch
from vext_desktop.engine import Engine
from vext_desktop.errors import EmbeddingError, ModelError, UsageError
from vext_desktop.events import (
    BatchFinished,
    GroupWritten,
    IndexEvent,
    IndexSwapped,
    RebuildHeld,
    RunFinished,
    RunStarted,
)
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

STAGE = Path(__file__).parent.parent / "rebuild_stage.py"
OpenEngine = Callable[[Settings], Engine]


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


def found(engine: Engine, query: str = "knead dough bake bread oven crust") -> list[str]:
    answer = engine.search(SearchRequest(query, limit=4, mode=SearchMode.VECTOR))
    assert answer.mode is SearchMode.VECTOR, answer.notice
    return [Path(hit.path).stem for hit in answer.hits]


def is_about(names: list[str], subject: str) -> bool:
    return len(names) == 4 and all(name.startswith(subject) for name in names)


def only(events: list[IndexEvent], kind: type) -> list[IndexEvent]:
    return [event for event in events if isinstance(event, kind)]


def chunks_embedded(events: list[IndexEvent]) -> int:
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    chunks = finished.summary["chunks"]
    assert isinstance(chunks, int)
    return chunks


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


def test_the_cost_is_told_before_and_the_old_index_is_kept_up_to_date_until_it_is_wanted(
    open_engine: OpenEngine, documents: Path, models: tuple[Path, Path]
) -> None:
    run(open_engine(settings_for(models[0])), documents)
    engine = open_engine(settings_for(models[1]))
    pending = engine.status().rebuild.pending
    assert pending is not None
    assert (pending.files, pending.passages, pending.files_done) == (16, 16, 0)
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
