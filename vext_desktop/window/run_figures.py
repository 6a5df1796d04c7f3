"""The summary of a run in the ledger, as figures and as a text for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QLocale

from vext_desktop.index.records import RunRecord
from vext_desktop.index.run_shelf import ListedRun
from vext_desktop.memory.run_engine import describe_engine
from vext_desktop.memory.run_record import RunKind
from vext_desktop.readings import format_bytes, format_seconds
from vext_desktop.window.plain_text import shown_line, shown_moment

# More paths than anybody reads here; the documents panel lists all of them.
MAX_PATHS = 500


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run came to; a figure that its summary does not hold is None."""

    indexed: int | None
    unchanged: int | None
    removed: int | None
    set_aside: int | None
    passages: int | None
    passages_per_second: float | None
    seconds: float | None
    batches: int | None
    truncated_tokens: int | None
    engine_restarts: int | None
    peak_bytes: Mapping[str, int]
    verdict: str


def read_figures(run: RunRecord) -> RunFigures:
    """The figures of a run, as far as its summary holds them (it is empty while it runs)."""
    summary: Mapping[str, Any] = run.summary
    files: Mapping[str, Any] = summary.get("files", {})
    verdict: Mapping[str, Any] = summary.get("verdict", {})
    return RunFigures(
        indexed=files.get("indexed"),
        unchanged=files.get("unchanged"),
        removed=files.get("removed"),
        set_aside=files.get("set_aside"),
        passages=summary.get("chunks"),
        passages_per_second=summary.get("chunks_per_second"),
        seconds=summary.get("seconds"),
        batches=summary.get("batches"),
        truncated_tokens=summary.get("truncated_tokens"),
        engine_restarts=summary.get("engine_restarts"),
        peak_bytes=summary.get("peak_rss_bytes", {}),
        verdict=shown_line(str(verdict.get("message") or verdict.get("overall") or "")),
    )


def end_word(run: RunRecord, *, is_newest: bool) -> str:
    """How a run ended, in a word or two; one without an end may still be running."""
    if run.end:
        return run.end.capitalize()
    return "Not finished" if is_newest else "Interrupted"


def describe_listed_run(listed: ListedRun, *, is_newest: bool) -> str:
    """All that is known of a run, as plain text of several paragraphs."""
    if listed.kind is RunKind.INDEX:
        return describe_run(listed.run, is_newest=is_newest)
    run, figures = listed.run, read_figures(listed.run)
    ended = end_word(run, is_newest=is_newest).lower()
    began = f"{listed.kind.label}, started {shown_moment(run.started_at)}: {ended}"
    lasted = f" after {format_seconds(figures.seconds)}" if figures.seconds is not None else ""
    texts = f"Texts: {_count(figures.passages)} in {_batches(figures)}, "
    rate = f"{figures.passages_per_second or 0:.1f} a second."
    lines = [texts + rate, *_engine_lines(run.summary), *_memory_lines(figures)]
    return f"{began}{lasted}.\n\n" + "\n".join(lines)


def describe_run(run: RunRecord, *, is_newest: bool) -> str:
    """All that is known of a run over folders, as plain text of several paragraphs."""
    figures = read_figures(run)
    ended = end_word(run, is_newest=is_newest)
    lasted = f" after {format_seconds(figures.seconds)}" if figures.seconds is not None else ""
    parts = [
        f"Run {run.run_id}, started {shown_moment(run.started_at)}: {ended.lower()}{lasted}.",
        "\n".join(["Folders", *(f"    {shown_line(root)}" for root in run.roots)]),
        "\n".join([*_figure_lines(figures), *_engine_lines(run.summary)]),
        _set_aside_text(run.summary),
    ]
    return "\n\n".join(part for part in parts if part)


def _figure_lines(figures: RunFigures) -> list[str]:
    if figures.indexed is None:
        return ["Its figures are written when it ends."]
    lines = [
        (
            f"Files: {_count(figures.indexed)} indexed, {_count(figures.unchanged)} unchanged, "
            f"{_count(figures.removed)} removed, {_count(figures.set_aside)} set aside."
        ),
        (
            f"Passages: {_count(figures.passages)} in {_batches(figures)}, "
            f"{figures.passages_per_second or 0:.1f} a second."
        ),
    ]
    if figures.truncated_tokens:
        lines.append(f"{_count(figures.truncated_tokens)} tokens were too many for the model.")
    if figures.engine_restarts:
        times = "once" if figures.engine_restarts == 1 else f"{figures.engine_restarts} times"
        lines.append(f"The engine had to be started again {times}.")
    return lines + _memory_lines(figures)


def _engine_lines(summary: Mapping[str, Any]) -> list[str]:
    engine = describe_engine(summary)
    return [shown_line(f"Engine: {engine}")] if engine else []


def _memory_lines(figures: RunFigures) -> list[str]:
    lines = []
    if figures.peak_bytes:
        total = figures.peak_bytes.get("total", 0)
        others = [
            f"{role} {format_bytes(peak)}"
            for role, peak in figures.peak_bytes.items()
            if role != "total" and peak
        ]
        lines.append(f"Peak memory: {format_bytes(total)} ({', '.join(others)}).")
    if figures.verdict:
        lines.append(f"Verdict: {figures.verdict}")
    return lines


def _set_aside_text(summary: Mapping[str, Any]) -> str:
    """The files that were set aside, under their reasons."""
    files: list[Mapping[str, str]] = summary.get("set_aside", [])
    if not files:
        return ""
    by_reason: dict[str, list[str]] = {}
    for file in files[:MAX_PATHS]:
        by_reason.setdefault(shown_line(file["reason"]), []).append(shown_line(file["path"]))
    lines = [f"Set aside ({_count(len(files))})"]
    for reason, paths in by_reason.items():
        lines.append(f"\n{reason}")
        lines += [f"    {path}" for path in paths]
    if len(files) > MAX_PATHS:
        lines.append(f"\nand {_count(len(files) - MAX_PATHS)} more: see the documents.")
    return "\n".join(lines)


def _batches(figures: RunFigures) -> str:
    return f"{_count(figures.batches)} {'batch' if figures.batches == 1 else 'batches'}"


def _count(number: int | None) -> str:
    return QLocale().toString(number or 0)
