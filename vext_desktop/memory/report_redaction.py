"""A record without paths, names and texts, for somebody who helps: nothing is searched and
replaced, everything is made anew from numbers and from words that are known to be the program's.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping

from vext_desktop.events import RunEnd
from vext_desktop.memory.curves import LINES, Measure
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.memory.report_redacted_events import FileAliases, redact_bands, redact_event
from vext_desktop.memory.run_engine import CHOSEN, USED
from vext_desktop.memory.run_record import (
    NotedEvent,
    NotedPicture,
    RunContext,
    RunHeading,
    RunTimeline,
)
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import ProcessRole, format_seconds
from vext_desktop.settings import Settings

VERDICTS = frozenset({"steady", "growing", "unknown"})
_VERSION = re.compile(r"\d[\d.]{0,15}")
# Names in the figures of a run; not one of a file, which has a dot or a slash or a capital.
_NAME = re.compile(r"[a-z_]{1,40}|(window|engine|reader)\.(rss|heap|native)")
_SYSTEMS = ("Linux", "Windows", "Darwin", "FreeBSD", "OpenBSD", "NetBSD")
_ARCHITECTURES = frozenset({"x86_64", "AMD64", "aarch64", "arm64", "armv7l", "i686", "riscv64"})
_WORDS_OF_SETTINGS = frozenset({"torch", "onnx", "onnx-int8", "huggingface", "process", "thread"})
_BANDS = frozenset(
    f"{role.value}.{measure.value}" for role in ProcessRole for measure in Measure
) | frozenset(LINES)
# What a mark says whose event was not kept.
_PLAIN_SENTENCES = {
    EventKind.PAUSE: "Indexing slowed down or took smaller batches, to spare memory.",
    EventKind.CLEANUP: "Memory was freed.",
    EventKind.RELOAD: "The model was reloaded or unloaded.",
    EventKind.PROCESS_START: "A process was ready.",
    EventKind.WARNING: "A warning.",
    EventKind.VERDICT: "Memory did not grow any more.",
    EventKind.CRASH: "A process ended unexpectedly.",
}


def redact(timeline: RunTimeline) -> RunTimeline:
    """The same run without paths, names and texts; files become "file 12 (.pdf)"."""
    if timeline.is_redacted:
        return timeline
    aliases = FileAliases()
    events = tuple(_redact_noted(noted, aliases) for noted in timeline.events)
    summary = _redact_summary(timeline.summary, aliases)
    return RunTimeline(
        heading=_redact_heading(timeline.heading, summary),
        context=_redact_context(timeline.context),
        summary=summary,
        outcomes={str(each): n for each, n in timeline.outcomes.items() if each in set(Outcome)},
        history=_redact_history(timeline.history, events, aliases),
        events=events,
        left_out=timeline.left_out,
        readings=timeline.readings,
        pictures=tuple(
            NotedPicture(pictured.batch, redact_bands(pictured.bands))
            for pictured in timeline.pictures
        ),
        is_redacted=True,
    )


def _redact_noted(noted: NotedEvent, aliases: FileAliases) -> NotedEvent:
    path = aliases.of(noted.path)
    return NotedEvent(noted.at_s, noted.batch, path, redact_event(noted.event, aliases))


def _redact_heading(heading: RunHeading, summary: Mapping[str, object]) -> RunHeading:
    verdict = summary.get("verdict")
    message = verdict.get("message") if isinstance(verdict, dict) else None
    word = heading.verdict if heading.verdict in VERDICTS else "unknown"
    moment = f"run-{heading.run_id:06d}" if heading.run_id else "memory-test"
    return dataclasses.replace(
        heading,
        record_id=moment,
        end=heading.end if heading.end in set(RunEnd) else "",
        roots=tuple(f"folder {number}" for number in range(1, len(heading.roots) + 1)),
        verdict=word,
        message=str(message or _verdict_sentence(word, {})),
        peak_rss_bytes={line: n for line, n in heading.peak_rss_bytes.items() if line in LINES},
    )


def _redact_context(context: RunContext) -> RunContext:
    limit = context.settings.get("memory_cap_mb")
    is_users = isinstance(limit, int) and limit * 1_000_000 == context.budget_bytes
    return RunContext(
        settings=dict(_redact_settings(context.settings)),
        versions=dict(_redact_versions(context.versions)),
        machine={
            name: value
            for name, value in context.machine.items()
            if isinstance(value, int) or value in _ARCHITECTURES
        },
        budget_bytes=context.budget_bytes,
        soft_bytes=context.soft_bytes,
        budget_owner="your limit" if is_users else "a share of the free memory",
    )


def _redact_settings(
    settings: Mapping[str, bool | int | float | str],
) -> Iterator[tuple[str, bool | int | float | str]]:
    for name, value in settings.items():
        if name not in Settings.model_fields:
            continue
        if not isinstance(value, str) or value in _WORDS_OF_SETTINGS:
            yield name, value
        elif name == "model":
            yield name, "another one" if value else "the shipped one"


def _redact_versions(versions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in versions.items():
        number = _VERSION.search(value)
        system = next((each for each in _SYSTEMS if value.startswith(each)), "")
        if number is not None:
            yield name, f"{system} {number.group()}".strip()


def _redact_summary(summary: Mapping[str, object], aliases: FileAliases) -> dict[str, object]:
    """Numbers as they are; the verdict and the list of files made anew; nothing else."""
    redacted: dict[str, object] = {}
    for name, value in summary.items():
        if name == "set_aside" and isinstance(value, list):
            redacted[name] = [dict(_redact_set_aside(entry, aliases)) for entry in value]
        elif name == "verdict" and isinstance(value, dict):
            redacted[name] = _redact_verdict(value)
        elif name in (USED, CHOSEN):
            redacted |= {name: value} if value in _WORDS_OF_SETTINGS else {}
        elif name == "receipts" or not _NAME.fullmatch(name):
            continue  # receipts are among the events
        elif (kept := _numbers_only(value)) not in (None, {}):
            redacted[name] = kept
    return redacted


def _redact_set_aside(entry: object, aliases: FileAliases) -> Iterator[tuple[str, str]]:
    if isinstance(entry, dict):
        kind = str(entry.get("kind"))
        yield "path", aliases.of(str(entry.get("path", "")))
        if kind in set(Outcome):
            yield "kind", kind
            yield "reason", Outcome(kind).sentence


def _redact_verdict(verdict: Mapping[str, object]) -> dict[str, object]:
    overall = str(verdict.get("overall"))
    overall = overall if overall in VERDICTS else "unknown"
    found = verdict.get("bands")
    bands: dict[str, dict[str, object]] = {}
    for name, values in found.items() if isinstance(found, dict) else ():
        if name in _BANDS and isinstance(values, dict):
            numbers = _numbers_only(values)
            word = str(values.get("verdict"))
            bands[name] = {**(numbers if isinstance(numbers, dict) else {})}
            bands[name]["verdict"] = word if word in VERDICTS else "unknown"
    return {"overall": overall, "message": _verdict_sentence(overall, bands), "bands": bands}


def _verdict_sentence(overall: str, bands: Mapping[str, Mapping[str, object]]) -> str:
    if overall == "steady":
        return "Memory in use is steady."
    if overall != "growing":
        return "Whether memory in use grows is not yet known."
    growing = [
        f"{name.replace('.', ' ')} by {slope:.1f} MB per 100 batches"
        for name, values in bands.items()
        if values.get("verdict") == "growing"
        and isinstance(slope := values.get("slope_mb_per_100_batches"), int | float)
    ]
    return f"Memory in use grows{': ' if growing else ''}{', '.join(growing)}."


def _numbers_only(value: object) -> object:
    """Numbers, and mappings of them under names of the program; None for all else."""
    if isinstance(value, dict):
        return {
            name: number
            for name, each in value.items()
            if _NAME.fullmatch(str(name)) and (number := _numbers_only(each)) is not None
        }
    return value if isinstance(value, bool | int | float) else None


def _redact_history(
    history: MemoryHistory, events: Iterable[NotedEvent], aliases: FileAliases
) -> MemoryHistory:
    writer = MarkWriter()
    sentences = {
        (mark.kind, round(mark.at_s, 2)): mark.sentence
        for noted in events
        for mark in writer.marks_for(noted.event, noted.at_s)
    }
    marks = [
        _redact_mark(mark, sentences, aliases) for kind in EventKind for mark in history.marks(kind)
    ]
    peaks = history.peaks.marked(lambda mark: _redact_mark(mark, sentences, aliases))
    table = history.curves.table.copy()
    return MemoryHistory.restored(
        history.origin_s, table, history.folded_rows, history.samples_per_old_row, marks, peaks
    )


def _redact_mark(
    mark: EventMark, sentences: Mapping[tuple[EventKind, float], str], aliases: FileAliases
) -> EventMark:
    file = aliases.of(mark.path)
    if mark.kind is EventKind.BATCH:
        sentence = f"Batch {mark.batch} took {format_seconds(mark.seconds)}."
    elif mark.kind is EventKind.FILE_START:
        sentence = f"Reading began: {file}."
    else:
        plain = _PLAIN_SENTENCES[mark.kind]
        sentence = sentences.get((mark.kind, round(mark.at_s, 2)), plain)
    return dataclasses.replace(mark, told=sentence, path=file)
