"""How much of the resident memory the known parts account for."""

from pathlib import Path

from vext_desktop.readings import ProgramReading


def explained_share(reading: ProgramReading, proc: Path = Path("/proc")) -> float | None:
    """The share of all processes' resident memory that has a known owner.

    Known are Python objects, native allocations, what the allocator holds for nobody, and pages
    of mapped files (libraries, the model), which the kernel counts apart.

    Args:
        reading: An exact reading, with held memory.
        proc: Where the kernel tells of processes.

    Returns:
        0 to 1, or None where a part cannot be told.
    """
    explained = 0
    for process in reading.processes:
        file_bytes = _file_bytes(process.pid, proc)
        parts = (process.heap_bytes, process.native_bytes, process.held_bytes, file_bytes)
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        explained += min(process.rss_bytes, sum(known))
    return explained / reading.rss_bytes if reading.processes else None


def _file_bytes(pid: int, proc: Path) -> int | None:
    """Resident pages of mapped files, in bytes, from /proc/PID/status; None elsewhere."""
    try:
        status = (proc / str(pid) / "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = [
        int(line.split()[1]) * 1024
        for line in status.splitlines()
        if line.startswith(("RssFile:", "RssShmem:"))
    ]
    return sum(found) if found else None
