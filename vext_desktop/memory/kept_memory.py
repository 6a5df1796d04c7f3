"""Why resident memory rose although nothing more is in use: a sentence, or none."""

from vext_desktop.readings import MemoryReading, ProgramReading, format_bytes

# A rise of RSS that is worth an explanation.
_NOTABLE_BYTES = 20_000_000


def describe_kept(first: ProgramReading | None, last: ProgramReading | None) -> str:
    """What to add to "steady" for the process whose RSS rose most; begins with a space.

    Args:
        first: All processes at the first batch.
        last: All processes now.

    Returns:
        "" if no RSS rose by 20 MB, or if memory in use explains at least half of it.
    """
    if first is None or last is None:
        return ""
    rises = {process: _rise_without_use(first, process) for process in last.processes}
    process = max(rises, key=rises.__getitem__, default=None)
    if process is None or rises[process] <= 0:
        return ""
    before = first.of(process.role)
    rise = process.rss_bytes - (before.rss_bytes if before else 0)
    words = f" RSS of the {process.role} process rose by {format_bytes(rise)}, but memory in use "
    in_use = rise - rises[process]
    words += f"only by {format_bytes(in_use)}" if in_use >= 1_000_000 else "did not"
    counters = process.counters
    if counters is not None and (counters.arenas_bytes - counters.blocks_bytes) * 2 >= rise:
        return f"{words}: the allocator keeps it; Free memory returns it."
    return f"{words}: that is no leak."


def _rise_without_use(first: ProgramReading, process: MemoryReading) -> int:
    """Bytes by which RSS rose without use, where they are most of a notable rise; else 0."""
    before = first.of(process.role)
    if before is None or before.pid != process.pid:
        return 0
    use, use_before = _in_use(process), _in_use(before)
    rise = process.rss_bytes - before.rss_bytes
    if use is None or use_before is None or rise < _NOTABLE_BYTES:
        return 0
    without_use = rise - max(0, use - use_before)
    return without_use if without_use * 2 > rise else 0


def _in_use(process: MemoryReading) -> int | None:
    if process.heap_bytes is None or process.native_bytes is None:
        return None
    return process.heap_bytes + process.native_bytes
