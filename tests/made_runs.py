"""Runs that were recorded, with round numbers and everything that can happen in them."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from fake_readings import MB, process

from vext_desktop.events import (
    BatchFinished,
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    ChunkSetAside,
    CleanupFinished,
    FileFinished,
    FileStarted,
    IndexEvent,
    MemoryJudged,
    MemoryPictured,
    MemoryWarned,
    Progress,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
    WarningKind,
)
from vext_desktop.memory.run_record import RunContext, RunKind, RunTimeline
from vext_desktop.memory.run_recorder import RunRecorder
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import (
    Band,
    CleanupAction,
    CleanupReceipt,
    OwnerBands,
    ProcessRole,
    ProgramBands,
    ProgramReading,
)

STARTED_AT = 1_780_000_000.0
CONTEXT = RunContext(
    settings={"engine": "torch", "batch_size": 8, "model": ""},
    versions={
        "vext-desktop": "0.1.0",
        "Python": "3.11.7",
        "system": "Linux 6.1.0",
        "glibc": "2.36",
    },
    machine={"cores": 2, "memory_bytes": 8_000 * MB, "architecture": "x86_64"},
    budget_bytes=1200 * MB,
    soft_bytes=900 * MB,
    budget_owner="your limit of 1.2 GB",
)


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def path_of(batch: int, folder: str = "/home/ada/Reports") -> str:
    """The file that a batch is from: four batches have one file."""
    return f"{folder}/report {(batch - 1) // 4}.pdf"


def reading(at_s: float, engine_mb: float = 400) -> ProgramReading:
    """All three processes; 200 MB and the engine's."""
    return ProgramReading(
        at_s,
        (
            process(ProcessRole.WINDOW, 130),
            process(ProcessRole.ENGINE, engine_mb),
            process(ProcessRole.READER, 70),
        ),
    )


def picture(at_s: float, engine_mb: float = 400) -> ProgramBands:
    """The owners in window and engine; a tenth is not explained."""
    return ProgramBands(
        at_s,
        tuple(
            OwnerBands(
                role,
                100,
                round(size * MB),
                {
                    Band.PYTHON_OBJECTS: round(size * MB * 0.2),
                    Band.NATIVE_IN_USE: round(size * MB * 0.4),
                    Band.LIBRARIES: round(size * MB * 0.3),
                    Band.UNEXPLAINED: round(size * MB * 0.1),
                },
                {"torch": round(size * MB * 0.3)},
            )
            for role, size in ((ProcessRole.WINDOW, 130), (ProcessRole.ENGINE, engine_mb))
        ),
    )


def batch(number: int, at_s: float, engine_mb: float = 400, pause_s: float = 0.0) -> BatchFinished:
    """A batch of 8 texts that took 0.2 s; the run has a rate of 40 texts a second."""
    progress = Progress(number // 4, 100, number, 400, number * 8, number * 0.2)
    files = (path_of(number),)
    return BatchFinished(number, 8, files, 0.2, pause_s, reading(at_s, engine_mb), 0, progress)


def summary(peak_mb: float = 700, slope: float = 0.1, verdict: str = "steady") -> dict[str, object]:
    """What a finished run says of itself."""
    band = {
        "verdict": verdict,
        "slope_mb_per_100_batches": slope,
        "low": slope - 0.05,
        "high": slope + 0.05,
        "message": f"Native memory in use of the engine process: {slope} MB.",
    }
    return {
        "files": {"indexed": 25, "unchanged": 3, "removed": 1, "set_aside": 1},
        "set_aside": [
            {"path": "/home/ada/Reports/locked.pdf", "kind": "locked", "reason": "Locked."}
        ],
        "chunks": 800,
        "seconds": 20.0,
        "chunks_per_second": 40.0,
        "batches": 100,
        "engine_restarts": 1,
        "peak_rss_bytes": {
            "window": 140 * MB, "engine": 450 * MB, "reader": 71 * MB, "total": round(peak_mb * MB),
        },
        "verdict": {
            "overall": verdict,
            "message": f"Memory in use is {verdict}.",
            "bands": {"engine.native": band},
        },
    }  # fmt: skip


def trouble(clock: Clock, number: int) -> Iterator[IndexEvent]:
    """Everything that happens seldom, once."""
    path, now_s = path_of(number), clock.now_s
    message = f"Native buffers grew by 61 MB (batch {number}, {path})."
    yield MemoryWarned(WarningKind.NATIVE_GROWTH, 61 * MB, 50 * MB, number, path, message)
    yield BatchSizeChanged(4, "Memory stays over the budget.")
    yield CleanupFinished(
        CleanupReceipt(
            CleanupAction.FREE_MEMORY,
            "budget",
            reading(now_s + 0.01),
            reading(now_s + 0.03, 340),
            0.02,
            promised_bytes=63 * MB,
            bands_before=picture(now_s + 0.01),
            bands_after=picture(now_s + 0.03, 340),
        )
    )
    tail = f"opening {path}\nTraceback: the lighthouse keeper\n"
    yield ChildDied(ProcessRole.ENGINE, "signal SIGKILL", 500 * MB, number, (path,), tail)
    yield ChildStarted(ProcessRole.ENGINE, 4712, 2.5)
    yield ChunkSetAside(path, 10, 900, f"No vector for the lighthouse keeper in {path}.")
    yield RunHalted(f"Reading {path} failed.", "Look at /home/ada/Reports.")


def events(clock: Clock, batches: int = 100, engine_mb: float = 400) -> Iterator[IndexEvent]:
    """A run of 0.2 s for each batch, with trouble half-way, up to its last event."""
    yield RunStarted(12, ("/home/ada/Reports", "/home/ada/Mail"))
    for number in range(1, batches + 1):
        if number % 4 == 1:
            yield FileStarted(path_of(number), 1000)
        clock.now_s += 0.2
        yield batch(number, clock.now_s, engine_mb)
        if number % 20 == 0:
            yield MemoryPictured(picture(clock.now_s, engine_mb), number)
            yield MemoryJudged("unknown", "Not yet known.")
        if number == batches // 2:
            yield from trouble(clock, number)
            clock.now_s += 0.1
        if number % 4 == 0:
            yield FileFinished(path_of(number), Outcome.INDEXED, "", 32)
    yield RunFinished(12, RunEnd.FINISHED, summary())


def recorder(folder: Path, clock: Clock, kind: RunKind = RunKind.INDEX) -> RunRecorder:
    """A recorder that has noted nothing yet."""
    return RunRecorder(kind, folder, CONTEXT, clock, lambda: STARTED_AT + clock.now_s - 1000)


def record(
    folder: Path, batches: int = 100, engine_mb: float = 400, run_id: int = 12
) -> RunTimeline:
    """A run that was recorded to its end; its record lies in the folder."""
    clock = Clock()
    recording = recorder(folder, clock)
    for event in events(clock, batches, engine_mb):
        is_first = isinstance(event, RunStarted)
        recording.note(dataclasses.replace(event, run_id=run_id) if is_first else event)
    recording.close()
    return recording.timeline


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.gz")
    return path
