"""Follows a run by its events, keeps it in bounded memory, and saves it now and then."""

import dataclasses
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vext_desktop.errors import RunRecordError
from vext_desktop.events import (
    BatchFinished,
    ChildDied,
    CleanupFinished,
    FileFinished,
    FileStarted,
    IndexEvent,
    MemoryJudged,
    MemoryPictured,
    RunEnd,
    RunFinished,
    RunStarted,
)
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.memory.run_record import (
    NOTABLE_EVENTS,
    NotableEvent,
    NotedEvent,
    NotedPicture,
    NotedReading,
    RunContext,
    RunHeading,
    RunKind,
    RunTimeline,
)
from vext_desktop.memory.run_record_bounds import EdgeList, ThinnedList
from vext_desktop.memory.run_record_file import prune_runs, save_run
from vext_desktop.memory.run_record_json import packed, unpacked
from vext_desktop.readings import ProgramReading

FIRST_SAVE_S = 10.0
SAVE_EVERY_S = 60.0
# Whole readings and owner bands: enough for a plot as wide as a screen.
MOST_READINGS = 128
MOST_PICTURES = 384
# The first ones are not taken at every batch, so that memory does not rise with each.
BATCHES_PER_READING = 10
# Of each kind of notable event.
FIRST_EVENTS = 100
NEWEST_EVENTS = 200
MOST_LISTED = 200
MOST_LOG_CHARACTERS = 4000
MOST_PATH_CHARACTERS = 400

log = logging.getLogger("vext.memory")


class RunRecorder:
    """Records one run; one thread.

    A run without a single batch and without trouble is not worth a file, and gets none.

    Args:
        kind: What kind of run.
        folder: Where records lie.
        context: The run's conditions.
        clock: Monotonic seconds, the same that readings are stamped with.
        wall_clock: Seconds since 1970.
    """

    def __init__(
        self,
        kind: RunKind,
        folder: Path,
        context: RunContext,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._context = context
        self._clock = clock
        self._wall_clock = wall_clock
        self._origin_s = clock()
        started_at = wall_clock()
        moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(started_at))
        self._first = RunHeading(f"memory-test-{moment}-{os.getpid()}", kind, 0, started_at)
        self._facts: dict[str, Any] = {}
        self._peaks: dict[str, int] = {}
        self._batches = 0
        self._history = MemoryHistory(self._origin_s)
        self._marks = MarkWriter()
        self._events = {kind: EdgeList[NotedEvent](FIRST_EVENTS, NEWEST_EVENTS)
                        for kind in NOTABLE_EVENTS}  # fmt: skip
        # Packed: as objects they would grow by 30 kB with every 100 batches until there are many.
        self._readings = ThinnedList[bytes](MOST_READINGS)
        self._pictures = ThinnedList[bytes](MOST_PICTURES)
        self._outcomes: Counter[str] = Counter()
        self._summary: Mapping[str, object] = {}
        self._last_judged: MemoryJudged | None = None
        self._path = ""
        self._next_save_s = self._origin_s + FIRST_SAVE_S
        self._can_save = True

    @property
    def heading(self) -> RunHeading:
        """The run's name and main figures so far."""
        peaks = dict(self._peaks)
        return dataclasses.replace(
            self._first, batches=self._batches, peak_rss_bytes=peaks, **self._facts
        )

    @property
    def timeline(self) -> RunTimeline:
        """What is kept so far; its history goes on with the recording."""
        events = [noted for kept in self._events.values() for noted in kept.all()]
        left_out = {kind.__name__: kept.left_out for kind, kept in self._events.items()}
        return RunTimeline(
            heading=self.heading,
            context=self._context,
            summary=self._summary,
            outcomes=dict(self._outcomes),
            history=self._history,
            events=tuple(sorted(events, key=lambda noted: noted.at_s)),
            left_out={name: count for name, count in left_out.items() if count},
            readings=tuple(unpacked(NotedReading, each) for each in self._readings.all()),
            pictures=tuple(unpacked(NotedPicture, each) for each in self._pictures.all()),
        )

    def note(self, event: IndexEvent) -> None:
        """Keep what an event tells; saves when a minute has passed."""
        now_s = self._clock()
        self._facts["seconds"] = round(now_s - self._origin_s, 3)
        self._note_story(event)
        self._note_memory(event)
        if isinstance(event, NOTABLE_EVENTS):
            self._note_notable(event, now_s)
        for mark in self._marks.marks_for(event, now_s):
            if len(mark.path) > MOST_PATH_CHARACTERS:
                mark = dataclasses.replace(mark, path=_shortened(mark.path))  # noqa: PLW2901
            self._history.add_mark(mark)
        if now_s >= self._next_save_s:
            self._next_save_s = now_s + SAVE_EVERY_S
            self.save()

    def save(self) -> None:
        """Write the record as it is now; a disk that cannot take it costs the record only."""
        if not self._is_worth_keeping or not self._can_save:
            return
        try:
            save_run(self.timeline, self._folder)
        except RunRecordError as error:
            self._can_save = False
            log.warning("%s %s", error.message, error.hint)

    def close(self) -> None:
        """The run is let go: save for the last time, and drop the records of old runs."""
        if "end" not in self._facts:
            self._facts.update(end=RunEnd.STOPPED.value, ended_at=self._wall_clock())
        self.save()
        prune_runs(self._folder)

    @property
    def _is_worth_keeping(self) -> bool:
        return self._batches > 0 or any(
            list(kept.all()) for kind, kept in self._events.items() if kind is not MemoryJudged
        )

    def _note_story(self, event: IndexEvent) -> None:
        match event:
            case RunStarted(run_id=run_id, roots=roots):
                self._facts.update(record_id=f"run-{run_id:06d}", run_id=run_id, roots=roots)
            case FileStarted(path=path):
                self._path = _shortened(path)
            case FileFinished(outcome=outcome):
                self._outcomes[outcome] += 1
            case RunFinished():
                self._note_end(event)
            case _:
                pass

    def _note_memory(self, event: IndexEvent) -> None:
        match event:
            case BatchFinished():
                self._note_batch(event)
            case MemoryPictured(bands=bands, batch=batch):
                self._pictures.add(packed(NotedPicture(batch, bands)))
            case CleanupFinished(receipt=receipt):
                self._note_reading(receipt.before)
                self._note_reading(receipt.after)
            case MemoryJudged(verdict=verdict, message=message):
                self._facts.update(verdict=verdict, message=message)
            case _:
                pass

    def _note_batch(self, event: BatchFinished) -> None:
        self._batches = event.number
        self._note_reading(event.reading)
        if event.number % BATCHES_PER_READING == 1:
            self._readings.add(packed(NotedReading(event.number, event.reading)))
        self._path = _shortened(event.files[-1]) if event.files else self._path
        self._facts["chunks"] = max(event.progress.chunks_done, self._facts.get("chunks", 0))
        self._facts["chunks_per_second"] = round(event.progress.chunks_per_second, 3)

    def _note_reading(self, reading: ProgramReading) -> None:
        self._history.add(reading)
        for process in reading.processes:
            self._raise_peak(process.role, process.rss_bytes)
        self._raise_peak("total", reading.rss_bytes)

    def _raise_peak(self, name: str, count: int) -> None:
        self._peaks[name] = max(count, self._peaks.get(name, 0))

    def _note_notable(self, event: NotableEvent, now_s: float) -> None:
        kept = self._events[type(event)]
        match event:
            case ChildDied():
                tail = event.log_tail[-MOST_LOG_CHARACTERS:]
                event = dataclasses.replace(event, log_tail=tail)
            case CleanupFinished(receipt=receipt):
                now_s = receipt.after.at_s
            case MemoryJudged() if event == self._last_judged:
                return
            case MemoryJudged():
                self._last_judged = event
        batch = getattr(event, "batch", 0) or self._batches
        kept.add(NotedEvent(now_s, batch, self._path, event))

    def _note_end(self, event: RunFinished) -> None:
        self._summary = _trimmed(event.summary)
        self._facts.update(end=event.end.value, ended_at=self._wall_clock())
        peaks, verdict = event.summary.get("peak_rss_bytes"), event.summary.get("verdict")
        if isinstance(peaks, dict):
            for name, count in peaks.items():
                self._raise_peak(name, count)
        if isinstance(verdict, dict):
            overall, message = str(verdict.get("overall", "")), str(verdict.get("message", ""))
            self._facts.update(verdict=overall, message=message)


def _trimmed(summary: Mapping[str, object]) -> dict[str, object]:
    """A summary whose lists are short: the ledger has them whole."""
    trimmed: dict[str, object] = dict(summary)
    for name, value in summary.items():
        if isinstance(value, list) and len(value) > MOST_LISTED:
            trimmed[name] = value[:MOST_LISTED]
            trimmed[f"{name}_total"] = len(value)
    return trimmed


def _shortened(path: str) -> str:
    """The end of a very long path, so that thousands of them fit into a record."""
    if len(path) <= MOST_PATH_CHARACTERS:
        return path
    return "\N{HORIZONTAL ELLIPSIS}" + path[-MOST_PATH_CHARACTERS:]
