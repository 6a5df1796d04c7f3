"""The report of one run as a page that stands by itself, for somebody who has never seen us."""

import time
from collections.abc import Iterator, Mapping

from vext_desktop.memory.report_markup import (
    Cell,
    escaped,
    folded,
    megabytes,
    page,
    paragraph,
    section,
    table,
)
from vext_desktop.memory.report_plots import MEASURE_TITLES, band_sections, plot_sections
from vext_desktop.memory.report_story import (
    crash_part,
    other_events_part,
    receipts_part,
    warnings_part,
)
from vext_desktop.memory.run_engine import describe_engine
from vext_desktop.memory.run_record import RunHeading, RunKind, RunTimeline
from vext_desktop.memory.run_record_levels import growths_of, levels_of
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import Band, OwnerBands, ProgramBands, format_bytes, format_seconds

ENDS = {
    "finished": "came to its end",
    "stopped": "was stopped",
    "halted": "could not go on",
    "": "did not come to its end, or was still running when this was written",
}


def run_page(timeline: RunTimeline) -> str:
    """The whole page."""
    heading = timeline.heading
    body = (
        f"<h1>Memory of {escaped(_title(heading))}</h1>\n"
        + paragraph(describe_run(timeline), "quiet")
        + _answer(timeline)
        + section("Memory over time", plot_sections(timeline))
        + section("Who owned the memory", band_sections(timeline), _bands_part(timeline))
        + section("Levels", _levels_part(timeline))
        + section("Does memory in use grow?", _verdict_part(timeline))
        + section("Cleanups and reloads", receipts_part(timeline))
        + section("Warnings", warnings_part(timeline))
        + section("Processes that ended unexpectedly", crash_part(timeline))
        + section("Other events", other_events_part(timeline))
        + section("Files", _files_part(timeline))
        + section("Conditions", conditions_part(timeline))
        + section("What the words mean", _glossary())
    )
    return page(f"Memory of {_title(heading)}", body)


def describe_run(timeline: RunTimeline) -> str:
    """When a run was, how long, how much, and how it ended; in two or three sentences."""
    heading = timeline.heading
    parts = [
        (
            f"{heading.kind.label} began {started_at(heading)}, took "
            f"{format_seconds(heading.seconds)} and {ENDS.get(heading.end, ENDS[''])}. "
            f"{heading.chunks} texts in {heading.batches} batches, "
            f"{heading.chunks_per_second:.1f} a second."
        )
    ]
    if engine := describe_engine(timeline.summary):
        parts.append(f"Engine: {engine}{'' if engine.endswith('.)') else '.'}")
    if heading.roots and not timeline.is_redacted:
        parts.append(f"It was asked for {', '.join(heading.roots)}.")
    if timeline.is_redacted:
        parts.append("Paths, names and texts have been left out of this report.")
    return " ".join(parts)


def started_at(heading: RunHeading) -> str:
    """When a run began, in the local time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(heading.started_at))


def conditions_part(timeline: RunTimeline) -> str:
    """Settings, versions and machine."""
    context = timeline.context
    rows = [("Budget", format_bytes(context.budget_bytes), context.budget_owner)] if (
        context.budget_bytes is not None
    ) else []  # fmt: skip
    machine = [
        (name.replace("_", " ").removesuffix(" bytes"), _condition(name, value))
        for name, value in context.machine.items()
    ]
    return (
        table(("", "At the start", "Where it comes from"), rows)
        + table(("Machine", ""), machine)
        + table(("Version of", ""), context.versions.items())
        + folded(
            "All settings that matter for memory and speed",
            table(
                ("Setting", ""), ((name, str(value)) for name, value in context.settings.items())
            ),
        )
    )


def _title(heading: RunHeading) -> str:
    if heading.kind is RunKind.MEMORY_TEST:
        return "a memory test"
    return f"run {heading.run_id}"


def _answer(timeline: RunTimeline) -> str:
    """The verdict and the peak, before everything else."""
    heading = timeline.heading
    peak = heading.peak_rss_bytes.get("total", 0)
    share = ""
    if timeline.context.budget_bytes:
        per_cent = 100 * peak / timeline.context.budget_bytes
        share = f", {per_cent:.0f} % of the budget of {format_bytes(timeline.context.budget_bytes)}"
    message = heading.message or "No verdict on its growth was reached."
    kind = heading.verdict if heading.verdict in {"steady", "growing"} else ""
    return (
        f'<div class="answer {kind}">{paragraph(message)}'
        + paragraph(f"At most {format_bytes(peak)} of memory in all processes together{share}.")
        + "</div>\n"
    )


def _levels_part(timeline: RunTimeline) -> str:
    rows = [
        (
            MEASURE_TITLES[level.measure][0],
            "all" if level.line == "total" else level.line,
            Cell(f"{level.peak_mb:.1f}"),
            Cell(f"{level.settled_mb:.1f}" if level.settled_mb == level.settled_mb else ""),
        )
        for level in levels_of(timeline)
    ]
    return table(("Measure", "Process", "Highest, MB", "Settled, MB"), rows) + paragraph(
        "Settled is the median over the end of the run. Heap and native buffers may have been "
        "higher for moments between two batches.",
        "quiet",
    )


def _verdict_part(timeline: RunTimeline) -> str:
    rows = [
        (
            growth.label,
            growth.verdict or "not judged",
            Cell("" if growth.slope is None else f"{growth.slope:+.2f}"),
            Cell("" if growth.low is None else f"{growth.low:+.2f} to {growth.high:+.2f}"),
        )
        for growth in growths_of(timeline)
    ]
    columns = ("Process, memory", "Verdict", "MB per 100 batches", "95 % interval")
    return table(columns, rows) + paragraph(
        "Judged is memory in use, never RSS: what an allocator keeps for later use is no leak. "
        "Unknown means that there were too few batches to tell.",
        "quiet",
    )


def _bands_part(timeline: RunTimeline) -> str:
    if not timeline.pictures:
        return ""
    first, last = timeline.pictures[0], timeline.pictures[-1]
    largest = max(timeline.pictures, key=lambda pictured: pictured.bands.rss_bytes)
    moments = {
        f"batch {pictured.batch} ({word})": pictured.bands
        for word, pictured in (("first", first), ("largest", largest), ("last", last))
    }
    parts = []
    for role in ("total", *(process.role.value for process in last.bands.processes)):
        found = {name: _of(bands, role) for name, bands in moments.items()}
        title = "All processes" if role == "total" else f"{role.capitalize()} process"
        parts.append(_band_table(title, {name: each for name, each in found.items() if each}))
    libraries = _libraries(last.bands)
    return (
        folded("The same as numbers, by process", "".join(parts))
        + folded("Libraries by family, in the last picture", libraries)
        + paragraph(
            f"Of all resident memory {100 * last.bands.explained_share:.1f} % had an owner in the "
            "last picture.",
            "quiet",
        )
    )


def _of(bands: ProgramBands, role: str) -> ProgramBands | OwnerBands | None:
    if role == "total":
        return bands
    return next((each for each in bands.processes if each.role.value == role), None)


def _band_table(title: str, moments: Mapping[str, ProgramBands | OwnerBands]) -> str:
    told = [band for band in Band if any(band in each.bands for each in moments.values())]
    rows: list[list[str | Cell]] = [
        [band.label, *(megabytes(each.bands.get(band)) for each in moments.values())]
        for band in told
    ]
    rows.append(["Sum (RSS)", *(megabytes(each.rss_bytes) for each in moments.values())])
    return table((f"{title}, MB", *moments), rows)


def _libraries(bands: ProgramBands) -> str:
    rows = [
        (process.role.value, family, megabytes(count))
        for process in bands.processes
        for family, count in sorted(process.libraries.items(), key=lambda entry: -entry[1])
    ]
    return table(("Process", "Family", "MB"), rows)


def _files_part(timeline: RunTimeline) -> str:
    rows = [
        (Outcome(name).sentence or name, Cell(str(count)))
        for name, count in sorted(timeline.outcomes.items(), key=lambda entry: -entry[1])
        if name in set(Outcome)
    ]
    entries = timeline.summary.get("set_aside")
    found = entries if isinstance(entries, list) else []
    aside = [
        (str(entry.get("path", "")), str(entry.get("reason", "")))
        for entry in found
        if isinstance(entry, dict)
    ]
    return table(("What became of the files that were read", "Files"), rows) + folded(
        f"Files that were set aside ({len(aside)} shown)", table(("File", "Why"), aside)
    )


def _condition(name: str, value: int | str) -> str:
    return format_bytes(value) if name.endswith("_bytes") and isinstance(value, int) else str(value)


def _glossary() -> str:
    words: Iterator[tuple[str, str]] = (
        (title, f"{meaning[0].upper()}{meaning[1:]}.") for title, meaning in MEASURE_TITLES.values()
    )
    others = (
        ("Batch", "Some texts (usually eight) that go through the model together."),
        ("Window", "The process of the program itself: its window or its command line."),
        ("Engine", "The process that holds the model and turns texts into vectors."),
        ("Reader", "The process that reads documents; it may die without harm."),
        ("Budget", "What all processes together may hold; above it memory is given back."),
    )
    bands = ((band.label, band.meaning) for band in Band)
    return table(("Word", "Meaning"), [*others, *words, *bands])
