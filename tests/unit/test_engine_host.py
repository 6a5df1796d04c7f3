"""The engine in its own process: ready without blocking, dead without harm, and replaceable."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from child_stage import Closing
from host_stage import LIMIT_S, HostStage

from vext_desktop.embedding import thread_host
from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.thread_host import ThreadHost
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import (
    CancelledError,
    ChildDiedError,
    EmbeddingError,
    ModelError,
)

# The beginning of the vector of "Vext Desktop", from plain SentenceTransformer.encode.
REFERENCE_TEXT = "Vext Desktop"
REFERENCE = [0.003559, -0.045398, 0.042444, -0.087814, 0.05084, -0.011894]


@pytest.fixture(scope="module", params=["onnx", "torch"])
def ready(
    request: pytest.FixtureRequest,
    prepared_models: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[HostStage]:
    """One process of each engine, shared by the tests that leave it well."""
    log_file = tmp_path_factory.mktemp("engine") / "engine.log"
    stage = HostStage(log_file, prepared_models, request.param)
    stage.host.begin_start()
    assert stage.host.is_ready(LIMIT_S)
    yield stage
    stage.host.close()


@pytest.fixture
def stage(tmp_path: Path, prepared_models: Path) -> Iterator[HostStage]:
    """A host that has not started yet."""
    stage = HostStage(tmp_path / "engine.log", prepared_models)
    yield stage
    stage.host.close()


def test_a_host_that_has_not_started_is_not_there(stage: HostStage) -> None:
    host = stage.host
    assert (host.info, host.pid, host.seconds_since_start) == (None, None, 0.0)
    assert host.read_memory() is None
    assert host.ask({"do": "read_memory"}) is None
    assert host.fresh_rss_bytes is None
    host.free_memory()
    with pytest.raises(ChildDiedError):
        host.embed(["text"])


def test_starting_returns_at_once(stage: HostStage) -> None:
    began = time.monotonic()
    stage.host.begin_start()
    stage.host.begin_start()
    assert time.monotonic() - began < 1
    assert stage.started == [stage.host.pid]
    assert stage.host.is_ready(0.1) is False
    assert stage.host.info is None
    assert stage.host.read_memory() is None
    assert stage.host.seconds_since_start > 0


def test_a_restart_ends_one_process_and_starts_another(stage: HostStage) -> None:
    stage.host.begin_start()
    first = stage.host.pid
    stage.host.restart()
    assert first is not None
    assert not psutil.pid_exists(first)
    assert stage.host.pid not in {first, None}
    assert stage.ended == 1


def test_closing_twice_is_harmless(stage: HostStage) -> None:
    stage.host.begin_start()
    stage.host.close()
    stage.host.close()
    assert stage.host.pid is None
    assert stage.ended == 1


def test_an_end_while_it_starts_is_told_and_the_next_call_starts_anew(stage: HostStage) -> None:
    stage.host.begin_start()
    first = stage.host.pid
    assert first
    os.kill(first, signal.SIGKILL)
    with pytest.raises(ChildDiedError, match="SIGKILL"):
        stage.host.is_ready(LIMIT_S)
    assert stage.host.pid is None
    assert stage.host.is_ready(0) is False
    assert stage.started == [first, stage.host.pid]
    assert stage.ended == 1


def test_closing_the_program_ends_the_wait(tmp_path: Path) -> None:
    closing = Closing()
    stage = HostStage(tmp_path / "engine.log", tmp_path, cancelled=closing)
    stage.host.begin_start()
    pid = stage.host.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)  # or it may be ready before the program closes
    closing.begin()
    with pytest.raises(CancelledError):
        stage.host.is_ready(LIMIT_S)
    assert closing.was_heeded
    assert stage.host.pid is None
    assert stage.ended == 1


def test_a_model_that_cannot_be_loaded_is_told_with_a_hint(tmp_path: Path) -> None:
    stage = HostStage(tmp_path / "engine.log", tmp_path, folder=tmp_path / "nowhere")
    with pytest.raises(ModelError, match="There is no model folder") as caught:
        stage.host.is_ready(LIMIT_S)
    assert caught.value.hint
    assert stage.host.pid is None
    assert stage.ended == 1


def test_a_ready_engine_says_what_it_is(ready: HostStage, request: pytest.FixtureRequest) -> None:
    info = ready.host.info
    assert info is not None
    assert info.engine == request.node.callspec.params["ready"]
    assert (info.model, info.notice) == ("all-MiniLM-L6-v2", "")
    assert (info.dimension, info.max_tokens) == (384, 256)
    assert ready.host.is_ready(0)
    assert (ready.host.fresh_rss_bytes or 0) > 50_000_000
    assert ready.started == [ready.host.pid]


def test_vectors_are_the_same_as_in_one_process(ready: HostStage) -> None:
    batch = ready.host.embed([REFERENCE_TEXT, "word " * 300])
    validate_vectors(batch, 2, 384)
    np.testing.assert_allclose(batch.vectors[0, : len(REFERENCE)], REFERENCE, atol=1e-5)
    assert batch.truncated_tokens == 46


def test_no_texts_make_no_vectors(ready: HostStage) -> None:
    assert ready.host.embed([]).vectors.shape == (0, 384)


def test_any_text_reaches_the_model(ready: HostStage) -> None:
    texts = ["", "Grüße, 世界", "half a pair \ud83d", "\x00\n\t", "x" * 300_000]
    batch = ready.host.embed(texts)
    validate_vectors(batch, len(texts), 384)
    assert batch.vectors.shape == (len(texts), 384)


def test_an_engine_that_is_well_writes_nothing_to_its_log(ready: HostStage) -> None:
    ready.host.embed([REFERENCE_TEXT])
    assert ready.log_file.read_text() == ""


def test_what_the_model_refuses_is_an_error_and_the_engine_lives_on(
    ready: HostStage,
) -> None:
    no_text: Any = 1
    with pytest.raises(EmbeddingError, match="The model failed"):
        ready.host.embed([no_text])
    assert ready.host.embed([REFERENCE_TEXT]).vectors.shape == (1, 384)


def test_every_answer_brings_a_memory_reading(ready: HostStage) -> None:
    count = len(ready.readings)
    ready.host.embed([REFERENCE_TEXT])
    assert len(ready.readings) == count + 1
    assert ready.readings[-1]["pid"] == ready.host.pid
    assert ready.readings[-1]["role"] == "engine"


def test_memory_is_read_exactly_and_freed_on_request(ready: HostStage) -> None:
    ready.host.free_memory()
    told = ready.host.read_memory()
    assert told is not None
    assert told["pid"] == ready.host.pid
    assert told["rss_bytes"] > 50_000_000
    if sys.platform.startswith("linux"):
        assert told["held_bytes"] is not None


def test_a_death_between_two_batches_is_told_by_the_next(ready: HostStage) -> None:
    """Last, since it ends the shared engine."""
    host, first, ended = ready.host, ready.host.pid, ready.ended
    assert first
    os.kill(first, signal.SIGKILL)
    assert host.read_memory() is None
    assert (host.info, host.pid, ready.ended) == (None, None, ended + 1)
    host.begin_start()
    assert host.pid is None
    with pytest.raises(ChildDiedError, match="SIGKILL"):
        host.embed([REFERENCE_TEXT])
    host.begin_start()
    assert host.pid not in {first, None}
    assert host.is_ready(0) is False
    host.close()


class SmallEmbedder:
    """Counts, and fails on request."""

    def __init__(self) -> None:
        self.info = EmbedderInfo("small", "small", 2, 8, "", "cpu", sends_data_away=False)
        self.is_closed = False

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        if "fail" in texts:
            raise RuntimeError("no")
        return EmbeddedBatch(np.ones((len(texts), 2), np.float32), 0)

    def close(self) -> None:
        self.is_closed = True


def test_the_engine_can_run_in_the_calling_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[SmallEmbedder] = []

    def create(_choice: EmbedderChoice) -> SmallEmbedder:
        made.append(SmallEmbedder())
        return made[-1]

    monkeypatch.setattr(thread_host, "create_embedder", create)
    loaded: list[int] = []
    host = ThreadHost(EmbedderChoice("small", "", "", ""), lambda: loaded.append(len(made)))
    with pytest.raises(ChildDiedError):
        host.embed(["text"])
    host.begin_start()
    assert (made, host.info, host.pid, host.read_memory()) == ([], None, None, None)
    assert host.is_ready(0.1)
    assert host.is_ready(0.1)
    assert host.info == made[0].info
    assert host.embed(["a", "b"]).vectors.shape == (2, 2)
    with pytest.raises(EmbeddingError, match="The model failed: no"):
        host.embed(["fail"])
    host.free_memory()
    host.restart()
    assert made[0].is_closed
    assert host.info is None
    assert host.is_ready(0.1)
    assert loaded == [1, 2]
    host.close()
    assert host.seconds_since_start == 0.0
