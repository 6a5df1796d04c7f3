"""A batch that the engine has in hand while its owner does something else."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from host_stage import LIMIT_S, HostStage

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.thread_host import ThreadHost
from vext_desktop.errors import CancelledError, ChildDiedError

TEXTS = ["a first text", "and a second one"]


@pytest.fixture
def stage(tmp_path: Path, prepared_models: Path) -> Iterator[HostStage]:
    """A host with an engine that is ready."""
    stage = HostStage(tmp_path / "engine.log", prepared_models)
    stage.host.begin_start()
    assert stage.host.is_ready(LIMIT_S)
    yield stage
    stage.cancelled.set()
    stage.host.close()


def test_what_was_begun_has_the_vectors_that_embedding_at_once_has(stage: HostStage) -> None:
    wanted = stage.host.embed(TEXTS)
    stage.host.begin_embed(TEXTS)
    found = stage.host.finish_embed()
    assert np.array_equal(found.vectors, wanted.vectors)
    assert found.seconds > 0


def test_beginning_returns_while_the_engine_works(stage: HostStage) -> None:
    many = ["word " * 250] * 16
    began = time.monotonic()
    stage.host.begin_embed(many)
    begun_s = time.monotonic() - began
    found = stage.host.finish_embed()
    assert begun_s < found.seconds / 2


def test_a_question_in_between_gets_its_own_answer_and_what_was_begun_is_kept(
    stage: HostStage,
) -> None:
    wanted, query = stage.host.embed(TEXTS), stage.host.embed(["a question"])
    stage.host.begin_embed(TEXTS)
    asked = stage.host.embed(["a question"])
    memory = stage.host.read_memory()
    assert np.array_equal(asked.vectors, query.vectors)
    assert memory is not None
    assert np.array_equal(stage.host.finish_embed().vectors, wanted.vectors)


def test_what_was_begun_survives_a_reload(stage: HostStage) -> None:
    wanted = stage.host.embed(TEXTS)
    stage.host.begin_embed(TEXTS)
    stage.host.restart()
    assert np.array_equal(stage.host.finish_embed().vectors, wanted.vectors)
    assert len(stage.started) == 2


def test_a_death_in_between_is_told_to_whoever_waits_for_the_batch(stage: HostStage) -> None:
    stage.host.begin_embed(["word " * 250] * 16)
    os.kill(stage.host.pid or 0, signal.SIGKILL)
    assert stage.host.read_memory() is None
    with pytest.raises(ChildDiedError, match="SIGKILL"):
        stage.host.finish_embed()
    assert stage.host.is_ready(LIMIT_S)
    assert stage.host.embed(TEXTS).vectors.shape == (2, 384)


def test_closing_the_program_does_not_wait_for_what_was_begun(stage: HostStage) -> None:
    stage.host.begin_embed(["word " * 250] * 64)
    stage.cancelled.set()
    began = time.monotonic()
    stage.host.close()
    with pytest.raises((CancelledError, ChildDiedError)):
        stage.host.finish_embed()
    assert time.monotonic() - began < 3


def test_what_was_given_up_by_closing_does_no_harm_to_the_next_engine(stage: HostStage) -> None:
    stage.host.begin_embed(["word " * 250] * 16)
    stage.cancelled.set()
    stage.host.close()
    stage.cancelled.clear()  # only a run was stopped, not the program
    stage.host.begin_start()
    assert stage.host.is_ready(LIMIT_S)
    assert stage.host.embed(TEXTS).vectors.shape == (2, 384)


def test_nothing_is_finished_twice(stage: HostStage) -> None:
    stage.host.begin_embed(TEXTS)
    stage.host.finish_embed()
    with pytest.raises(RuntimeError):
        stage.host.finish_embed()


class CountingEmbedder:
    info = EmbedderInfo("fake", "fake", 2, 256, "", "cpu", False)

    def __init__(self) -> None:
        self.threads: list[str] = []

    def embed(self, texts: list[str], *, as_query: bool = False) -> EmbeddedBatch:
        self.threads.append(threading.current_thread().name)
        return EmbeddedBatch(np.ones((len(texts), 2), np.float32), 0)

    def close(self) -> None:
        pass


def test_a_model_in_this_thread_works_when_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embedder = CountingEmbedder()
    monkeypatch.setattr(
        "vext_desktop.embedding.thread_host.create_embedder", lambda _choice: embedder
    )
    host = ThreadHost(EmbedderChoice("onnx", "", "", ""))
    host.is_ready(0)
    host.begin_embed(TEXTS)
    assert embedder.threads == []
    assert host.finish_embed().vectors.shape == (2, 2)
    assert embedder.threads == [threading.current_thread().name]
