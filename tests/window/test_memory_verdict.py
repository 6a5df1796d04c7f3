"""What the window makes of the leak verdict: words in the strip, a mark when it turns."""

from datetime import datetime

import pytest
from fake_readings import batch, reading
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from vext_desktop.events import IndexEvent, MemoryJudged, RunEnd, RunFinished, RunStarted
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.readings import Band, ProcessRole
from vext_desktop.settings import Settings
from vext_desktop.window.memory_panel import MemoryPanel
from vext_desktop.window.memory_strip import MemoryStrip
from vext_desktop.window.memory_watch import MemoryWatch

NOON = datetime(2026, 11, 23, 12, 0, 5)  # noqa: DTZ001 - the time of day on the wall
MESSAGE = (
    "The engine process is growing: native heap in use rises by 3.3 MB per 100 batches (3.3 to "
    "3.3) since about batch 60. At this rate the 1.2 GB limit is met in about 9000 batches."
)
GROWING = MemoryJudged("growing", MESSAGE, ProcessRole.ENGINE, Band.NATIVE_IN_USE, 60, 9000)
STEADY = MemoryJudged("steady", "Memory in use is steady.")
UNKNOWN = MemoryJudged("unknown", "Not clear yet.")


class Watched:
    """A strip and a panel, fed by a watch that samples nothing."""

    def __init__(self, qtbot: QtBot) -> None:
        self.owner = QObject()
        self.strip, self.panel = MemoryStrip(), MemoryPanel(lambda: 0.0, lambda: NOON)
        qtbot.addWidget(self.strip)
        qtbot.addWidget(self.panel)
        self.watch = MemoryWatch(Settings(), self.strip, self.owner)
        self.watch.show_in(self.panel)
        self.strip.show_reading(reading(1.0), 1_200_000_000)

    def see(self, *events: IndexEvent) -> list[str]:
        for event in events:
            self.watch.show_event(event)
        return self.panel.receipts.sentences()


@pytest.fixture
def watched(qtbot: QtBot) -> Watched:
    return Watched(qtbot)


def test_growth_is_a_warning_once_and_its_end_is_told_too(watched: Watched) -> None:
    found = watched.see(
        RunStarted(1, ("/docs",)), UNKNOWN, batch(110, 1.0), GROWING, GROWING, GROWING, STEADY
    )
    assert found == [
        "12:00:05 The growth of the engine process has ended. Memory in use is steady.",
        f"12:00:05 Warning: {MESSAGE}",
    ]
    (ended,) = watched.panel.history.marks(EventKind.VERDICT)
    (warned,) = watched.panel.history.marks(EventKind.WARNING)
    assert (warned.batch, warned.path) == (110, "/docs/Reports/report.pdf")
    assert ended.batch == 110


def test_growth_of_something_else_is_another_warning(watched: Watched) -> None:
    other = MemoryJudged("growing", "The window too.", ProcessRole.WINDOW, Band.PYTHON_OBJECTS, 9)
    found = watched.see(GROWING, other, UNKNOWN)
    assert [line.partition(" ")[2] for line in found] == [
        "The growth of the window process is not certain any more. Not clear yet.",
        "Warning: The window too.",
        f"Warning: {MESSAGE}",
    ]


def test_steady_memory_leaves_no_mark(watched: Watched) -> None:
    assert watched.see(UNKNOWN, STEADY, UNKNOWN, STEADY) == []


def test_a_new_run_is_judged_anew(watched: Watched) -> None:
    watched.see(GROWING)
    assert watched.strip.words.endswith("growing: engine, native heap in use, since batch 60")
    watched.see(RunStarted(2, ("/docs",)))
    assert watched.strip.words == "Memory 600 MB of 1.2 GB"
    assert len(watched.see(UNKNOWN)) == 1, "the end of a run is not the end of its growth"
    assert len(watched.see(GROWING)) == 2


def test_the_last_word_of_a_run_stays_in_the_strip(watched: Watched) -> None:
    verdict = {
        "overall": "growing",
        "message": MESSAGE,
        "process": "engine",
        "owner": "native_in_use",
        "since_batch": 60,
        "batches_left": 9000,
        "bands": {},
    }
    watched.see(STEADY, RunFinished(1, RunEnd.FINISHED, {"verdict": verdict}))
    assert watched.strip.words.endswith("growing: engine, native heap in use, since batch 60")
    assert watched.strip._words.accessibleDescription() == MESSAGE
    watched.see(RunFinished(2, RunEnd.FINISHED, {"verdict": {"overall": "steady", "message": ""}}))
    assert watched.strip.words == "Memory 600 MB of 1.2 GB, steady"
