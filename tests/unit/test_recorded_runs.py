"""The verdict over runs of the real program: none is called a leak, and a leak in any is found."""

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from recorded_runs import FOLDER, RecordedBatch, read_run, with_leak

from vext_desktop.events import MemoryJudged
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.readings import Band, ProcessRole

PATHS = sorted(FOLDER.glob("*.csv.gz"))
NAMES = [path.name.removesuffix(".csv.gz") for path in PATHS]
# Where the model is.
ROLES = [ProcessRole.WINDOW if "thread" in name else ProcessRole.ENGINE for name in NAMES]
LIMIT_BYTES = 1_200_000_000

every_run = pytest.mark.parametrize("path", PATHS, ids=NAMES)


def judged(run: Iterable[RecordedBatch]) -> Iterator[tuple[int, MemoryJudged]]:
    """What the verdict is at every tenth batch."""
    recorder = VerdictRecorder(LIMIT_BYTES)
    for batch in run:
        if batch.reading is None:
            if batch.event.startswith("mark "):
                name = batch.event.removeprefix("mark ")
                recorder.mark_event(None if name == "all" else ProcessRole(name))
            continue
        recorder.add(batch.reading, batch.bounded, batch.path)
        if batch.number % 10 == 0:
            yield batch.number, recorder.judged()


def growing(run: Iterable[RecordedBatch]) -> list[tuple[int, MemoryJudged]]:
    return [(batch, found) for batch, found in judged(run) if found.verdict == "growing"]


def test_twenty_runs_are_recorded_in_less_than_a_megabyte() -> None:
    assert len(PATHS) >= 20
    assert sum(path.stat().st_size for path in PATHS) < 1_000_000


@every_run
def test_a_recording_holds_nothing_but_numbers_and_labels(path: Path) -> None:
    head, *lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    assert re.fullmatch(r"batch,at_ms,(file,)?event(,(window|engine|reader)_[a-z]+)+", head)
    labels = r"\d+,\d*,(\d*,)?(free|reload|maintained|mark (all|window|engine|reader))?"
    assert all(re.fullmatch(labels + r"(,\d*)+", line) for line in lines)


@every_run
def test_a_healthy_run_is_never_called_a_leak(path: Path) -> None:
    run = read_run(path)
    assert growing(run) == []
    assert sum(batch.reading is not None for batch in run) >= 180


@every_run
def test_a_healthy_run_is_steady_in_the_end(path: Path) -> None:
    run = read_run(path)
    _, found = list(judged(run))[-1]
    assert found.verdict == "steady", found.message


@pytest.mark.parametrize("leaked_bytes", [20_000, 500_000])
@pytest.mark.parametrize(("path", "role"), list(zip(PATHS, ROLES, strict=True)), ids=NAMES)
def test_a_leak_where_the_model_is_would_be_found_60_batches_after_the_warm_up(
    path: Path, role: ProcessRole, leaked_bytes: int
) -> None:
    run = read_run(path)
    # A reload gives back what has leaked until then, and a new process warms up anew.
    reloaded = [batch.number for batch in run if batch.event == "reload"]
    is_new = bool(reloaded) and role is ProcessRole.ENGINE
    found = growing(with_leak(run, role, lambda batches: leaked_bytes * batches))
    first, verdict = found[0]
    assert first <= 110 + (reloaded[0] + 10 if is_new else 0)
    assert (verdict.role, verdict.owner) == (role, Band.NATIVE_IN_USE)
    # What the warm-up takes besides moves the beginning by some batches.
    assert verdict.since_batch == pytest.approx(reloaded[0] if is_new else 1, abs=30)


@pytest.mark.parametrize(("path", "role"), list(zip(PATHS, ROLES, strict=True)), ids=NAMES)
def test_a_leak_of_python_objects_is_told_from_one_of_native_memory(
    path: Path, role: ProcessRole
) -> None:
    found = growing(with_leak(read_run(path), role, lambda batches: 50_000 * batches, of="heap"))
    assert {(verdict.role, verdict.owner) for _, verdict in found} == {(role, Band.PYTHON_OBJECTS)}
