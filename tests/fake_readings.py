"""Readings, receipts and batches with round numbers, for tests of the memory side."""

from vext_desktop.events import BatchFinished, Progress
from vext_desktop.readings import (
    Band,
    CleanupAction,
    CleanupReceipt,
    MemoryReading,
    OwnerBands,
    ProcessRole,
    ProgramBands,
    ProgramReading,
)

MB = 1_000_000
NO_PROGRESS = Progress(0, 0, 0, 0, 0, 0.0)


def process(
    role: ProcessRole, rss_mb: float, *, held_mb: float | None = None, pid: int = 0
) -> MemoryReading:
    """A process whose heap is a tenth and whose native memory is half of its RSS."""
    return MemoryReading(
        role=role,
        pid=pid or 100 + list(ProcessRole).index(role),
        rss_bytes=round(rss_mb * MB),
        heap_bytes=round(rss_mb * MB / 10),
        native_bytes=round(rss_mb * MB / 2),
        held_bytes=None if held_mb is None else round(held_mb * MB),
    )


def reading(
    at_s: float, engine_mb: float = 480, window_mb: float = 120, *, held_mb: float | None = None
) -> ProgramReading:
    """The window and the engine at one moment; 600 MB together unless told."""
    window = process(ProcessRole.WINDOW, window_mb)
    return ProgramReading(at_s, (window, process(ProcessRole.ENGINE, engine_mb, held_mb=held_mb)))


def receipt(
    at_s: float,
    returned_mb: float = 180,
    action: CleanupAction = CleanupAction.FREE_MEMORY,
    *,
    held_mb: float | None = None,
) -> CleanupReceipt:
    """A cleanup that took 21 ms."""
    after = reading(at_s, 480 - returned_mb, held_mb=held_mb)
    return CleanupReceipt(action, "you", reading(at_s - 0.021), after, 0.021)


def batch(
    number: int, at_s: float, path: str = "/docs/Reports/report.pdf", *, pause_s: float = 0.0
) -> BatchFinished:
    """A batch of 8 texts that took 0.2 s."""
    return BatchFinished(number, 8, (path,), 0.2, pause_s, reading(at_s), 0, NO_PROGRESS)


def owner_bands(role: ProcessRole, bands_mb: dict[Band, float]) -> OwnerBands:
    """A process with these bands and three families of libraries, where it has libraries."""
    counts = {band: round(size * MB) for band, size in bands_mb.items()}
    libraries = counts.get(Band.LIBRARIES, 0)
    families = {"Qt": libraries // 2, "numpy": libraries // 4, "other": libraries // 4}
    number = 100 + list(ProcessRole).index(role)
    return OwnerBands(role, number, sum(counts.values()), counts, families if libraries else {})


def picture(
    at_s: float,
    engine_native_mb: float = 200,
    engine_held_mb: float = 100,
    *,
    with_reader: bool = False,
) -> ProgramBands:
    """The owner bands of window, engine and, if wanted, reader; Arrow's is not readable."""
    window = {Band.PYTHON_OBJECTS: 30.0, Band.NATIVE_IN_USE: 40.0, Band.LIBRARIES: 50.0}
    engine = {
        Band.PYTHON_OBJECTS: 20.0,
        Band.NATIVE_IN_USE: engine_native_mb,
        Band.NATIVE_HELD: engine_held_mb,
        Band.MODEL_FILE: 90.0,
        Band.LIBRARIES: 60.0,
        Band.UNEXPLAINED: 10.0,
    }
    processes = [
        owner_bands(ProcessRole.WINDOW, window),
        owner_bands(ProcessRole.ENGINE, engine),
    ]
    if with_reader:
        processes.append(owner_bands(ProcessRole.READER, {Band.LIBRARIES: 20.0}))
    return ProgramBands(at_s, tuple(processes), 0.08)
