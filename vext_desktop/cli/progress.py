"""A run for the person at the terminal: a progress bar, and a line for what they should know."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from vext_desktop.cli.output import counted, shown
from vext_desktop.events import (
    BatchFinished,
    BatchRetried,
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    ChildStarting,
    ChunkSetAside,
    CleanupFinished,
    FileFinished,
    FileStarted,
    IndexEvent,
    IndexMended,
    IndexSwapped,
    MemoryWarned,
    RebuildHeld,
    RoomShort,
    RunStarted,
    ScanFinished,
    ScanProgressed,
    ServiceAwaited,
    StoreMaintaining,
)
from vext_desktop.events import Progress as RunProgress
from vext_desktop.readings import ProcessRole, format_bytes, format_seconds

USE_NEW = "To use the new one all the same: vext-desktop rebuild --use-new"
LINE_EVERY_S = 10.0


class RunDisplay:
    """Shows the events of one run; a context, so that the bar is taken away at its end.

    Where standard error is no terminal, a plain line every ten seconds takes the bar's place.

    Args:
        console: Where to.
        noun: What is counted: "file", or "batch" where there are no files.
    """

    def __init__(self, console: Console, noun: str = "file") -> None:
        self._noun = noun
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[rate]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID = self._bar.add_task("Starting", total=None, rate="")
        self._last_line_s = time.monotonic()
        self._file = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, event: IndexEvent) -> None:
        """Show one event, or take it into account for the bar."""
        line = _line(event)
        if line:
            self._console.print(Text(shown(line)))
        match event:
            case ScanProgressed():
                self._update(f"Looking: {counted(event.files_found, 'file')} so far")
            case ChildStarting(role=ProcessRole.ENGINE):
                step = event.note or "Loading the model"
                self._update(f"{step} ({format_seconds(event.seconds)})")
            case FileStarted():
                self._file = event.path
            case BatchFinished():
                self._show_batch(event.progress, event.reading.rss_bytes)
            case ServiceAwaited():
                seconds = format_seconds(event.seconds_left)
                self._update(f"{event.message} Asked again in {seconds}")
            case StoreMaintaining():
                self._update("Tidying up the index")
            case _:
                pass

    def _show_batch(self, progress: RunProgress, rss_bytes: int) -> None:
        rate = f"{progress.chunks_per_second:.1f} chunks/s   memory {format_bytes(rss_bytes)}"
        if progress.seconds_left is not None:
            rate += f"   about {format_seconds(progress.seconds_left)} left"
        text = f"{progress.files_done} of {counted(progress.files_total, self._noun)}"
        total = max(progress.bytes_total, 1)
        self._bar.update(
            self._task, description=text, completed=progress.bytes_done, total=total, rate=rate
        )
        self._show_line(f"{text}   {rate}   {self._file}")

    def _update(self, description: str) -> None:
        self._bar.update(self._task, description=description)
        self._show_line(description)

    def _show_line(self, line: str) -> None:
        """What stands for the bar in a log file."""
        now = time.monotonic()
        if self._console.is_terminal or now - self._last_line_s < LINE_EVERY_S:
            return
        self._last_line_s = now
        self._console.print(Text(shown(line)))


def _line(event: IndexEvent) -> str:
    """What is worth a line of its own; empty for the rest. (A halt is told by the exit.)"""
    return _rebuild_line(event) or _work_line(event) or _trouble_line(event)


def _rebuild_line(event: IndexEvent) -> str:
    match event:
        case RunStarted() if event.rebuild:
            return f"{event.rebuild}; search uses the old one until it is complete."
        case IndexSwapped():
            return f"{event.sentence} Undo: vext-desktop rebuild --undo"
        case RebuildHeld():
            return f"{event.sentence} {USE_NEW}"
        case IndexMended() | RoomShort():
            return event.sentence
        case _:
            return ""


def _work_line(event: IndexEvent) -> str:
    match event:
        case ScanFinished():
            return _found_line(event)
        case FileFinished() if event.outcome.is_set_aside:
            return f"set aside: {event.path}: {event.reason or event.outcome.sentence}"
        case ChunkSetAside():
            place = f"characters {event.start} to {event.end}"
            return f"set aside: {place} of {event.path}: {event.reason}"
        case ChildStarted(role=ProcessRole.ENGINE):
            works_on = f": {event.works_on}" if event.works_on else ""
            ready = f"The model is ready ({format_seconds(event.seconds)}){works_on}."
            return f"{ready} {event.note}".strip()
        case _:
            return ""


def _trouble_line(event: IndexEvent) -> str:
    match event:
        case ChildDied():
            return _death_line(event)
        case BatchRetried():
            return f"Batch {event.number} is tried again ({event.attempt}): {event.reason}"
        case MemoryWarned():
            return f"memory: {event.message}"
        case CleanupFinished():
            return f"memory: {event.receipt.sentence}"
        case BatchSizeChanged():
            return f"memory: batches of {event.size} from now on. {event.reason}"
        case _:
            return ""


def _found_line(event: ScanFinished) -> str:
    parts = [
        f"{counted(event.files_found, 'file')} found",
        f"{event.files_waiting} to read ({format_bytes(event.bytes_waiting)})",
        f"{event.files_unchanged} unchanged",
        f"{event.files_removed} removed",
        f"{event.files_set_aside} set aside",
    ]
    return ", ".join(parts) + "."


def _death_line(event: ChildDied) -> str:
    line = f"The {event.role} process ended ({event.cause})"
    if event.last_rss_bytes is not None:
        line += f" at {format_bytes(event.last_rss_bytes)}"
    if event.files:
        line += f", while it worked on {', '.join(event.files)}"
    return line + ". It is started again."
