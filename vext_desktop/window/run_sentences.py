"""What a run is, in words: counts, times, what was found, what came of it. No Qt."""

import os
from collections.abc import Mapping, Sequence

from vext_desktop.events import RunEnd, ScanFinished
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_bytes, format_seconds
from vext_desktop.window.plain_text import shown_line

LONGEST_NAME = 40
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def say_number(number: int) -> str:
    """1840 as "1 840", with a thin space."""
    return f"{number:,}".replace(",", THIN_SPACE)


def say_count(number: int, noun: str) -> str:
    """1840 and "file" as "1 840 files"."""
    return f"{say_number(number)} {noun}{'' if number == 1 else 's'}"


def say_time_left(seconds: float | None) -> str:
    """An estimate, no more exact than it can be: "about 12 min"; empty when there is none."""
    if seconds is None:
        return ""
    if seconds < 20:
        return "a few seconds"
    if seconds < 55:
        return "less than a minute"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min"
    if minutes < 600:
        return f"about {minutes // 60} h {minutes % 60:02d} min"
    return f"about {round(minutes / 60)} h"


def say_roots(roots: Sequence[str]) -> str:
    """The names of folders or files for a heading: "Reports", "Reports and 2 more"."""
    if not roots:
        return "your documents"
    first = shown_line(os.path.basename(roots[0]) or roots[0])  # noqa: PTH119 - undecodable bytes
    return first if len(roots) == 1 else f"{first} and {len(roots) - 1} more"


def say_next(waiting: Sequence[Sequence[str]]) -> str:
    """What waits for the run in hand: "Next: Reports and 2 more."; empty where nothing does."""
    if not waiting:
        return ""
    named = say_roots([path for paths in waiting for path in paths])
    if len(named) > LONGEST_NAME:
        named = f"{named[: LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
    return f"Next: {named}."


def say_found(found: ScanFinished, chunks_per_second: float | None) -> str:
    """What a scan found and how long the work will take.

    Args:
        found: The end of the scan.
        chunks_per_second: The rate of the last run on this machine; None if there was none.
    """
    if not found.files_waiting:
        rest = f"{say_count(found.files_found, 'file')} looked at, nothing new to read"
    else:
        rest = f"{say_number(found.files_waiting)} to read ({format_bytes(found.bytes_waiting)}"
        if chunks_per_second:
            rest += f", {say_time_left(found.chunks_estimated / chunks_per_second)}"
        rest = f"{say_count(found.files_found, 'file')} found, {rest})"
    others = [
        f"{say_number(number)} {what}"
        for number, what in (
            (found.files_unchanged, "unchanged"),
            (found.files_removed, "gone"),
            (found.files_set_aside, "not read"),
        )
        if number
    ]
    return ", ".join([rest, *others]) + "."


def say_so_far(counts: Mapping[Outcome, int], *, is_paused: bool) -> str:
    """How much of what is being indexed can be found already; empty where nothing waits."""
    waiting = counts.get(Outcome.WAITING, 0)
    if not waiting:
        return ""
    # What is offline is found all the same.
    ready = counts.get(Outcome.INDEXED, 0) + counts.get(Outcome.OFFLINE, 0)
    begin = "Indexing is paused" if is_paused else "Still indexing"
    files = say_count(ready + waiting, "file")
    return f"{begin}: {say_number(ready)} of {files} can be found so far."


def say_finished(end: RunEnd, summary: Mapping[str, object]) -> str:
    """What came of a run, from the summary that `index --json` promises."""
    files = summary.get("files")
    counts = files if isinstance(files, dict) else {}
    parts = [
        f"{say_count(number, 'file') if what == 'indexed' else say_number(number)} {what}"
        for key, what in (
            ("indexed", "indexed"),
            ("unchanged", "unchanged"),
            ("removed", "removed"),
            ("set_aside", "set aside"),
        )
        if (number := int(counts.get(key, 0))) or key == "indexed"
    ]
    begin = {RunEnd.FINISHED: "Done", RunEnd.STOPPED: "Stopped", RunEnd.HALTED: "Interrupted"}[end]
    seconds = summary.get("seconds")
    time = f", in {format_seconds(seconds)}" if isinstance(seconds, float | int) else ""
    return f"{begin}: {', '.join(parts)}{time}."
