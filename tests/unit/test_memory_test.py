"""The memory test: its report has what was promised, for any number of batches."""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from fake_readings import batch, picture, receipt
from fakes import reading

from vext_desktop.events import BatchFinished, CleanupFinished, IndexEvent, RunEnd, RunFinished
from vext_desktop.index.memory_test import MemoryTest
from vext_desktop.index.report_rows import (
    band_rows,
    describe_trace,
    level_rows,
    slope_rows,
    trace_rows,
)
from vext_desktop.index.work import EmbeddedChunks, PendingChunk
from vext_desktop.memory.allocation_trace import AllocationTrace, TracedLine
from vext_desktop.readings import Band, CleanupReceipt, ProgramBands, ProgramReading

PROMISED = {
    "before", "after", "after_cleanup", "change", "slope_mb_per_100_batches", "explained_share",
    "verdict", "receipts", "milliseconds_per_batch",
}  # fmt: skip


class FakeEmbedder:
    def ensure_ready(self) -> Iterator[IndexEvent]:
        yield from ()


class FakeLoop:
    """Every batch takes 0.2 s by its own clock; the third one needs a cleanup."""

    def __init__(self) -> None:
        self.texts: list[list[str]] = []

    def process(
        self,
        chunks: Sequence[PendingChunk],
        release: Callable[[EmbeddedChunks], None],
        progress: Callable[[], object],
    ) -> Iterator[IndexEvent]:
        self.texts.append([chunk.chunk.text for chunk in chunks])
        number = len(self.texts)
        yield batch(number, float(number))
        if number == 3:
            yield CleanupFinished(receipt(3.0))


class FakeReclaimer:
    def __init__(self, *, has_bands: bool) -> None:
        self._levels = [reading(500, 40), reading(560, 90)]
        self._has_bands = has_bands

    def measure(self) -> ProgramReading:
        return self._levels.pop(0)

    def free_memory(self, trigger: str) -> CleanupReceipt:
        told = receipt(9.0)
        if not self._has_bands:
            return told
        return dataclasses.replace(
            told, bands_before=picture(8.0), bands_after=picture(9.0, engine_held_mb=2)
        )


class FakeVerdict:
    def slopes(self) -> dict[str, float | None]:
        return {"engine.native": 0.02, "engine.heap": None}

    def verdicts(self) -> dict[str, object]:
        return {"overall": "steady", "message": "Memory is steady.", "bands": {}}


def run(
    batches: int, *, has_bands: bool = True, stop_at: int | None = None
) -> tuple[RunFinished, FakeLoop]:
    loop, stopped = FakeLoop(), threading.Event()

    def take_picture() -> ProgramBands | None:
        return picture(1.0) if has_bands else None

    parts: Any = (FakeEmbedder(), loop, FakeReclaimer(has_bands=has_bands), FakeVerdict())
    test = MemoryTest(*parts, take_picture, lambda: {"engine": "onnx", "isolation": "process"})
    last: IndexEvent | None = None
    for last in test.run(batches, 8, stopped.is_set):
        if isinstance(last, BatchFinished) and last.number == stop_at:
            stopped.set()
    assert isinstance(last, RunFinished)
    return last, loop


def test_the_report_has_what_was_promised_and_says_what_was_tested() -> None:
    finished, loop = run(5)
    report: dict[str, Any] = finished.summary
    assert report.keys() >= PROMISED
    assert (report["engine"], report["isolation"], report["batches"]) == ("onnx", "process", 5)
    assert report["change"]["rss"] == 60_000_000
    assert report["milliseconds_per_batch"] == 200.0
    assert [len(texts) for texts in loop.texts] == [8] * 5
    # The cleanup in the middle and the one at the end, each with its sentence.
    assert len(report["receipts"]) == 2
    assert report["receipts"][1]["bands_after"][str(Band.NATIVE_HELD)] == 2_000_000


def test_the_share_explained_is_that_of_the_bands_after_the_batches() -> None:
    report: dict[str, Any] = run(2)[0].summary
    assert report["explained_share"] == round(picture(8.0).explained_share, 4)
    assert report["bands"]["after"]["explained_share"] == report["explained_share"]
    rows = {row[0]: row[1:] for row in band_rows(report)}
    assert rows["Native, free but held"] == ("100.0 MB", "100.0 MB", "2.0 MB", "0.0 MB")
    assert "Share explained" in rows


def test_what_has_not_changed_has_no_sign() -> None:
    moments = {
        "before": {"rss": 50_010_000, "heap": 10_000_000},
        "after": {"rss": 50_000_000, "heap": 9_900_000},
        "after_cleanup": {},
    }
    rows = {row[0]: row[-1] for row in level_rows(moments)}
    assert (rows["RSS"], rows["Heap"]) == ("0.0 MB", "-0.1 MB")
    slopes = {"slope_mb_per_100_batches": {"engine.heap": -0.001, "engine.rss": 0.5}}
    assert slope_rows(slopes) == [("engine heap", "0.00 MB"), ("engine rss", "+0.50 MB")]


def test_where_the_system_tells_no_bands_the_report_says_so_and_invents_none() -> None:
    report: dict[str, Any] = run(2, has_bands=False)[0].summary
    assert report["explained_share"] is None
    assert report["bands"] == {"before": None, "after": None, "after_cleanup": None}
    assert band_rows(report) == []


def test_a_stopped_test_reports_what_it_has_done() -> None:
    finished, loop = run(1000, stop_at=4)
    assert finished.end is RunEnd.STOPPED
    assert finished.summary["batches"] == len(loop.texts) == 4


def test_the_same_texts_come_every_time() -> None:
    assert run(3)[1].texts == run(3)[1].texts


@pytest.mark.parametrize("label", ["RSS", "Held for nobody", "RSS of the engine"])
def test_levels_and_slopes_are_rows_for_every_front_end(label: str) -> None:
    report = run(2)[0].summary
    rows = {row[0]: row[1:] for row in level_rows(report)}
    assert len(rows[label]) == 4
    assert rows["RSS"][0] == "500.0 MB"
    assert rows["RSS"][3] == "+60.0 MB"
    assert slope_rows(report)[1] == ("engine heap", "not yet known")


def test_a_recording_is_rows_with_its_callers_where_there_is_room() -> None:
    lines = (TracedLine("a.py:1", 3_000_000, 12, ("b.py:2", "c.py:3")), TracedLine("d.py:4", 96, 1))
    trace = AllocationTrace("memray", 1.5, 3_000_096, 13, lines)
    assert trace_rows(trace) == [("a.py:1", "+3 MB", "+12"), ("d.py:4", "+96 B", "+1")]
    where = trace_rows(trace, with_callers=True)[0][0]
    assert where == "a.py:1\n  called by b.py:2\n  called by c.py:3"
    assert describe_trace(trace).startswith("In 1.5 s, 3 MB in 13 blocks were allocated")
