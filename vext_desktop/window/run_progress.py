"""Where the program is in its work, told from its events. No Qt, no clock of its own."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from vext_desktop.events import (
    BatchFinished,
    ChildDied,
    ChildStarted,
    ChildStarting,
    FileStarted,
    IndexEvent,
    Progress,
    RunFinished,
    RunStarted,
    ScanFinished,
    ScanProgressed,
    ServiceAwaited,
)
from vext_desktop.readings import ProcessRole
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_rate import RunRate, say_rate
from vext_desktop.window.run_sentences import (
    say_count,
    say_finished,
    say_found,
    say_number,
    say_roots,
    say_time_left,
)

SAFE_TO_CLOSE = "Safe to close: it goes on next time."
OLD_ANSWERS = "Search uses the old index until the new one is complete."
STAYS_PAUSED = "It stays paused until you resume, also after a restart."


class Stage(StrEnum):
    """What the engine is busy with."""

    OPENING = "opening"
    IDLE = "idle"
    SCANNING = "scanning"
    INDEXING = "indexing"


@dataclass(frozen=True, slots=True)
class ProgressView:
    """What the progress strip shows.

    Attributes:
        title: What is being done.
        counts: How much of it.
        share: 0 to 1; None for a bar that only says "busy".
        has_bar: Whether there is a bar at all.
        rate: How fast, in words.
        left: How long it will take, in words.
        detail: The second line: the file in hand, or what came of the last run.
        aside: The second line's right end.
        is_running: Whether there is something to pause and stop.
    """

    title: str
    counts: str = ""
    share: float | None = None
    has_bar: bool = False
    rate: str = ""
    left: str = ""
    detail: str = ""
    aside: str = ""
    is_running: bool = False


class RunProgress:
    """Takes the events of runs and says what to show.

    Args:
        clock: Monotonic seconds.
        chunks_per_second: The rate of the last run on this machine, for the first estimate.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        chunks_per_second: float | None = None,
    ) -> None:
        self._rate = RunRate(clock)
        self._last_rate = chunks_per_second
        self._stage = Stage.OPENING
        self._roots: tuple[str, ...] = ()
        self._rebuild = self._works_on = ""
        self._files_found = 0
        self._found: ScanFinished | None = None
        self._file = ""
        self._model_seconds: float | None = None
        self._model_step = ""
        self._trouble = ""
        self._progress: Progress | None = None
        self._result = ""
        self._indexed_files = 0
        self._waiting_files = 0
        self.is_paused = self.is_stopping = False
        self.is_update = False  # or nobody asked for the run: something has changed in the folders

    @property
    def is_running(self) -> bool:
        """Whether a run is on, paused or not."""
        return self._stage in {Stage.SCANNING, Stage.INDEXING}

    @property
    def result(self) -> str:
        """What came of the last run; empty before the first."""
        return self._result

    @property
    def chunks_per_second(self) -> float | None:
        """The latest rate known, of this run or the one before."""
        return self._rate.chunks_per_second or self._last_rate

    def note_status(self, indexed_files: int, waiting_files: int) -> None:
        """How many files the index holds, and how many wait for a run."""
        self._indexed_files = indexed_files
        self._waiting_files = waiting_files
        if self._stage is Stage.OPENING:
            self._stage = Stage.IDLE

    def note_pause(self, *, is_paused: bool) -> None:
        """The user has paused, or goes on; time spent in a pause is no working time."""
        self.is_paused = is_paused
        self._rate.skip_gap()

    def note_model_ready(self) -> None:
        """The model is loaded, or cannot be; nobody waits for it any more."""
        self._model_seconds = None

    def note(self, event: IndexEvent) -> None:
        """Take one event into account."""
        match event:
            case RunStarted():
                self._begin(event)
            case ScanProgressed():
                self._files_found = event.files_found
            case ScanFinished():
                self._stage = Stage.INDEXING
                self._found = event
            case FileStarted():
                self._file = event.path
            case BatchFinished():
                self._progress = event.progress
                self._rate.note(event.progress)
                self._trouble = ""
            case ChildStarting(role=ProcessRole.ENGINE):
                self._model_seconds = event.seconds
                self._model_step = event.note
            case ChildStarted(role=ProcessRole.ENGINE):
                self._model_seconds = None
                self._works_on = event.works_on
                self._trouble = event.note
                self._rate.skip_gap()
            case RunFinished():
                self._end(event)
            case _:
                self._note_trouble(event)

    def _note_trouble(self, event: IndexEvent) -> None:
        match event:
            case ChildDied(role=ProcessRole.ENGINE):
                self._trouble = f"The model's process ended ({event.cause}); it starts again."
            case ServiceAwaited():
                seconds = max(1, round(event.seconds_left))
                self._trouble = f"{event.message} It is asked again in {seconds} s."
                self._rate.skip_gap()
            case _:
                pass

    def note_run_ended(self) -> None:
        """The run is over, whether or not it could say so itself."""
        if self.is_running:
            self._stage = Stage.IDLE
        self.is_stopping = False

    def view(self) -> ProgressView:
        """What to show now."""
        if self._stage is Stage.OPENING:
            return ProgressView("Opening your index...", has_bar=True)
        if self._stage is Stage.SCANNING:
            return self._scanning()
        if self._stage is Stage.INDEXING:
            return self._indexing()
        return self._idle()

    def _begin(self, event: RunStarted) -> None:
        self._stage = Stage.SCANNING
        self._roots, self._rebuild, self.is_update = event.roots, event.rebuild, event.is_update
        self._files_found = 0
        self._found = None
        self._file = self._trouble = ""
        self._progress = None
        self._last_rate = self.chunks_per_second
        self._rate.restart()

    def _end(self, event: RunFinished) -> None:
        self._stage = Stage.IDLE
        self._result = say_finished(event.end, event.summary)
        self.is_stopping = False

    def _scanning(self) -> ProgressView:
        if self.is_update:
            return ProgressView(self._titled("Looking through"), is_running=True)
        return ProgressView(
            self._titled("Looking through"),
            counts=f"{say_count(self._files_found, 'file')} found so far",
            has_bar=True,
            aside=SAFE_TO_CLOSE,
            is_running=True,
        )

    def _indexing(self) -> ProgressView:
        found, progress = self._found, self._progress
        total = progress.files_total if progress else found.files_waiting if found else 0
        done = progress.files_done if progress else 0
        detail = shown_line(os.path.basename(self._file))  # noqa: PTH119 - undecodable bytes
        if progress is None and found is not None:
            detail = say_found(found, self._last_rate)
        detail = self._trouble or detail
        if self._rebuild and found is not None:  # also what earlier runs have done of it
            done, total = done + found.files_unchanged, total + found.files_unchanged
        rate = self._rate.chunks_per_second
        is_moving = not self.is_paused and self._model_seconds is None
        return ProgressView(
            self._titled("Indexing"),
            counts=f"{say_number(done)} of {say_count(total, 'file')}" if total else "",
            share=self._share(),
            has_bar=True,
            rate=say_rate(rate) if rate and is_moving else "",
            left=self._left(),
            detail=detail,
            aside=self._aside(),
            is_running=True,
        )

    def _aside(self) -> str:
        if self._rebuild:
            return OLD_ANSWERS
        return STAYS_PAUSED if self.is_paused else SAFE_TO_CLOSE

    def _titled(self, verb: str) -> str:
        name = self._rebuild or say_roots(self._roots)
        if self.is_stopping:
            return "Stopping after the batch in hand..."
        if self.is_paused:
            return f"Paused: {name}"
        if self._rebuild:
            return self._rebuild
        if self.is_update and self._found is not None and self._found.files_waiting:
            return f"Updating {say_count(self._found.files_waiting, 'changed file')}"
        return f"{verb} {name}"

    def _share(self) -> float | None:
        if self._progress is None:
            return 0.0 if self.is_paused or not self._needs_model else None
        if not self._progress.bytes_total:
            return 1.0
        return min(1.0, self._progress.bytes_done / self._progress.bytes_total)

    @property
    def _needs_model(self) -> bool:
        return self._model_seconds is not None

    def _left(self) -> str:
        if self.is_paused:
            return ""
        if self._model_seconds is not None:
            return f"{self._model_step or 'loading the model'}..."
        return say_time_left(self._rate.seconds_left)

    def _idle(self) -> ProgressView:
        if self._waiting_files:
            title = f"{say_count(self._waiting_files, 'file')} waiting to be indexed"
            return ProgressView(
                "Paused: " + title if self.is_paused else title, detail=self._result
            )
        if not self._indexed_files:
            return ProgressView(
                "Nothing indexed yet",
                detail=self._result or "Drop a folder or files anywhere on this window.",
                aside=self._model_note(),
            )
        return ProgressView(
            f"{say_count(self._indexed_files, 'file')} ready to be searched",
            detail=self._result or "Drop a folder or files anywhere to add more.",
            aside=self._model_note(),
        )

    def _model_note(self) -> str:
        if self._model_seconds is None:
            return f"Model: {self._works_on}" if self._works_on else ""
        return f"{self._model_step or 'Loading the model for search'}..."
