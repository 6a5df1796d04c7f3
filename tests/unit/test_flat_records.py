"""What a run remembers of itself is taken at its start: 2000 batches must not look like growth."""

import dataclasses
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_readings import reading
from made_runs import record

from vext_desktop.events import BatchFinished, FileStarted, IndexEvent, Progress
from vext_desktop.memory.band_samples import BandSamples
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.json_pieces import json_pieces
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.memory.run_record import NotedReading
from vext_desktop.memory.run_record_bounds import ThinnedList
from vext_desktop.memory.run_record_file import save_run
from vext_desktop.memory.run_record_json import packed, unpacked

MB = 1_000_000


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Bytes that Python and numpy have taken and not given back since the test began.

    Not counted is what the thread takes on which pytest-xdist hears of its next tests.
    """
    others = [tracemalloc.Filter(False, f"*/{name}/*") for name in ("execnet", "xdist")]

    def count() -> int:
        return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces(others).traces)

    tracemalloc.start()
    count()  # it keeps the filters' patterns
    yield count
    tracemalloc.stop()


def test_the_samples_of_a_band_take_all_their_room_at_once(traced: Callable[[], int]) -> None:
    samples = BandSamples()
    for batch in range(50):
        samples.add(175 * MB + batch)
    before_bytes = traced()
    for batch in range(50, 5000):
        samples.add(175 * MB + batch)
    assert traced() - before_bytes < 2000


def events_of(batch: int) -> list[IndexEvent]:
    """Three short files, and the batch that they make."""
    paths = [f"/documents/{3 * batch + number}.txt" for number in range(3)]
    progress = Progress(3 * batch, 10_000, 0, 0, 8 * batch, float(batch))
    made = reading(float(batch), 480)
    begun = [FileStarted(path, 1500) for path in paths]
    return [*begun, BatchFinished(batch, 8, tuple(paths), 0.12, 0.0, made, 0, progress)]


def test_marks_of_batches_and_files_take_little_more_than_their_paths(
    traced: Callable[[], int],
) -> None:
    history, writer = MemoryHistory(0.0), MarkWriter()

    def live(first: int, end: int) -> None:
        for batch in range(first, end):
            for event in events_of(batch):
                for mark in writer.marks_for(event, float(batch)):
                    history.add_mark(mark)
            history.add(reading(float(batch), 480))

    live(1, 50)
    before_bytes = traced()
    live(50, 250)
    paths = 200 * (4 + 1)  # each string, and a place for it
    assert traced() - before_bytes < 100 * paths


def test_whole_readings_and_owner_bands_are_kept_packed(traced: Callable[[], int]) -> None:
    readings = ThinnedList[bytes](128)
    for batch in range(2):  # the first brings what packs them
        readings.add(packed(NotedReading(batch, reading(0.1 + batch, 480))))
    before_bytes = traced()
    for batch in range(2, 102):
        readings.add(packed(NotedReading(batch, reading(0.1 + batch, 480))))
    assert traced() - before_bytes < 100 * 350
    last = unpacked(NotedReading, readings.all()[-1])
    assert last == NotedReading(101, reading(101.1, 480))


def test_json_in_pieces_is_the_same_text() -> None:
    value = {"a": [], "b": {}, "c": list(range(1000)), "d": {"e": [None, 1.5, ["x", "\ud800"]]}}
    assert "".join(json_pieces(value)) == json.dumps(value, ensure_ascii=False)
    lazy = {**value, "c": iter(range(1000)), "a": iter(())}
    assert "".join(json_pieces(lazy)) == json.dumps(value, ensure_ascii=False)
    with pytest.raises(ValueError, match="not JSON compliant"):
        list(json_pieces([float("nan")]))


def test_a_long_record_is_saved_without_having_all_of_it_in_memory_again(
    traced: Callable[[], int], tmp_path: Path
) -> None:
    timeline = record(tmp_path / "made")
    history, writer = MemoryHistory(0.0), MarkWriter()
    for batch in range(1, 2001):
        for event in events_of(batch):
            for mark in writer.marks_for(event, float(batch)):
                history.add_mark(mark)
        history.add(reading(float(batch), 480))
    timeline = dataclasses.replace(timeline, history=history)
    save_run(timeline, tmp_path)  # the first brings what packs it
    before_bytes = traced()
    tracemalloc.reset_peak()
    save_run(timeline, tmp_path)
    assert tracemalloc.get_traced_memory()[1] - before_bytes < 1_500_000
