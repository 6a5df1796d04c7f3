"""A run is recorded in bounded memory, saved now and then, and opened again as it was."""

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_runs import Clock, batch, events, file_of, path_of, picture, record, recorder

from vext_desktop.events import (
    ChildDied,
    CleanupFinished,
    FileStarted,
    IndexEvent,
    MemoryJudged,
    MemoryPictured,
    MemoryWarned,
    RunStarted,
    ScanProgressed,
)
from vext_desktop.index.recording import PICTURE_EVERY_S, recorded
from vext_desktop.memory.curves import LINES, TOTAL, Measure
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.memory.run_record import RunKind, RunTimeline
from vext_desktop.memory.run_record_bounds import EdgeList, ThinnedList
from vext_desktop.memory.run_record_file import load_run, read_heading, record_path
from vext_desktop.memory.run_recorder import (
    FIRST_EVENTS,
    MOST_LOG_CHARACTERS,
    MOST_PICTURES,
    MOST_READINGS,
    NEWEST_EVENTS,
)
from vext_desktop.readings import ProcessRole, ProgramBands


def assert_same(found: RunTimeline, expected: RunTimeline) -> None:
    for field in dataclasses.fields(RunTimeline):
        if field.name != "history":
            assert getattr(found, field.name) == getattr(expected, field.name), field.name
    one, other = found.history, expected.history
    np.testing.assert_allclose(one.curves.times_s, other.curves.times_s, atol=0.001)
    for measure in Measure:
        for line in LINES:
            np.testing.assert_allclose(
                one.curves.values_mb(measure, line),
                other.curves.values_mb(measure, line),
                atol=0.001,
            )
    for kind in EventKind:
        before, after = other.marks(kind), one.marks(kind)
        assert [(m.sentence, m.batch, m.path) for m in after] == [
            (m.sentence, m.batch, m.path) for m in before
        ]
        assert [m.at_s for m in after] == pytest.approx([m.at_s for m in before], abs=0.001)


def test_a_recorded_run_is_opened_again_as_it_was(tmp_path: Path) -> None:
    timeline = record(tmp_path)
    assert_same(load_run(file_of(tmp_path)), timeline)
    assert timeline.heading.end == "finished"
    assert timeline.heading.batches == 100
    assert timeline.heading.chunks_per_second == 40
    assert timeline.heading.peak_rss_bytes["total"] == 700_000_000
    assert timeline.outcomes == {"indexed": 25}
    assert len(timeline.pictures) == 5
    assert {type(noted.event).__name__ for noted in timeline.events} == {
        "MemoryJudged", "MemoryWarned", "BatchSizeChanged", "ChildDied", "ChildStarted",
        "ChunkSetAside", "RunHalted", "CleanupFinished",
    }  # fmt: skip
    ((noted, warned),) = timeline.of(MemoryWarned)
    assert (noted.batch, noted.path, warned.measured_bytes) == (50, path_of(50), 61_000_000)


def test_a_long_run_takes_no_more_room_than_a_middling_one(tmp_path: Path) -> None:
    clock, sizes = Clock(), []
    recording = recorder(tmp_path, clock)
    for number in range(1, 5201):
        clock.now_s += 0.2
        recording.note(FileStarted(f"/docs/{number} {'long name ' * 20}.txt", 1))
        recording.note(batch(number, clock.now_s))
        recording.note(MemoryPictured(picture(clock.now_s), number))
        recording.note(MemoryJudged("unknown", f"Asked {number} times."))
        if number % 2600 == 0:
            recording.save()
            sizes.append(file_of(tmp_path).stat().st_size)
    timeline = recording.timeline
    assert len(timeline.pictures) <= MOST_PICTURES + 2
    assert len(timeline.readings) <= MOST_READINGS + 2
    assert len(timeline.of(MemoryJudged)) == FIRST_EVENTS + NEWEST_EVENTS
    assert timeline.left_out == {"MemoryJudged": 5200 - FIRST_EVENTS - NEWEST_EVENTS}
    assert sizes[1] < 1.2 * sizes[0]
    assert sizes[1] < 1_000_000
    opened = load_run(file_of(tmp_path))
    assert opened.history.curves.times_s[-1] == pytest.approx(1040)
    assert opened.history.samples_per_old_row == timeline.history.samples_per_old_row > 1


def test_the_record_is_there_after_ten_seconds_and_follows_every_minute(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path, clock)
    recording.note(RunStarted(3, ("/docs",)))

    def saved_after(seconds: float, number: int) -> int:
        clock.now_s = 1000 + seconds
        recording.note(batch(number, clock.now_s))
        path = record_path(tmp_path, "run-000003")
        return read_heading(path).batches if path.exists() else 0

    assert saved_after(9, 1) == 0
    assert saved_after(11, 2) == 2
    assert saved_after(60, 3) == 2
    assert saved_after(72, 4) == 4
    heading = read_heading(record_path(tmp_path, "run-000003"))
    assert (heading.end, heading.ended_at) == ("", None)


def test_a_run_that_did_nothing_leaves_no_record(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path / "runs", clock)
    recording.note(RunStarted(3, ("/docs",)))
    recording.note(ScanProgressed(10, 10))
    recording.close()
    assert not (tmp_path / "runs").exists()


def test_a_memory_test_has_a_record_of_its_own_name(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path, clock, RunKind.MEMORY_TEST)
    recording.note(batch(1, 1000.5))
    recording.close()
    heading = read_heading(file_of(tmp_path))
    assert heading.record_id.startswith("memory-test-")
    assert (heading.kind, heading.run_id, heading.end) == (RunKind.MEMORY_TEST, 0, "stopped")


def test_a_disk_that_takes_nothing_costs_the_record_and_not_the_run(
    tmp_path: Path, expected_warnings: list[logging.LogRecord]
) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    clock = Clock()
    recording = recorder(tmp_path / "runs", clock)
    recording.note(batch(1, 1000.5))
    recording.save()
    recording.close()
    (warning,) = expected_warnings
    assert "could not be saved" in warning.getMessage()


def test_the_tail_of_a_log_is_kept_up_to_a_limit(tmp_path: Path) -> None:
    clock = Clock()
    recording = recorder(tmp_path, clock)
    recording.note(ChildDied(ProcessRole.ENGINE, "", None, 1, (), "x" * 100_000 + "the end"))
    ((_, died),) = recording.timeline.of(ChildDied)
    assert len(died.log_tail) == MOST_LOG_CHARACTERS
    assert died.log_tail.endswith("the end")


def test_a_run_that_is_let_go_is_closed_first_and_then_saved(tmp_path: Path) -> None:
    clock, order = Clock(), []

    def run() -> Iterator[IndexEvent]:
        try:
            yield from events(clock)
        finally:
            order.append(file_exists())

    def file_exists() -> bool:
        return any(tmp_path.glob("*.gz"))

    followed = recorded(run(), recorder(tmp_path, clock), lambda _: None, clock)  # type: ignore[arg-type]
    for _ in range(20):
        next(followed)
    followed.close()  # type: ignore[attr-defined]
    assert order == [False]
    assert read_heading(file_of(tmp_path)).end == "stopped"


def test_owner_bands_are_taken_between_batches_and_not_too_often(tmp_path: Path) -> None:
    clock = Clock()
    asked: list[float] = []

    def take(max_age_s: float) -> ProgramBands | None:
        assert 0 < max_age_s < PICTURE_EVERY_S
        asked.append(clock.now_s)
        return picture(clock.now_s) if len(asked) != 2 else None

    run = (event for event in events(clock, 200) if not isinstance(event, MemoryPictured))
    seen = list(recorded(run, recorder(tmp_path, clock), take, clock))
    pictured = [event for event in seen if isinstance(event, MemoryPictured)]
    assert len(asked) == 3
    assert [event.batch for event in pictured] == [1, 151]
    assert np.diff(asked).min() >= PICTURE_EVERY_S
    assert len(load_run(file_of(tmp_path)).pictures) == 2


def test_a_cleanup_is_seen_in_the_samples(tmp_path: Path) -> None:
    timeline = record(tmp_path)
    ((noted, cleaned),) = timeline.of(CleanupFinished)
    row = timeline.history.row_at(noted.at_s - timeline.history.origin_s)
    assert row is not None
    assert timeline.history.curves.values_mb(Measure.RSS, TOTAL)[row] == 540
    assert cleaned.receipt.returned_bytes == 60_000_000


def test_a_thinned_list_keeps_the_first_the_newest_and_an_even_spread() -> None:
    kept = ThinnedList[int](8)
    for number in range(1000):
        kept.add(number)
        assert kept.all()[0] == 0
        assert kept.all()[-1] == number
    spread = np.diff(kept.all()[:-1])
    assert len(kept.all()) <= 10
    assert spread.min() == spread.max()


def test_an_edge_list_counts_what_it_leaves_out() -> None:
    kept = EdgeList[int](2, 3)
    for number in range(10):
        kept.add(number)
    assert list(kept.all()) == [0, 1, 7, 8, 9]
    assert kept.left_out == 5
