"""Reports of memory tests and recordings as rows of text, for the tables of every front end."""

from collections.abc import Mapping
from typing import Any

from vext_desktop.memory.allocation_trace import AllocationTrace
from vext_desktop.readings import Band, format_bytes

LEVEL_COLUMNS = ("", "Before", "After", "After clean-up", "Change")
SLOPE_COLUMNS = ("", "Slope per 100 batches")
TRACE_COLUMNS = ("Where", "Still held", "Blocks")
NOT_KNOWN = "not known"
_LEVELS = {"rss": "RSS", "heap": "Heap", "native": "Native", "held": "Held for nobody"}
_MOMENTS = ("before", "after", "after_cleanup")

Rows = list[tuple[str, ...]]


def level_rows(report: Mapping[str, Any]) -> Rows:
    """The curves of all processes together, then the RSS of each process."""
    moments = [report[moment] for moment in _MOMENTS]
    rows = [
        _row(label, [moment.get(name) for moment in moments]) for name, label in _LEVELS.items()
    ]
    for role in dict.fromkeys(role for moment in moments for role in moment.get("processes", {})):
        processes = [moment.get("processes", {}).get(role, {}) for moment in moments]
        rows.append(_row(f"RSS of the {role}", [process.get("rss") for process in processes]))
    return rows


def band_rows(report: Mapping[str, Any]) -> Rows:
    """The owners of all processes together; none where this system cannot tell them."""
    found = report.get("bands") or {}
    pictures = [found.get(moment) or {} for moment in _MOMENTS]
    rows = [
        _row(band.label, [picture.get(str(band)) for picture in pictures])
        for band in Band
        if any(str(band) in picture for picture in pictures)
    ]
    shares = [picture.get("explained_share") for picture in pictures]
    if any(share is not None for share in shares):
        told = [NOT_KNOWN if share is None else f"{100 * share:.1f} %" for share in shares]
        rows.append(("Share explained", *told, ""))
    return rows


def slope_rows(report: Mapping[str, Any]) -> Rows:
    """How fast each curve of each process rises."""
    return [
        (name.replace(".", " "), "not yet known" if slope is None else f"{_signed(slope, 2)} MB")
        for name, slope in (report.get("slope_mb_per_100_batches") or {}).items()
    ]


def trace_rows(trace: AllocationTrace, *, with_callers: bool = False) -> Rows:
    """The lines of code that hold most; `with_callers` below each other in the first column."""
    return [
        (
            "\n  called by ".join((line.where, *line.callers)) if with_callers else line.where,
            f"+{_size(line.size_bytes)}",
            f"+{line.blocks}",
        )
        for line in trace.lines
    ]


def describe_trace(trace: AllocationTrace) -> str:
    """What a recording found, in a sentence."""
    return (
        f"In {trace.seconds:.1f} s, {format_bytes(trace.size_bytes)} in {trace.blocks} blocks were "
        f"allocated and not freed ({trace.tool})."
    )


def _size(count: int) -> str:
    return f"{count} B" if count < 1000 else format_bytes(count)


def _row(label: str, counts: list[int | None]) -> tuple[str, ...]:
    first, second = counts[0], counts[1]
    change = None if first is None or second is None else second - first
    told = NOT_KNOWN if change is None else f"{_signed(change / 1e6, 1)} MB"
    return (label, *map(_megabytes, counts), told)


def _megabytes(count: int | None) -> str:
    return NOT_KNOWN if count is None else f"{count / 1e6:.1f} MB"


def _signed(value: float, digits: int) -> str:
    """With its sign, but none where nothing is left of it: "-0.0" says that something went."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}" if rounded else f"{0:.{digits}f}"
