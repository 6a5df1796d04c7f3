"""Recordings of allocations: which lines hold memory, told without anybody's folders."""

import json
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from vext_desktop.errors import UsageError
from vext_desktop.memory.allocation_trace import (
    MOST_LINES,
    AllocationTrace,
    TracedLine,
    TraceRecorder,
    describe_place,
    summarise,
)


def hold(count: int) -> list[bytearray]:
    return [bytearray(10_000) for _ in range(count)]  # the line that is to be found


def test_what_is_still_held_at_the_end_is_found_by_its_line() -> None:
    times = iter((10.0, 12.5))
    recorder = TraceRecorder(clock=lambda: next(times))
    recorder.start()
    kept = hold(100)
    hold(500)  # freed at once
    trace = recorder.stop()
    largest = trace.lines[0]
    assert largest.where.startswith("test_allocation_trace.py:")
    assert 1_000_000 <= largest.size_bytes < 1_100_000
    assert largest.blocks >= len(kept)
    assert (trace.tool, trace.seconds) == ("tracemalloc", 2.5)
    assert trace.size_bytes >= largest.size_bytes
    assert not tracemalloc.is_tracing()


def test_more_frames_name_the_callers_nearest_first() -> None:
    recorder = TraceRecorder()
    recorder.start(frames=3)
    kept = hold(50)
    trace = recorder.stop()
    assert len(kept) == 50
    callers = next(line.callers for line in trace.lines if line.size_bytes > 400_000)
    assert len(callers) == 2
    assert all(caller.startswith("test_allocation_trace.py:") for caller in callers)


def test_garbage_in_cycles_is_not_taken_for_held() -> None:
    recorder = TraceRecorder()
    recorder.start()
    for _ in range(20):
        knot: list[Any] = [bytearray(50_000)]
        knot.append(knot)
    del knot
    assert recorder.stop().size_bytes < 200_000


def test_two_recordings_at_once_are_refused_and_so_is_an_end_without_a_beginning() -> None:
    recorder = TraceRecorder()
    with pytest.raises(UsageError, match="no recording"):
        recorder.stop()
    recorder.start()
    try:
        with pytest.raises(UsageError, match="already"):
            recorder.start()
    finally:
        recorder.stop()


def test_without_memray_native_allocations_are_refused_with_a_hint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "memray", None)
    recorder = TraceRecorder()
    with pytest.raises(UsageError, match="memray is not installed") as caught:
        recorder.start(native=True)
    assert "Install memray" in caught.value.hint
    recorder.start()
    recorder.stop()


class FakeMemray:
    """The part of memray's interface that is used, with two records made by hand."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def Tracker(self, file: Path, *, native_traces: bool) -> "FakeMemray":
        file.write_bytes(b"")
        self.said.append(f"tracker {native_traces}")
        self.file = file
        return self

    def FileReader(self, file: Path) -> "FakeMemray":
        assert file == self.file
        return self

    def __enter__(self) -> Self:
        self.said.append("enter")
        return self

    def __exit__(self, *_error: object) -> None:
        self.said.append("exit")

    def get_leaked_allocation_records(self, *, merge_threads: bool) -> list[Any]:
        assert merge_threads
        stacks = [
            [("alloc_cpu", "/opt/env/lib/python3.11/site-packages/torch/lib/libc10.so", 0)],
            [("<listcomp>", "/home/anna/vext_desktop/embedding/torch_engine.py", 88)],
            [("alloc_cpu", "/opt/env/lib/python3.11/site-packages/torch/lib/libc10.so", 0)],
        ]
        return [
            SimpleNamespace(
                size=1000, n_allocations=2, hybrid_stack_trace=lambda max_stacks, one=stack: one
            )
            for stack in stacks
        ]


def test_with_memray_native_functions_are_named_and_its_file_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeMemray()
    monkeypatch.setitem(sys.modules, "memray", fake)
    recorder = TraceRecorder()
    recorder.start(native=True)
    trace = recorder.stop()
    assert trace.tool == "memray"
    assert trace.lines == (
        TracedLine("alloc_cpu (libc10.so)", 2000, 4),
        TracedLine("<listcomp> at vext_desktop/embedding/torch_engine.py:88", 1000, 2),
    )
    assert not fake.file.parent.exists()


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("/home/anna/env/lib/python3.11/site-packages/torch/nn/linear.py", "torch/nn/linear.py:7"),
        ("/home/anna/vext/vext_desktop/engine.py", "vext_desktop/engine.py:7"),
        ("C:\\Users\\Anna\\vext_desktop\\engine.py", "vext_desktop/engine.py:7"),
        ("/usr/lib/python3.11/json/decoder.py", "json/decoder.py:7"),
        ("/home/anna/secret/plan.py", "plan.py:7"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>:7"),
    ],
)
def test_a_place_names_its_code_and_nobody_s_folder(file: str, place: str) -> None:
    assert describe_place(file, 7) == place


def test_a_trace_survives_its_way_through_json_and_is_bounded() -> None:
    lines = [TracedLine(f"a.py:{n}", n, 1, ("b.py:1",)) for n in range(100)]
    trace = summarise("tracemalloc", 1.0, lines)
    assert len(trace.lines) == MOST_LINES
    assert trace.size_bytes == sum(range(100))
    assert trace.lines[0].size_bytes == 99
    assert AllocationTrace.from_json(json.loads(json.dumps(trace.to_json()))) == trace
