"""The progress strip: every state of the work in words, with the right buttons beside it."""

import pytest
from made_answers import make_reading, make_summary
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from vext_desktop.events import (
    BatchFinished,
    ChildDied,
    ChildStarted,
    ChildStarting,
    FileStarted,
    Progress,
    RunEnd,
    RunFinished,
    RunStarted,
    ScanFinished,
    ScanProgressed,
)
from vext_desktop.readings import ProcessRole
from vext_desktop.window.progress_strip import BAR_STEPS, ProgressStrip
from vext_desktop.window.run_progress import RunProgress

SCANNED = ScanFinished(2000, 1840, 412_000_000, 150, 2, 8, 34_800)


class FakeClock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def strip(qtbot: QtBot, clock: FakeClock) -> ProgressStrip:
    """A shown strip that knows of an earlier run at 58 chunks a second."""
    strip = ProgressStrip(RunProgress(clock, chunks_per_second=58.0))
    qtbot.addWidget(strip)
    strip.resize(1100, 70)
    strip.show()
    return strip


def tell(strip: ProgressStrip, *events: object) -> None:
    for event in events:
        strip.show_event(event)
    strip.show_now()


def words(strip: ProgressStrip) -> str:
    labels = [label.text() for label in strip.findChildren(QLabel) if label.isVisible()]
    return " | ".join(text for text in labels if text).replace("\N{NARROW NO-BREAK SPACE}", " ")


def buttons(strip: ProgressStrip) -> list[str]:
    return [one.text() for one in strip.findChildren(QPushButton) if one.isVisible()]


def batch(number: int, files_done: int, seconds: float = 0.1) -> BatchFinished:
    progress = Progress(
        files_done, 1840, files_done * 200_000, 368_000_000, number * 8, number * seconds
    )
    return BatchFinished(number, 8, ("a.pdf",), seconds, 0.0, make_reading(), 0, progress)


def run_batches(strip: ProgressStrip, clock: FakeClock, count: int, step_s: float) -> None:
    """Batches of 8 chunks and one file each, one every `step_s`."""
    for number in range(1, count + 1):
        strip.show_event(batch(number, files_done=number))
        clock.now_s += step_s
    strip.show_now()


def test_before_anything_is_known_the_index_is_being_opened(strip: ProgressStrip) -> None:
    assert words(strip) == "Opening your index..."
    assert strip.findChild(QProgressBar).maximum() == 0
    assert buttons(strip) == []


def test_an_empty_index_invites_to_drop(strip: ProgressStrip) -> None:
    strip.show_status(indexed_files=0, waiting_files=0, can_go_on=False)
    assert words(strip) == "Nothing indexed yet | Drop a folder or files anywhere on this window."


def test_the_loading_of_the_model_is_told_while_nothing_runs(strip: ProgressStrip) -> None:
    strip.show_status(indexed_files=5, waiting_files=0, can_go_on=False)
    tell(strip, ChildStarting(ProcessRole.ENGINE, 1.5))
    assert "Loading the model for search..." in words(strip)
    tell(strip, ChildStarted(ProcessRole.ENGINE, 1, 3.0))
    assert "Loading" not in words(strip)


def test_scanning_counts_what_it_finds(strip: ProgressStrip) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), ScanProgressed(1234, 10))
    assert "Looking through Reports | 1 234 files found so far" in words(strip)
    assert "Safe to close: it goes on next time." in words(strip)
    assert buttons(strip) == ["Pause", "Stop"]


def test_before_the_work_it_says_what_was_found_and_how_long_it_will_take(
    strip: ProgressStrip,
) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    said = words(strip)
    assert "2 000 files found, 1 840 to read (412 MB, about 10 min)" in said
    assert "150 unchanged, 2 gone, 8 not read." in said


def test_during_the_work_it_says_file_rate_and_time_left(
    strip: ProgressStrip, clock: FakeClock
) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    tell(strip, FileStarted("/documents/Reports/annual report.pdf", 1000))
    run_batches(strip, clock, 101, step_s=0.2)
    shown = words(strip)
    assert "Indexing Reports | 101 of 1 840 files | 40 passages/s | about 6 min" in shown
    assert "annual report.pdf" in shown
    bar = strip.findChild(QProgressBar)
    assert bar.value() == pytest.approx(BAR_STEPS * 101 / 1840, abs=1)


def test_what_an_earlier_run_has_done_makes_no_hope_of_a_short_time(
    strip: ProgressStrip, clock: FakeClock
) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    for number in range(1, 22):  # 4 s for 20 files, of 1340 that are left
        strip.show_event(batch(number, files_done=480 + number))
        clock.now_s += 0.2
    strip.show_now()
    assert "501 of 1 840 files | 40 passages/s | about 4 min" in words(strip)


def test_a_pause_counts_neither_for_the_rate_nor_for_the_time_left(
    strip: ProgressStrip, clock: FakeClock
) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    run_batches(strip, clock, 101, step_s=0.2)
    before = words(strip)
    strip.show_paused(is_paused=True)
    assert words(strip).startswith("Paused: Reports | 101 of 1 840 files")
    assert "passages/s" not in words(strip)
    assert buttons(strip) == ["Resume", "Stop"]
    clock.now_s += 3600
    strip.show_paused(is_paused=False)
    tell(strip, batch(101, files_done=101))
    assert words(strip) == before


def test_a_pause_during_scanning_holds_the_moving_bar(strip: ProgressStrip) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), ScanProgressed(1, 10))
    assert strip.findChild(QProgressBar).maximum() == 0
    strip.show_paused(is_paused=True)
    assert strip.findChild(QProgressBar).maximum() > 0


def test_the_death_of_the_model_process_is_told_until_the_next_batch(
    strip: ProgressStrip,
) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED, batch(1, 1))
    died = ChildDied(ProcessRole.ENGINE, "signal SIGKILL", None, 1, ("a.pdf",), "")
    tell(strip, died, ChildStarting(ProcessRole.ENGINE, 1.0))
    assert "The model's process ended (signal SIGKILL); it starts again." in words(strip)
    assert "loading the model..." in words(strip)
    tell(strip, ChildStarted(ProcessRole.ENGINE, 2, 3.0), batch(2, 1))
    assert "SIGKILL" not in words(strip)


def test_stopping_is_said_at_once_and_takes_the_buttons(strip: ProgressStrip) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    strip.show_stopping()
    assert words(strip).startswith("Stopping after the batch in hand...")
    assert not any(one.isEnabled() for one in strip.findChildren(QPushButton) if one.isVisible())


def test_after_the_work_it_says_what_came_of_it(strip: ProgressStrip) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    tell(strip, RunFinished(1, RunEnd.FINISHED, make_summary(1840)))
    strip.show_run_ended()
    strip.show_status(indexed_files=1990, waiting_files=0, can_go_on=False)
    assert words(strip) == "1 990 files ready to be searched | Done: 1 840 files indexed, in 1.5 s."
    assert buttons(strip) == []


def test_what_waits_can_be_resumed(qtbot: QtBot, strip: ProgressStrip) -> None:
    strip.show_status(indexed_files=5, waiting_files=12, can_go_on=True)
    assert words(strip).startswith("12 files waiting to be indexed")
    assert buttons(strip) == ["Resume"]
    with qtbot.waitSignal(strip.resume_requested):
        strip.findChild(QPushButton).click()


def test_a_run_that_broke_off_leaves_no_run_behind(strip: ProgressStrip) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    strip.show_run_ended()
    assert buttons(strip) == []


def test_a_name_from_the_disk_is_shown_as_plain_text(strip: ProgressStrip) -> None:
    tell(strip, RunStarted(1, ("/documents/a\u202eb\n",)), SCANNED, batch(1, 1))
    tell(strip, FileStarted("/documents/\udce9<b>.txt", 1))
    assert "Indexing a\N{REPLACEMENT CHARACTER}b" in words(strip)
    assert "\N{REPLACEMENT CHARACTER}<b>.txt" in words(strip)


def test_many_events_are_drawn_together(
    qtbot: QtBot, strip: ProgressStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(strip, RunStarted(1, ("/documents/Reports",)), SCANNED)
    drawn = []
    show_line = strip._title.show_line
    monkeypatch.setattr(
        strip._title, "show_line", lambda text: (drawn.append(text), show_line(text))
    )
    for number in range(500):
        strip.show_event(FileStarted(f"/documents/{number}", 1))
    qtbot.waitUntil(lambda: bool(drawn))
    assert len(drawn) == 1
