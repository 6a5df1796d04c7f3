"""Runs that nobody asked for, since something had changed in watched folders: one row for many."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vext_desktop.events import RunEnd
from vext_desktop.index.records import RunRecord

# In the summary of a run, where it was one.
IS_UPDATE = "is_update"
_SUMMED = ("chunks", "batches", "seconds", "truncated_tokens", "engine_restarts")
_SUMMED_FILES = ("indexed", "removed")


def is_quiet_update(run: RunRecord) -> bool:
    """Whether a run only kept the index up to date and came to its end."""
    return bool(run.summary.get(IS_UPDATE)) and run.end == RunEnd.FINISHED


def grouped(runs: Iterable[RunRecord]) -> list[list[RunRecord]]:
    """Runs, the newest first, in groups: quiet updates of one day with no other run between."""
    groups: list[list[RunRecord]] = []
    for run in runs:
        last = groups[-1][-1] if groups else None
        if last is not None and _belong_together(last, run):
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def summed(group: Sequence[RunRecord]) -> RunRecord:
    """A group of updates as one run: the newest, with what all of them did together."""
    newest = group[0]
    if len(group) == 1:
        return newest
    summary = {**newest.summary}
    for name in _SUMMED:
        if name in summary:
            summary[name] = sum(_number(run.summary.get(name)) for run in group)
    files = [run.summary.get("files") for run in group]
    counts = [each for each in files if isinstance(each, dict)]
    if counts:
        sums = {name: sum(_number(each.get(name)) for each in counts) for name in _SUMMED_FILES}
        summary["files"] = {**counts[0], **sums}
    seconds = _number(summary.get("seconds"))
    if seconds and "chunks_per_second" in summary:
        summary["chunks_per_second"] = _number(summary.get("chunks")) / seconds
    roots = tuple(dict.fromkeys(root for run in group for root in run.roots))
    return replace(newest, roots=roots, summary=summary)


def _belong_together(newer: RunRecord, older: RunRecord) -> bool:
    days = {time.localtime(run.started_at)[:3] for run in (newer, older)}
    return is_quiet_update(newer) and is_quiet_update(older) and len(days) == 1


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0
