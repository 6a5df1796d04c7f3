"""The real engine on real text: a whole run, and what remains of it when something is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from engine_stage import IN_PROCESS, SETTINGS, OpenEngine, opened_engines, read_rows
from run_stage import Rows, assert_same_rows, run, summary

from vext_desktop.engine import Engine
from vext_desktop.errors import DataFolderBusyError
from vext_desktop.events import (
    BatchFinished,
    ChildDied,
    CleanupFinished,
    FileFinished,
    IndexEvent,
    RunEnd,
    RunFinished,
)
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.practice_text import practice_batches
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.readings import ProcessRole


def write_documents(folder: Path) -> None:
    folder.mkdir()
    for number, texts in enumerate(practice_batches(5, 4, seed=1)):
        (folder / f"file {number}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    (folder / "bread.txt").write_text(
        "Knead the dough for ten minutes, let it rise in a warm place and bake it until the "
        "crust is brown.", encoding="utf-8",
    )  # fmt: skip
    (folder / "rent.txt").write_text(
        "The tenant pays the landlord at the beginning of each month and may leave with three "
        "months' notice.", encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engine") / "documents"
    write_documents(folder)
    return folder


@pytest.fixture
def open_engine() -> Iterator[OpenEngine]:
    with opened_engines() as open_one:
        yield open_one


@pytest.fixture(scope="module")
def undisturbed(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """The data folder of a run that nothing disturbed, and its rows."""
    data_dir = tmp_path_factory.mktemp("undisturbed")
    engine = Engine(SETTINGS, Paths(data_dir))
    engine.open()
    try:
        events = run(engine, documents)
        assert summary(events)["files"] == {
            "indexed": 7, "unchanged": 0, "removed": 0, "set_aside": 0,
        }  # fmt: skip
        assert summary(events)["truncated_tokens"] == 0
    finally:
        engine.close()
    return data_dir, read_rows(data_dir)


def test_a_run_stores_every_chunk_and_a_search_finds_it_by_meaning(
    undisturbed: tuple[Path, Rows], open_engine: OpenEngine, documents: Path
) -> None:
    data_dir, rows = undisturbed
    assert len(rows) > 20
    engine = open_engine(data_dir)
    for query, name in (("how to make a loaf", "bread.txt"), ("ending a lease", "rent.txt")):
        answer = engine.search(SearchRequest(query, limit=3))
        assert Path(answer.hits[0].path).name == name
    by_words = engine.search(SearchRequest("landlord", mode=SearchMode.TEXT))
    assert [Path(hit.path).name for hit in by_words.hits] == ["rent.txt"]
    again = summary(run(engine, documents))
    assert again["files"] == {"indexed": 0, "unchanged": 7, "removed": 0, "set_aside": 0}
    assert again["batches"] == 0


@pytest.mark.usefixtures("expected_warnings")
def test_an_engine_killed_in_the_middle_of_a_run_costs_no_chunk_and_can_be_reloaded(
    undisturbed: tuple[Path, Rows],
    open_engine: OpenEngine,
    documents: Path,
    tmp_path: Path,
) -> None:
    engine = open_engine(tmp_path, IN_PROCESS)

    def kill_once(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished) and event.number == 2:
            (pid,) = [
                process.pid for process in event.reading.processes if process.role == "engine"
            ]
            os.kill(pid, signal.SIGKILL)

    events = run(engine, documents, on_event=kill_once)
    deaths = [event for event in events if isinstance(event, ChildDied)]
    (death,) = deaths
    assert death.cause.startswith("signal SIGKILL")
    assert death.batch == 3
    assert death.last_rss_bytes
    assert {reading.processes[0].role for reading in death.last_readings} == {ProcessRole.ENGINE}
    assert summary(events)["engine_restarts"] == 1
    *_, last = engine.reload_model()
    assert isinstance(last, CleanupFinished)
    receipt = last.receipt
    before, after = (reading.of(ProcessRole.ENGINE) for reading in (receipt.before, receipt.after))
    assert before is not None
    assert after is not None
    assert not psutil.pid_exists(before.pid), "the old engine is still there"
    answer = engine.search(SearchRequest("how to make a loaf", limit=3))
    assert Path(answer.hits[0].path).name == "bread.txt"
    engine.close()
    assert_same_rows(read_rows(tmp_path), undisturbed[1])


def test_a_program_killed_in_the_middle_of_a_run_leaves_no_orphan_and_is_resumed(
    undisturbed: tuple[Path, Rows],
    open_engine: OpenEngine,
    documents: Path,
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "vext_desktop", "index", str(documents)]
    flags = ["--data-dir", str(tmp_path), "--set", "rows_per_write=8", "--json"]
    with subprocess.Popen([*command, *flags], stdout=subprocess.DEVNULL) as program:
        children = wait_for_rows_and_children(program, tmp_path)
        program.kill()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive, "a child outlived the program"

    engine = open_engine(tmp_path)
    events = run(engine, documents)
    files = summary(events)["files"]
    assert isinstance(files, dict)
    assert files["indexed"] + files["unchanged"] == 7
    engine.close()
    assert_same_rows(read_rows(tmp_path), undisturbed[1])


def wait_for_rows_and_children(
    program: "subprocess.Popen[bytes]", data_dir: Path
) -> list[psutil.Process]:
    """Wait until a first group is in the store, so that the kill meets the run in its middle."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert program.poll() is None, "the program ended before it could be killed"
        if any((data_dir / "store").rglob("*.lance/data/*")):
            return psutil.Process(program.pid).children(recursive=True)
        time.sleep(0.05)
    raise AssertionError("no rows were written within 90 s")


def test_a_stopped_run_is_taken_up_where_it_was_left(
    undisturbed: tuple[Path, Rows],
    open_engine: OpenEngine,
    documents: Path,
    tmp_path: Path,
) -> None:
    engine, stopped = open_engine(tmp_path), threading.Event()

    def stop_at_two(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished) and event.number == 2:
            stopped.set()

    first = run(engine, documents, stopped=stopped, on_event=stop_at_two)
    assert isinstance(first[-1], RunFinished)
    assert first[-1].end is RunEnd.STOPPED
    assert summary(first)["batches"] == 3  # the third was in hand
    second = run(engine, documents)
    done = [event.path for event in first + second if isinstance(event, FileFinished)]
    assert sorted(Path(path).name for path in done) == sorted(
        path.name for path in documents.iterdir()
    )
    engine.close()
    assert_same_rows(read_rows(tmp_path), undisturbed[1])


def test_a_second_program_on_the_same_data_folder_is_refused_but_may_search(
    undisturbed: tuple[Path, Rows], open_engine: OpenEngine
) -> None:
    data_dir, _ = undisturbed
    open_engine(data_dir)
    second = Engine(SETTINGS, Paths(data_dir))
    with pytest.raises(DataFolderBusyError, match="Another Vext Desktop"):
        second.open()
    second.open(read_only=True)
    try:
        answer = second.search(SearchRequest("landlord", mode=SearchMode.TEXT))
        assert len(answer.hits) == 1
    finally:
        second.close()


def test_a_run_that_is_let_go_in_its_middle_keeps_the_files_that_were_done(
    open_engine: OpenEngine, documents: Path, tmp_path: Path
) -> None:
    engine = open_engine(tmp_path, SETTINGS.model_copy(update={"rows_per_write": 1000}))
    events = engine.index(IndexRequest((documents,)), threading.Event())
    for event in events:
        if isinstance(event, BatchFinished) and event.number == 2:
            break
    events.close()  # type: ignore[attr-defined]  # it is a generator
    engine.close()
    with Ledger(Paths(tmp_path).ledger, read_only=True) as ledger:
        assert [run.end for run in ledger.runs()] == [RunEnd.STOPPED]
        assert ledger.counts()[Outcome.INDEXED] > 0
        assert ledger.counts()[Outcome.WAITING] > 0


def test_a_search_replaces_an_engine_that_died_while_nobody_needed_it(
    open_engine: OpenEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "note.txt").write_text("A note about a lighthouse keeper and his dog.")
    engine = open_engine(tmp_path / "data", IN_PROCESS)
    run(engine, folder)
    engine_process = engine.monitor.read().of(ProcessRole.ENGINE)
    assert engine_process is not None
    os.kill(engine_process.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(engine_process.pid)], timeout=0.2)
    answer = engine.search(SearchRequest("sailors and their animals"))
    assert answer.mode is SearchMode.HYBRID
    assert len(answer.hits) == 1
