"""A peak names its moment, batch and file, however long ago it was and however long the run."""

import dataclasses
import gzip
import json
from pathlib import Path

import pytest
from fake_readings import process, reading
from made_runs import record

from vext_desktop.memory.curves import TOTAL, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import describe_peak, describe_point
from vext_desktop.memory.report import ReportFormat, report_of
from vext_desktop.memory.report_redaction import redact
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.memory.run_record_file import load_run, record_path, save_run
from vext_desktop.memory.time_cursor import TimeCursor
from vext_desktop.readings import ProcessRole, ProgramReading

BATCHES = 50_000
SPIKE, HEAP_SPIKE, RECENT_SPIKE = 1234, 1240, 49_123
SPIKES = {SPIKE: 900.0, RECENT_SPIKE: 880.0}
PEAK = (
    "Peak in view. At 10 min 17 s: RSS 1020 MB (window 120 MB, engine 900 MB); "
    "during batch 1234, 1234.txt in docs."
)


def grow(history: MemoryHistory, first: int, end: int) -> None:
    """Batches of 0.4 s every 0.5 s, each from a file of its own, sampled when they end."""
    window, engine = reading(0.0).processes
    spikes = {number: process(ProcessRole.ENGINE, size) for number, size in SPIKES.items()}
    spikes[HEAP_SPIKE] = dataclasses.replace(engine, heap_bytes=300_000_000)
    for number in range(first, end):
        at_s = number * 0.5
        history.add(ProgramReading(at_s, (window, spikes.get(number, engine))))
        path = f"/docs/{number}.txt"
        history.add_mark(EventMark(EventKind.BATCH, at_s, "Done.", number, path, 0.4))


@pytest.fixture(scope="module")
def history() -> MemoryHistory:
    history = MemoryHistory(0.0)
    grow(history, 1, BATCHES + 1)
    return history


def told_of_peak(history: MemoryHistory, start_s: float = 0.0) -> str:
    time_s = TimeCursor(history).go_to_peak(start_s, BATCHES * 0.5)
    assert time_s is not None
    return describe_peak(history, time_s)


def test_the_peak_of_an_early_batch_names_it_and_its_file(history: MemoryHistory) -> None:
    assert history.samples_per_old_row >= 32
    assert SPIKE not in {mark.batch for mark in history.marks(EventKind.BATCH)}
    assert told_of_peak(history) == PEAK
    assert TimeCursor(history).go_to_peak(0, BATCHES) == SPIKE * 0.5


def test_a_later_peak_names_its_own_batch(history: MemoryHistory) -> None:
    told = told_of_peak(history, RECENT_SPIKE * 0.5 - 1000)
    assert told.endswith("during batch 49123, 49123.txt in docs.")


def test_a_peak_is_met_by_pointing_at_it_where_a_pixel_has_many_rows(
    history: MemoryHistory,
) -> None:
    """A plot of 300 pixels over all of the run, and of 2 MB to a pixel."""
    reach = (10 * BATCHES * 0.5 / 300, 20.0)
    drawn = history.curves_between(0, BATCHES * 0.5, 300)
    totals = drawn.values_mb(Measure.RSS, TOTAL)
    place = float(drawn.times_s[totals.argmax()])
    time_s = history.time_near(Measure.RSS, (place, 1010.0), reach)
    assert describe_point(history, Measure.RSS, time_s).endswith("batch 1234, 1234.txt in docs.")
    assert history.time_near(Measure.RSS, (place, 610.0), reach) != SPIKE * 0.5
    assert history.time_near(Measure.RSS, (place, 800.0), reach) == place
    assert MemoryHistory(0.0).time_near(Measure.RSS, (place, 800.0), reach) == place


def test_each_measure_names_the_batch_of_its_own_peak(history: MemoryHistory) -> None:
    """The heap was highest six batches after RSS, within one row of the old part."""
    row = history.row_at(SPIKE * 0.5)
    assert row is not None
    assert history.curves.values_mb(Measure.HEAP, TOTAL)[row] > 300
    told = describe_point(history, Measure.HEAP, SPIKE * 0.5)
    assert told.startswith("At 10 min 20 s: heap")
    assert told.endswith("during batch 1240, 1240.txt in docs.")


@pytest.mark.parametrize("count", [39, 41, 60, 61, 73, 93, 321, 1500])
def test_no_fold_loses_a_peak_s_batch(count: int) -> None:
    history = MemoryHistory(0.0, recent_rows=40, old_rows=32)
    grow(history, 1, count)
    for row in range(len(history)):
        peak = history.peak_of(row, Measure.RSS)
        assert peak.batch is not None
        assert peak.is_in_hand
        assert peak.time_s == history.curves.times_s[row] == peak.batch.at_s


def test_a_sample_between_batches_names_the_last_one_for_ever() -> None:
    history = MemoryHistory(0.0, recent_rows=40, old_rows=32)
    grow(history, 1, 11)
    history.add(reading(5.05, 900))
    grow(history, 11, 1001)
    told = told_of_peak(history)
    assert told.endswith("after batch 10, 10.txt in docs.")


def test_the_marks_of_peaks_are_no_more_than_three_for_each_row(history: MemoryHistory) -> None:
    assert len(history.peaks.marks()) <= 3 * len(history)
    assert history.nbytes == MemoryHistory(0.0).nbytes < 500_000


def saved(history: MemoryHistory, folder: Path) -> RunTimeline:
    return dataclasses.replace(record(folder / "made"), history=history)


def test_a_saved_run_still_names_the_batch_of_its_peak(
    history: MemoryHistory, tmp_path: Path
) -> None:
    path = save_run(saved(history, tmp_path), tmp_path)
    opened = load_run(path)
    assert told_of_peak(opened.history) == PEAK
    again = load_run(save_run(opened, tmp_path / "again"))
    assert told_of_peak(again.history) == PEAK
    assert path.stat().st_size < 1_000_000


def test_a_redacted_run_names_the_batch_and_no_file(history: MemoryHistory, tmp_path: Path) -> None:
    told = told_of_peak(redact(saved(history, tmp_path)).history)
    assert "during batch 1234, file " in told
    assert "1234.txt" not in told


def test_a_record_from_before_peaks_were_kept_is_opened(tmp_path: Path) -> None:
    timeline = record(tmp_path)
    path = record_path(tmp_path, timeline.heading.record_id)
    sections = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    for section in sections:
        section.get("history", {}).pop("peaks", None)
        section.get("marks", {}).pop("batches_of_peaks", None)
    path.write_bytes(gzip.compress(b"\n".join(json.dumps(each).encode() for each in sections)))
    old, new = load_run(path).history, timeline.history
    assert told_of_peak(old) == told_of_peak(new)


def test_a_table_of_samples_has_the_columns_it_had(history: MemoryHistory, tmp_path: Path) -> None:
    rows = report_of(saved(history, tmp_path), ReportFormat.CSV).splitlines()
    assert len(rows) == 1 + len(history)
    assert {len(row.split(",")) for row in rows} == {15}
