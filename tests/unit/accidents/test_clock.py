"""A clock that is set back, or far ahead: nothing is lost, and nothing is done twice."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rebuild_stage import read_serving

from vext_desktop.engine import Engine
from vext_desktop.events import RunFinished
from vext_desktop.index.request import IndexRequest

DAY_S = 24 * 3600.0


def run(engine: Engine, documents: Path) -> dict[str, object]:
    *_, last = engine.index(IndexRequest((documents,)), threading.Event())
    assert isinstance(last, RunFinished)
    return last.summary


def files(indexed: int, unchanged: int) -> dict[str, int]:
    return {"indexed": indexed, "unchanged": unchanged, "removed": 0, "set_aside": 0}


@pytest.mark.parametrize("days", [[-2, 400], [-3000, 3000]])
def test_a_clock_that_is_set_back_or_ahead_costs_no_passage(
    days: list[int],
    tmp_path: Path,
    documents: Path,
    create_engine: Callable[[Path], Engine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = time.time
    engine = create_engine(tmp_path / "data")
    engine.open()
    assert run(engine, documents)["files"] == files(16, 0)
    for number, jump in enumerate(days):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump * DAY_S)
        (documents / f"ferry {number}.txt").write_text(f"The {number}. ferry is late.")
        summary = run(engine, documents)
        assert summary["files"] == files(1, 15)
        seconds = summary["seconds"]
        assert isinstance(seconds, float)
        assert 0 <= seconds < 60
        assert run(engine, documents)["files"] == files(0, 16)
    monkeypatch.setattr(time, "time", real)
    assert run(engine, documents)["files"] == files(0, 16)
    engine.close()
    fresh = create_engine(tmp_path / "fresh")
    fresh.open()
    run(fresh, documents)
    fresh.close()
    assert read_serving(tmp_path / "data") == read_serving(tmp_path / "fresh")
