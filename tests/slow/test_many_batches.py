"""Hundreds of batches leave memory in use where it was."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, RunFinished
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

pytestmark = pytest.mark.slow

BATCHES = 150
MAX_SLOPE_MB = 1.0


@pytest.fixture(params=["process", "thread"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(isolation=request.param, memory_cap_mb=8000, memory_share=1)
    engine = Engine(settings, Paths(tmp_path))
    engine.open()
    yield engine
    engine.close()


def test_the_ancestor_s_test_goes_on_long_after_its_batch_37_with_steady_memory(
    engine: Engine,
) -> None:
    batches = 0
    report: dict[str, object] = {}
    for event in engine.memory_test(BATCHES, threading.Event()):
        if isinstance(event, BatchFinished):
            batches += 1
            time.sleep(event.pause_s)
        elif isinstance(event, RunFinished):
            report = event.summary
    assert batches == BATCHES
    verdict = report["verdict"]
    assert isinstance(verdict, dict)
    assert verdict["overall"] != "growing", verdict["message"]
    model_in = "engine" if engine.settings.isolation == "process" else "window"
    band = verdict["bands"][f"{model_in}.native"]
    assert band["verdict"] == "steady", band
    assert band["slope_mb_per_100_batches"] < MAX_SLOPE_MB
