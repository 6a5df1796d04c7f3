"""Reloading and unloading the real engine: its memory is back, and the index is as it was."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from engine_stage import IN_PROCESS, SETTINGS, OpenEngine, opened_engines, read_rows
from run_stage import assert_same_rows, run, summary

from vext_desktop.events import BatchFinished, ChildStarted, CleanupFinished, IndexEvent
from vext_desktop.index.practice_text import practice_batches
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.readings import CleanupReceipt, ProcessRole


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unload") / "documents"
    folder.mkdir()
    for number, texts in enumerate(practice_batches(4, 4, seed=5)):
        (folder / f"file {number}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    return folder


@pytest.fixture
def open_engine() -> Iterator[OpenEngine]:
    with opened_engines(IN_PROCESS) as open_one:
        yield open_one


def engine_pids(*receipts: CleanupReceipt) -> list[int | None]:
    """The engine's process number before and after each, None where there was none."""
    found = []
    for receipt in receipts:
        for reading in (receipt.before, receipt.after):
            engine = reading.of(ProcessRole.ENGINE)
            found.append(engine.pid if engine else None)
    return found


def test_a_reload_in_the_middle_of_a_run_costs_no_chunk_and_returns_all_of_the_old_engine(
    open_engine: OpenEngine, documents: Path, tmp_path: Path
) -> None:
    undisturbed = open_engine(tmp_path / "undisturbed")
    run(undisturbed, documents)
    undisturbed.close()

    engine = open_engine(tmp_path / "reloaded")
    receipts: list[CleanupReceipt] = []

    def reload_twice(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished) and event.number in {1, 2}:
            *_, last = engine.reload_model()
            assert isinstance(last, CleanupFinished)
            receipts.append(last.receipt)

    events = run(engine, documents, on_event=reload_twice)
    pids = engine_pids(*receipts)
    assert len(set(pids)) == 3, "each reload must have brought a process of its own"
    assert pids[1] == pids[2]
    assert not any(psutil.pid_exists(pid) for pid in pids[:2] if pid), "an old engine is there"
    for receipt in receipts:
        roles = [process.role for process in receipt.after.processes]
        assert roles.count(ProcessRole.ENGINE) == 1
        assert receipt.bands_after is None or receipt.bands_after.of(ProcessRole.ENGINE)
    assert summary(events)["truncated_tokens"] == 0
    engine.close()
    # No chunk lost, none twice (`read_rows` sees to that), every vector as without a reload.
    assert_same_rows(read_rows(tmp_path / "reloaded"), read_rows(tmp_path / "undisturbed"))


def test_an_unload_ends_both_children_and_whoever_needs_them_starts_them_again(
    open_engine: OpenEngine, documents: Path, tmp_path: Path
) -> None:
    engine = open_engine(tmp_path / "data")
    run(engine, documents)
    children = psutil.Process().children(recursive=True)
    receipt = engine.unload_model("idle", 300.0)
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert len(gone) == 2
    assert alive == []
    assert [process.role for process in receipt.after.processes] == [ProcessRole.WINDOW]
    assert receipt.promised_bytes == pytest.approx(receipt.returned_bytes, rel=0.05)
    assert receipt.sentence.startswith("Model unloaded after 5 min without use: ")

    query = SearchRequest("budget meeting", limit=3)
    in_words = engine.search(query, may_wait=False)
    assert in_words.mode is SearchMode.TEXT
    assert in_words.notice
    for _ in engine.warm_up():
        pass
    assert engine.search(query, may_wait=False).mode is SearchMode.HYBRID

    engine.unload_model()
    (documents / "late.txt").write_text("A note about a lighthouse keeper and his dog.")
    try:
        events = run(engine, documents)
    finally:
        (documents / "late.txt").unlink()
    files = summary(events)["files"]
    assert isinstance(files, dict)
    assert (files["indexed"], files["unchanged"]) == (1, 4)


def test_a_model_in_this_process_is_given_up_and_proves_itself_anew(
    open_engine: OpenEngine, tmp_path: Path
) -> None:
    engine = open_engine(tmp_path / "data", SETTINGS)
    for _ in engine.warm_up():
        pass
    receipt = engine.unload_model()
    assert receipt.promised_bytes is None
    started = [event for event in engine.warm_up() if isinstance(event, ChildStarted)]
    assert len(started) == 1, "whoever waits for the model must hear of it"
