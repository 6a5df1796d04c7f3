"""A run names the engine that did its work, and the one that was chosen."""

import dataclasses
import threading
from pathlib import Path

import pytest
from made_runs import record
from rebuild_stage import WordHost, settings_for, use_word_hosts, write_documents
from run_stage import run, summary
from small_models import write_model

from vext_desktop.embedding.embedder import EmbedderInfo
from vext_desktop.engine import Engine
from vext_desktop.events import RunFinished
from vext_desktop.memory.report_html import describe_run
from vext_desktop.memory.report_redaction import redact
from vext_desktop.memory.run_engine import describe_engine
from vext_desktop.memory.run_record_compare import compare_runs
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

REASON = "The model could not be prepared: the disk is full."
BOTH = {"engine": "onnx", "engine_chosen": "onnx-int8", "engine_reason": REASON}
NAMED = f"onnx (onnx-int8 was chosen; {REASON})"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every engine is an exact one, in place of the one that was chosen."""
    use_word_hosts(monkeypatch)

    def is_ready(self: WordHost, wait_s: float) -> bool:
        name, width = self._model.name, self._dimension
        self.info = EmbedderInfo("onnx", name, width, 64, "", "cpu", False, notice=REASON)
        return True

    monkeypatch.setattr(WordHost, "is_ready", is_ready)


def opened(settings: Settings, data_dir: Path) -> Engine:
    engine = Engine(settings, Paths(data_dir))
    engine.open()
    return engine


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("is_warm", [False, True])
def test_a_run_names_who_stood_in_for_the_chosen_engine(tmp_path: Path, *, is_warm: bool) -> None:
    write_documents(tmp_path / "documents")
    model = write_model(tmp_path / "model", 32, pooling="cls", seed=1)
    engine = opened(settings_for(model, engine="onnx-int8"), tmp_path / "data")
    try:
        if is_warm:  # as in a window: the engine has told of its start before the run
            list(engine.warm_up())
        found = summary(run(engine, tmp_path / "documents"))
        assert {name: found.get(name) for name in BOTH} == BOTH
        tested = list(engine.memory_test(1, threading.Event()))[-1]
        assert isinstance(tested, RunFinished)
        assert {name: tested.summary.get(name) for name in BOTH} == BOTH
    finally:
        engine.close()


@pytest.mark.usefixtures("stand_in")
def test_a_run_with_the_chosen_engine_names_it_alone(tmp_path: Path) -> None:
    write_documents(tmp_path / "documents")
    model = write_model(tmp_path / "model", 32, pooling="cls", seed=1)
    engine = opened(settings_for(model, engine="onnx"), tmp_path / "data")
    try:
        found = summary(run(engine, tmp_path / "documents"))
        assert (found["engine"], "engine_chosen" in found) == ("onnx", False)
        nothing_new = summary(run(engine))
        assert "engine" not in nothing_new  # none was needed
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("kept", "expected"), [(BOTH, NAMED), ({"engine": "torch"}, "torch"), ({}, "")]
)
def test_both_are_told_in_words(kept: dict[str, object], expected: str) -> None:
    assert describe_engine(kept) == expected


def test_reports_name_both(tmp_path: Path) -> None:
    timeline = record(tmp_path / "runs")
    told = dataclasses.replace(timeline, summary={**timeline.summary, **BOTH})
    assert f"Engine: {NAMED}" in describe_run(told)
    plain = dataclasses.replace(timeline, summary={**timeline.summary, "engine": "onnx-int8"})
    (row,) = [text for text in compare_runs(plain, told).texts if text.group == "Engine"]
    assert (row.first, row.second) == ("onnx-int8", NAMED)


def test_a_redacted_report_keeps_the_names_and_not_the_reason(tmp_path: Path) -> None:
    timeline = record(tmp_path / "runs")
    secret = {**BOTH, "engine_reason": "/home/me cannot be read", "engine_chosen": "/home/me"}
    for kept, expected in ((BOTH, "onnx (onnx-int8 was chosen)"), (secret, "onnx")):
        told = dataclasses.replace(timeline, summary={**timeline.summary, **kept})
        redacted = redact(told)
        assert describe_engine(redacted.summary) == expected
