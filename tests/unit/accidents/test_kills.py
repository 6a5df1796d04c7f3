"""A program that is killed at the worst moments: the next run ends as if nothing had happened."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import accident_stage
import pytest
from accident_stage import MOMENTS
from rebuild_stage import read_serving

from vext_desktop.engine import Engine
from vext_desktop.events import IndexMended, RunEnd, RunFinished
from vext_desktop.index.request import IndexRequest
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


def run(engine: Engine, documents: Path) -> list[object]:
    return list(engine.index(IndexRequest((documents,)), threading.Event()))


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_the_next_run_ends_as_if_nothing_had_happened(
    moment: str,
    tmp_path: Path,
    documents: Path,
    settings: Settings,
    create_engine: Callable[[Path], Engine],
) -> None:
    data_dir = tmp_path / "data"
    if "leftovers" in moment:
        # Some that there are: the passages of a file that has changed since.
        engine = create_engine(data_dir)
        engine.open()
        run(engine, documents)
        engine.close()
        (documents / "rent 0.txt").write_text("The tenant has left the island.", encoding="utf-8")
    words = [str(data_dir), settings.model, str(documents), moment]
    done = subprocess.run(
        [sys.executable, accident_stage.__file__, *words],
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    engine = create_engine(data_dir)
    engine.open()
    assert engine.was_broken_off
    events = run(engine, documents)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].end is RunEnd.FINISHED
    assert not any(isinstance(event, IndexMended) for event in events), "nothing was to be mended"
    assert engine.status().rows == 16
    engine.close()
    fresh = create_engine(tmp_path / "fresh")
    fresh.open()
    run(fresh, documents)
    fresh.close()
    assert read_serving(data_dir) == read_serving(tmp_path / "fresh")
    assert not Paths(data_dir).last_moments.exists()
