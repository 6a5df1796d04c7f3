"""A leak planted in the real engine process is found, and named with owner and beginning."""

import threading
import time

import pytest

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, MemoryJudged, RunFinished
from vext_desktop.paths import Paths
from vext_desktop.readings import Band, ProcessRole
from vext_desktop.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """One data folder for all: the model is prepared in it once."""
    return Paths(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize(
    ("planted", "owner", "begins", "slope_mb"),
    [
        ("native:20000", Band.NATIVE_IN_USE, 1, 1.645),  # 4 blocks of 4096 bytes and a head of 16
        ("native:500000", Band.NATIVE_IN_USE, 1, 50.0),
        ("python:50000", Band.PYTHON_OBJECTS, 1, 3.3),
        ("native:100000@120", Band.NATIVE_IN_USE, 120, 9.8),
    ],
)
def test_a_planted_leak_is_found_with_process_owner_and_batch(
    planted: str,
    owner: Band,
    begins: int,
    slope_mb: float,
    paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VEXT_TEST_LEAK", planted)
    # Two texts in a batch are quicker than eight, and the leak counts batches.
    engine = Engine(Settings(batch_size=2, engine_threads=1), paths)
    engine.open()
    number, found = 0, []
    summary: dict[str, object] = {}
    try:
        for event in engine.memory_test(begins + 130, threading.Event()):
            if isinstance(event, BatchFinished):
                number = event.number
                time.sleep(event.pause_s)
            elif isinstance(event, MemoryJudged) and event.verdict == "growing":
                found.append((number, event))
            elif isinstance(event, RunFinished):
                summary = event.summary
    finally:
        engine.close()
    first, judged = found[0]
    assert first <= max(110, begins + 80)
    assert (judged.role, judged.owner) == (ProcessRole.ENGINE, owner), judged.message
    assert judged.since_batch == pytest.approx(begins, abs=25)
    assert judged.batches_left is not None
    assert len(found) >= (begins + 130 - first) // 10, "once found, it is not lost again"
    verdict = summary["verdict"]
    assert isinstance(verdict, dict)
    assert (verdict["overall"], verdict["process"]) == ("growing", "engine")
    measure = "heap" if owner is Band.PYTHON_OBJECTS else "native"
    band = verdict["bands"][f"engine.{measure}"]
    assert band["slope_mb_per_100_batches"] == pytest.approx(slope_mb, rel=0.1)
