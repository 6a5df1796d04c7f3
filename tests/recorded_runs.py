"""Healthy runs of the real program, recorded by tests/benchmarks/record_memory_runs.py."""

import csv
import dataclasses
import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.readings import AllocatorCounters, MemoryReading, ProcessRole, ProgramReading

FOLDER = Path(__file__).parent / "data" / "memory_runs"


@dataclass(frozen=True)
class RecordedBatch:
    """What the verdict was told after one batch; or, without a reading, of an event."""

    number: int
    reading: ProgramReading | None
    bounded: Mapping[str, int]
    event: str = ""
    path: str = ""


def read_run(path: Path) -> list[RecordedBatch]:
    """All batches and events of one run, in order."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return [_batch(row) for row in csv.DictReader(text)]


def with_leak(
    run: list[RecordedBatch],
    role: ProcessRole,
    leaked_bytes: Callable[[int], float],
    *,
    of: str = "blocks",
) -> Iterator[RecordedBatch]:
    """The run as it would have been with a leak in one process.

    Args:
        run: A healthy one.
        role: The process that leaks; a fresh one begins with nothing leaked.
        leaked_bytes: What it has leaked after so many batches of its life.
        of: What leaks: "heap", or a field of `AllocatorCounters` without "_bytes".
    """
    lived: dict[int, int] = {}
    for batch in run:
        process = batch.reading.of(role) if batch.reading else None
        if batch.reading is None or process is None:
            yield batch
            continue
        lived[process.pid] = lived.get(process.pid, 0) + 1
        leaky = _add(process, of, round(leaked_bytes(lived[process.pid])))
        others = [leaky if one is process else one for one in batch.reading.processes]
        yield dataclasses.replace(
            batch, reading=dataclasses.replace(batch.reading, processes=tuple(others))
        )


def _add(process: MemoryReading, of: str, leaked: int) -> MemoryReading:
    rss_bytes = process.rss_bytes + leaked
    if of == "heap":
        return dataclasses.replace(
            process, rss_bytes=rss_bytes, heap_bytes=(process.heap_bytes or 0) + leaked
        )
    counters = process.counters
    if counters is not None:
        field = f"{of}_bytes"
        counters = dataclasses.replace(counters, **{field: getattr(counters, field) + leaked})
    native_bytes = (process.native_bytes or 0) + leaked
    return dataclasses.replace(
        process, rss_bytes=rss_bytes, native_bytes=native_bytes, counters=counters
    )


def _batch(row: dict[str, str]) -> RecordedBatch:
    number = int(row["batch"])
    if row["event"]:
        return RecordedBatch(number, None, {}, event=row["event"])
    processes = [_process(role, row) for role in ProcessRole if row[f"{role}_life"]]
    bounded = {f"{role}.native": int(row[f"{role}_bounded"] or 0) for role in ProcessRole}
    reading = ProgramReading(int(row["at_ms"]) / 1000, tuple(processes))
    return RecordedBatch(number, reading, bounded, path=row.get("file", ""))


def _process(role: ProcessRole, row: dict[str, str]) -> MemoryReading:
    def told(measure: str) -> int | None:
        return int(row[f"{role}_{measure}"]) if row[f"{role}_{measure}"] else None

    native, blocks, arrow = told("native"), told("blocks"), told("arrow")
    counters = None
    if native is not None and blocks is not None and arrow is not None:
        counters = AllocatorCounters(blocks, native - blocks - arrow, blocks, arrow)
    life = told("life") or 1
    return MemoryReading(role, life, told("rss") or 0, told("heap"), native, counters=counters)
