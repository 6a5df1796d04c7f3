"""Other settings while the real engine is open and at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_stage import IN_PROCESS
from run_stage import run

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, IndexEvent
from vext_desktop.index.practice_text import practice_batches
from vext_desktop.index.search import SearchRequest
from vext_desktop.paths import Paths
from vext_desktop.readings import ProcessRole


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(IN_PROCESS, Paths(tmp_path / "data"))
    engine.open()
    yield engine
    engine.close()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number, texts in enumerate(practice_batches(3, 6, seed=7)):
        (folder / f"file {number}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    return folder


def engine_pid(engine: Engine) -> int | None:
    reading = engine.monitor.read().of(ProcessRole.ENGINE)
    return reading.pid if reading else None


def test_a_limit_of_memory_counts_for_the_very_next_batch_of_a_run(
    engine: Engine, documents: Path
) -> None:
    tight = engine.settings.model_copy(
        update={"memory_cap_mb": 200, "soft_share": 0.1, "delay_min_ms": 7, "delay_max_ms": 9}
    )

    def tighten(event: IndexEvent) -> None:
        if isinstance(event, BatchFinished) and event.number == 1:
            assert not engine.apply_settings(tight, within_run=True)

    events = run(engine, documents, on_event=tighten)
    pauses = [event.pause_s for event in events if isinstance(event, BatchFinished)]
    assert pauses[0] == 0
    # Over the cap: the first reading is noise and waits, the second acts.
    assert pauses[1] == pytest.approx(0.009)


def test_another_number_of_threads_ends_the_engine_and_the_next_search_starts_it(
    engine: Engine, documents: Path
) -> None:
    run(engine, documents)
    before = engine_pid(engine)
    other = engine.settings.model_copy(update={"engine_threads": 1, "isolation": "thread"})
    assert engine.apply_settings(other, within_run=False)
    assert engine_pid(engine) is None
    assert engine.settings.isolation == "process", "that needs another start of the program"
    assert engine.search(SearchRequest("bread", limit=3)).hits
    assert engine_pid(engine) not in {None, before}


def test_what_no_process_depends_on_leaves_the_engine_running(
    engine: Engine, documents: Path
) -> None:
    run(engine, documents)
    before = engine_pid(engine)
    other = engine.settings.model_copy(update={"memory_cap_mb": 7000, "batch_size": 4})
    assert not engine.apply_settings(other, within_run=False)
    assert engine_pid(engine) == before
    sizes = [event.size for event in run(engine, documents) if isinstance(event, BatchFinished)]
    assert not sizes, "nothing has changed in the documents"
    (documents / "new.txt").write_text("word " * 3000, encoding="utf-8")
    sizes = [event.size for event in run(engine, documents) if isinstance(event, BatchFinished)]
    assert max(sizes) == 4
