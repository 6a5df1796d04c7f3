from fake_readings import MB, batch, reading, receipt

from vext_desktop.events import (
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    CleanupFinished,
    FileStarted,
    GroupWritten,
    MemoryWarned,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
    WarningKind,
)
from vext_desktop.memory.curves import Measure
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter, describe_mark, describe_point
from vext_desktop.memory.warnings import WarningWatch
from vext_desktop.readings import CleanupAction, MemoryReading, ProcessRole, ProgramReading
from vext_desktop.window.growth_lines import GrowthLines


def test_each_kind_of_event_becomes_its_mark() -> None:
    writer = MarkWriter()
    warned = MemoryWarned(WarningKind.RSS_OVER_LIMIT, 1300 * MB, 1200 * MB, 3, "/a.pdf", "Much.")
    died = ChildDied(ProcessRole.READER, "signal SIGSEGV", 96 * MB, 4, ("/b.pdf",), "")
    reloaded = CleanupFinished(receipt(5.0, action=CleanupAction.RELOAD_MODEL))
    events = [
        (FileStarted("/docs/a.pdf", 10), EventKind.FILE_START),
        (batch(1, 5.0), EventKind.BATCH),
        (CleanupFinished(receipt(5.0)), EventKind.CLEANUP),
        (reloaded, EventKind.RELOAD),
        (ChildStarted(ProcessRole.ENGINE, 7, 3.2), EventKind.PROCESS_START),
        (warned, EventKind.WARNING),
        (RunHalted("It cannot go on.", "Close something."), EventKind.WARNING),
        (died, EventKind.CRASH),
        (BatchSizeChanged(4, "Memory stays over the budget."), EventKind.PAUSE),
    ]
    kinds = [mark.kind for event, _ in events for mark in writer.marks_for(event, 6.0)]
    assert kinds == [kind for _, kind in events]
    assert writer.marks_for(GroupWritten(512, 0.1), 6.0) == []


def test_a_mark_knows_the_batch_and_file_in_hand() -> None:
    writer = MarkWriter()
    writer.marks_for(batch(12, 5.0, "/docs/Reports/report.pdf"), 5.0)
    (mark,) = writer.marks_for(CleanupFinished(receipt(6.0)), 6.0)
    assert (mark.batch, mark.path, mark.at_s) == (12, "/docs/Reports/report.pdf", 6.0)
    history = MemoryHistory(0.0)
    assert describe_mark(history, mark) == (
        "At 6 s (batch 12, report.pdf in Reports): Free memory gave back 180 MB in 21 ms."
    )


def test_a_new_run_begins_without_batch_and_file() -> None:
    writer = MarkWriter()
    writer.marks_for(batch(12, 5.0), 5.0)
    writer.marks_for(RunStarted(2, ("/docs",)), 6.0)
    (mark,) = writer.marks_for(ChildStarted(ProcessRole.ENGINE, 7, 3.2), 7.0)
    assert (mark.batch, mark.path) == (0, "")


def test_what_comes_after_a_run_is_not_of_its_last_batch() -> None:
    writer = MarkWriter()
    writer.marks_for(batch(512, 5.0, "/docs/Reports/report.pdf"), 5.0)
    writer.marks_for(RunFinished(1, RunEnd.FINISHED, {}), 6.0)
    unloaded = CleanupFinished(receipt(300.0, action=CleanupAction.UNLOAD_MODEL))
    (mark,) = writer.marks_for(unloaded, 300.0)
    assert (mark.batch, mark.path) == (0, "")


def test_slowing_down_is_marked_when_it_begins_and_not_at_each_batch() -> None:
    writer = MarkWriter()
    pauses = [0.0, 0.3, 0.5, 0.0, 0.4]
    marks = [
        mark.batch
        for number, pause_s in enumerate(pauses, start=1)
        for mark in writer.marks_for(batch(number, float(number), pause_s=pause_s), 0.0)
        if mark.kind is EventKind.PAUSE
    ]
    assert marks == [2, 5]


def test_a_crash_says_cause_and_last_memory() -> None:
    died = ChildDied(ProcessRole.ENGINE, "signal SIGKILL", 512 * MB, 4, ("/docs/b.pdf",), "")
    (mark,) = MarkWriter().marks_for(died, 1.0)
    assert mark.sentence == (
        "The engine process ended unexpectedly (signal SIGKILL); it held 512 MB."
    )
    assert (mark.batch, mark.path) == (4, "/docs/b.pdf")


def test_a_warning_that_names_its_file_is_not_told_twice() -> None:
    message = "Memory reached 1.3 GB (batch 3, /docs/a.pdf)."
    warned = MemoryWarned(WarningKind.RSS_OVER_LIMIT, 1, 2, 3, "/docs/a.pdf", message)
    (mark,) = MarkWriter().marks_for(warned, 4.0)
    assert describe_mark(MemoryHistory(0.0), mark) == f"At 4 s: {message}"


def test_a_point_is_told_with_all_processes_batch_and_file() -> None:
    history = MemoryHistory(0.0)
    history.add(reading(3.0))
    (mark,) = MarkWriter().marks_for(batch(7, 3.1), 3.1)
    history.add_mark(mark)
    assert describe_point(history, Measure.RSS, 2.9) == (
        "At 3 s: RSS 600 MB (window 120 MB, engine 480 MB); during batch 7, report.pdf in Reports."
    )
    empty = MemoryHistory(0.0)
    assert describe_point(empty, Measure.RSS, 1.0) == "Nothing has been measured yet."


def test_what_this_system_cannot_read_is_said_so() -> None:
    history = MemoryHistory(0.0)
    history.add(ProgramReading(3.0, (MemoryReading(ProcessRole.WINDOW, 1, 5 * MB),)))
    assert "heap not readable on this system; before the first batch" in describe_point(
        history, Measure.HEAP, 3.0
    )


def test_the_native_line_stands_where_the_warning_comes() -> None:
    watch, lines = WarningWatch(2000 * MB, 50 * MB, 500 * MB), GrowthLines()
    lines.native_growth_bytes = 50 * MB
    warned_at = crossed_at = 0
    for number in range(1, 200):
        now = reading(float(number), 480 + number)
        lines.note_batch(now)
        engine = now.of(ProcessRole.ENGINE)
        line = lines.native_line_bytes
        if not crossed_at and line and engine and (engine.native_bytes or 0) > line:
            crossed_at = number
        if any(found.kind is WarningKind.NATIVE_GROWTH for found in watch.check(now, number, "")):
            warned_at = warned_at or number
    assert warned_at
    assert crossed_at == warned_at


def test_a_new_engine_process_settles_anew() -> None:
    lines = GrowthLines()
    lines.native_growth_bytes = lines.heap_growth_bytes = 50 * MB
    for number in range(70):
        lines.note_batch(reading(float(number)))
    assert lines.native_line_bytes == 290 * MB
    assert lines.heap_line_bytes == 110 * MB
    other = MemoryReading(ProcessRole.ENGINE, 999, 1, 1, 1)
    lines.note_batch(ProgramReading(71.0, (other,)))
    assert lines.native_line_bytes is None
    lines.begin_run()
    assert lines.heap_line_bytes is None
