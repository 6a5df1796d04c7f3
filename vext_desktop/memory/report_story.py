"""What happened in a run, for its report: receipts, warnings, crashes and the like."""

from collections.abc import Iterator

from vext_desktop.events import (
    BatchRetried,
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    ChunkSetAside,
    CleanupFinished,
    MemoryJudged,
    MemoryWarned,
    RunHalted,
    StoreMaintained,
)
from vext_desktop.memory.event_marks import describe_moment
from vext_desktop.memory.report_markup import Cell, escaped, folded, megabytes, paragraph, table
from vext_desktop.memory.run_record import NotableEvent, NotedEvent, RunTimeline
from vext_desktop.readings import (
    Band,
    CleanupReceipt,
    MemoryReading,
    format_bytes,
    format_seconds,
)

# Of receipts with bands: as many as anybody compares.
MOST_RECEIPT_BANDS = 12
ROW = ("When", "Batch")


def receipts_part(timeline: RunTimeline) -> str:
    """Every cleanup and reload: what it promised and gave back, and by owner."""
    found = timeline.of(CleanupFinished)
    if not found:
        return paragraph("There was none.")
    rows = (
        (
            *_place(timeline, noted),
            event.receipt.sentence,
            event.receipt.trigger,
            megabytes(event.receipt.promised_bytes),
            megabytes(event.receipt.before.rss_bytes),
            megabytes(event.receipt.after.rss_bytes),
        )
        for noted, event in found
    )
    columns = (*ROW, "What came of it", "Asked by", "Promised, MB", "Before, MB", "After, MB")
    told = [(noted, event.receipt) for noted, event in found if event.receipt.bands_before]
    by_owner = "".join(
        folded(
            f"By owner: {describe_moment(noted.at_s - timeline.history.origin_s)}, "
            f"batch {noted.batch}",
            _receipt_bands(receipt),
        )
        for noted, receipt in told[-MOST_RECEIPT_BANDS:]
    )
    return table(columns, rows) + _left_out(timeline, CleanupFinished) + by_owner


def warnings_part(timeline: RunTimeline) -> str:
    """The lines that were crossed."""
    rows = ((*_place(timeline, noted), event.message) for noted, event in timeline.of(MemoryWarned))
    halts = (
        (*_place(timeline, noted), f"{event.message} {event.hint}".strip())
        for noted, event in timeline.of(RunHalted)
    )
    found = table((*ROW, "What happened"), [*rows, *halts])
    return found + _left_out(timeline, MemoryWarned) if found else paragraph("There was none.")


def crash_part(timeline: RunTimeline) -> str:
    """Each process that died, with what it held, what was in hand and its last words."""
    found = timeline.of(ChildDied)
    if not found:
        return paragraph("There was none.")
    return "".join(_crash(timeline, noted, event) for noted, event in found) + _left_out(
        timeline, ChildDied
    )


def other_events_part(timeline: RunTimeline) -> str:
    """What else is worth a line: starts, changes of the batch size, retries, verdicts."""
    shown = [
        (*_place(timeline, noted), sentence)
        for noted in timeline.events
        if (sentence := _sentence(noted.event))
    ]
    total = len(shown)
    return folded(f"{total} events" if total != 1 else "1 event", table((*ROW, "Event"), shown))


def _crash(timeline: RunTimeline, noted: NotedEvent, event: ChildDied) -> str:
    held = ""
    if event.last_rss_bytes is not None:
        held = f" It held {format_bytes(event.last_rss_bytes)}."
    when = describe_moment(noted.at_s - timeline.history.origin_s)
    parts = [
        f"<h3>{escaped(f'The {event.role} process, {when}, batch {noted.batch}')}</h3>",
        paragraph(f"It ended unexpectedly: {event.cause}.{held}"),
        paragraph(f"In hand: {', '.join(event.files)}.") if event.files else "",
        table(("Before its end", "RSS, MB", "Heap, MB", "Native, MB"), _last_rows(event)),
    ]
    if event.log_tail.strip():
        parts.append(folded("The end of its log", f"<pre>{escaped(event.log_tail)}</pre>\n"))
    return "\n".join(part for part in parts if part)


def _last_rows(event: ChildDied) -> Iterator[tuple[str, Cell, Cell, Cell]]:
    """The last readings, the newest at the end; at most five, evenly spread."""
    readings = event.last_readings
    step = max(1, len(readings) // 5)
    for reading in reversed(readings[::-1][::step][:5]):
        for process in reading.processes:
            before_s = readings[-1].at_s - reading.at_s
            yield (f"{before_s:.1f} s before its last word", *_curves(process))


def _curves(process: MemoryReading) -> tuple[Cell, Cell, Cell]:
    return (
        megabytes(process.rss_bytes),
        megabytes(process.heap_bytes),
        megabytes(process.native_bytes),
    )


def _receipt_bands(receipt: CleanupReceipt) -> str:
    before, after = receipt.bands_before, receipt.bands_after
    if before is None or after is None:
        return ""
    earlier, later = before.bands, after.bands
    rows = [
        (
            band.label,
            megabytes(earlier.get(band)),
            megabytes(later.get(band)),
            _change(earlier.get(band), later.get(band)),
        )
        for band in Band
        if band in earlier or band in later
    ]
    rows.append(
        (
            "Sum (RSS)",
            megabytes(before.rss_bytes),
            megabytes(after.rss_bytes),
            _change(before.rss_bytes, after.rss_bytes),
        )
    )
    return table(("Owner", "Before, MB", "After, MB", "Change, MB"), rows)


def _change(before: int | None, after: int | None) -> Cell:
    if before is None or after is None:
        return Cell("")
    return Cell(f"{(after - before) / 1e6:+.1f}")


def _sentence(event: NotableEvent) -> str:
    """In a line; "" for events that have a section of their own."""
    sentence = ""
    match event:
        case ChildStarted(role=role, seconds=seconds):
            sentence = f"The {role} process was ready after {format_seconds(seconds)}."
        case BatchSizeChanged(size=size, reason=reason):
            sentence = f"Batches now hold at most {size} texts. {reason}"
        case BatchRetried(attempt=attempt, size=size, reason=reason):
            sentence = f"Try {attempt} of a batch of {size} texts. {reason}"
        case ChunkSetAside(path=path, start=start, end=end, reason=reason):
            sentence = f"Characters {start} to {end} of {path} were set aside. {reason}"
        case MemoryJudged(message=message):
            sentence = f"Verdict: {message}"
        case StoreMaintained(seconds=seconds):
            sentence = f"The index was tidied up in {format_seconds(seconds)}."
    return sentence.strip()


def _place(timeline: RunTimeline, noted: NotedEvent) -> tuple[str, Cell]:
    when = describe_moment(noted.at_s - timeline.history.origin_s)
    unbroken = when.replace(" ", "\N{NO-BREAK SPACE}")
    return unbroken, Cell(str(noted.batch) if noted.batch else "")


def _left_out(timeline: RunTimeline, *kinds: type) -> str:
    count = sum(timeline.left_out.get(kind.__name__, 0) for kind in kinds)
    return paragraph(f"{count} more are not shown.", "quiet") if count else ""
