"""From the events of a run to marks on the time line, and from marks to sentences. No Qt."""

from vext_desktop.events import (
    BatchFinished,
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    CleanupFinished,
    FileStarted,
    IndexEvent,
    MemoryJudged,
    MemoryWarned,
    RunFinished,
    RunHalted,
    RunStarted,
)
from vext_desktop.memory.curves import LINES, TOTAL, Measure
from vext_desktop.memory.event_marks import (
    EventKind,
    EventMark,
    describe_file,
    describe_moment,
)
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.readings import CleanupAction, format_bytes, format_seconds

MEASURE_NAMES = {
    Measure.RSS: "RSS",
    Measure.HEAP: "heap",
    Measure.NATIVE: "native buffers",
}
_KINDS_OF_CLEANUP = {
    CleanupAction.FREE_MEMORY: EventKind.CLEANUP,
    CleanupAction.RELOAD_MODEL: EventKind.RELOAD,
    CleanupAction.UNLOAD_MODEL: EventKind.RELOAD,
}


class MarkWriter:
    """Turns events into marks, and knows the batch and file in hand while it does."""

    def __init__(self) -> None:
        self._batch = 0
        self._path = ""
        self._is_slow = False
        self._growing: MemoryJudged | None = None

    def marks_for(self, event: IndexEvent, now_s: float) -> list[EventMark]:
        """The marks of one event; none for events that do not concern memory.

        Args:
            event: What happened.
            now_s: The present on the monotonic clock, for events that do not say when.
        """
        match event:
            case RunStarted() | RunFinished():  # what comes after a run is not of its last batch
                self._batch, self._path, self._is_slow, self._growing = 0, "", False, None
            case BatchFinished():
                return self._of_batch(event)
            case FileStarted(path=path):
                self._path = path
            case MemoryJudged():
                return self._of_verdict(event, now_s)
        mark = self._of_single(event, now_s)
        return [mark] if mark is not None else []

    def _of_single(self, event: IndexEvent, now_s: float) -> EventMark | None:
        kind: EventKind | None = None
        at_s, sentence, batch, path = now_s, "", self._batch, self._path
        match event:
            case FileStarted(path=path):
                kind = EventKind.FILE_START
            case BatchSizeChanged(size=size, reason=reason):
                kind = EventKind.PAUSE
                sentence = f"Batches now hold at most {size} texts. {reason}"
            case CleanupFinished(receipt=receipt):
                kind = _KINDS_OF_CLEANUP[receipt.action]
                at_s, sentence = receipt.after.at_s, receipt.sentence
            case ChildStarted(role=role, seconds=seconds):
                kind = EventKind.PROCESS_START
                sentence = f"The {role} process was ready after {format_seconds(seconds)}."
            case MemoryWarned(message=sentence, batch=batch, path=path):
                kind = EventKind.WARNING
            case RunHalted(message=message, hint=hint):
                kind = EventKind.WARNING
                sentence = f"{message} {hint}".strip()
            case ChildDied(batch=batch, files=files):
                kind = EventKind.CRASH
                path = files[-1] if files else ""
                sentence = _describe_death(event)
        return EventMark(kind, at_s, sentence, batch, path) if kind is not None else None

    def _of_batch(self, event: BatchFinished) -> list[EventMark]:
        self._batch = event.number
        self._path = event.files[-1] if event.files else self._path
        at_s, number, path = event.reading.at_s, event.number, self._path
        marks = [EventMark(EventKind.BATCH, at_s, "", number, path, event.seconds, event.size)]
        if event.pause_s > 0 and not self._is_slow:
            pause = format_seconds(event.pause_s)
            sentence = f"Indexing slows down to spare memory: a pause of {pause} after each batch."
            marks.append(EventMark(EventKind.PAUSE, at_s, sentence, number, path))
        self._is_slow = event.pause_s > 0
        return marks

    def _of_verdict(self, event: MemoryJudged, now_s: float) -> list[EventMark]:
        """A mark when something begins to grow, or something else does, or nothing any more."""
        before, self._growing = self._growing, event if event.verdict == "growing" else None
        if self._growing is not None:
            if before is not None and (before.role, before.owner) == (event.role, event.owner):
                return []
            kind, sentence = EventKind.WARNING, event.message
        elif before is not None:
            kind = EventKind.VERDICT
            end = "has ended" if event.verdict == "steady" else "is not certain any more"
            sentence = f"The growth of the {before.role} process {end}. {event.message}"
        else:
            return []
        return [EventMark(kind, now_s, sentence, self._batch, self._path)]


def describe_mark(history: MemoryHistory, mark: EventMark) -> str:
    """What a mark stands for, with its moment, batch and file."""
    where = []
    # Warnings name their batch and file themselves.
    if not (mark.path and mark.path in mark.sentence):
        if mark.batch and mark.kind is not EventKind.BATCH:
            where.append(f"batch {mark.batch}")
        if mark.path and mark.kind is not EventKind.FILE_START:
            where.append(describe_file(mark.path))
    place = f" ({', '.join(where)})" if where else ""
    return f"At {describe_moment(history.time_of(mark))}{place}: {mark.sentence}"


def describe_point(history: MemoryHistory, measure: Measure, time_s: float) -> str:
    """What one curve family showed at a moment, and which batch and file were in hand.

    Of a row that stands for several samples, its peak is told: values, moment, batch and file.
    """
    row = history.row_at(time_s)
    if row is None:
        return "Nothing has been measured yet."
    curves = history.curves
    peak = history.peak_of(row, measure)
    parts = []
    for line in LINES:
        value = curves.values_mb(measure, line)[row]
        if value == value and line != TOTAL:  # noqa: PLR0124 - NaN is the one unequal to itself
            parts.append(f"{line} {value:.0f} MB")
    total = curves.values_mb(measure, TOTAL)[row]
    known = f"{total:.0f} MB ({', '.join(parts)})" if parts else "not readable on this system"
    when = f"At {describe_moment(peak.time_s)}"
    return f"{when}: {MEASURE_NAMES[measure]} {known}; {_describe_batch(*peak[1:])}."


def describe_peak(history: MemoryHistory, time_s: float) -> str:
    """What the highest RSS of a stretch of time was, in which batch and file."""
    return f"Peak in view. {describe_point(history, Measure.RSS, time_s)}"


def describe_batch(history: MemoryHistory, time_s: float) -> str:
    """The batch and file in hand at a moment, or the last ones before it."""
    return _describe_batch(*history.batch_at(time_s))


def _describe_batch(batch: EventMark | None, is_in_hand: bool) -> str:
    if batch is None:
        return "before the first batch"
    file = f", {describe_file(batch.path)}" if batch.path else ""
    return f"{'during' if is_in_hand else 'after'} batch {batch.batch}{file}"


def _describe_death(event: ChildDied) -> str:
    held = ""
    if event.last_rss_bytes is not None:
        held = f"; it held {format_bytes(event.last_rss_bytes)}"
    return f"The {event.role} process ended unexpectedly ({event.cause}){held}."
