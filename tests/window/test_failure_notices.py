"""Banners of what has stopped go when it goes on again."""

from pathlib import Path

import pytest
from made_answers import make_reading, make_summary
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, banners, shown_words

from vext_desktop.errors import ChildDiedError, StoreError, VextError
from vext_desktop.events import (
    BatchFinished,
    ChildDied,
    ChildStarted,
    IndexEvent,
    Progress,
    RunEnd,
    RunFinished,
    RunHalted,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchAnswer, SearchMode
from vext_desktop.readings import ProcessRole
from vext_desktop.window.banner import BannerArea, Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.failure_notices import WORKS_AGAIN, FailureNotices

HALT = RunHalted("The engine process ended 3 times in a row.", "Start indexing again.")
DEATH = ChildDied(ProcessRole.ENGINE, "signal SIGKILL", 1, 7, ("a.txt",), "")
STARTED = ChildStarted(ProcessRole.ENGINE, 101, 0.2)
BATCH = BatchFinished(1, 8, ("a.txt",), 0.1, 0.0, make_reading(), 0, Progress(1, 2, 1, 2, 8, 0.1))
END = RunFinished(1, RunEnd.HALTED, make_summary(0))
REQUEST = IndexRequest((Path("/documents"),))


class Told:
    """A worker that only tells, and the banners that come of it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.worker = EngineWorker(lambda _cancelled: FakeEngine())
        self.area = BannerArea()
        qtbot.addWidget(self.area)
        self.went_on = 0
        self._verb = QAction("Go on", self.area)
        self._verb.triggered.connect(self._on_go_on)
        FailureNotices(self.area, self._verb, self.worker, self.area)

    def _on_go_on(self) -> None:
        self.went_on += 1

    def tell(self, *events: IndexEvent) -> None:
        for event in events:
            self.worker.event_raised.emit(event)
        QApplication.processEvents()

    @property
    def said(self) -> list[tuple[str, NoticeKind]]:
        return [(notice.what, notice.kind) for notice in self.area.notices]


@pytest.fixture
def told(qtbot: QtBot) -> Told:
    return Told(qtbot)


def test_a_halted_run_is_a_failure_with_the_verb_to_go_on(told: Told) -> None:
    told.tell(HALT, END)
    (notice,) = told.area.notices
    assert (notice.what, notice.hint, notice.kind) == (HALT.message, HALT.hint, NoticeKind.FAILURE)
    notice.verb.trigger()
    assert told.went_on == 1


def test_when_the_engine_is_back_for_a_search_the_failure_turns_into_a_calm_note(
    told: Told,
) -> None:
    told.tell(DEATH, HALT, END, STARTED)
    assert told.said == [(WORKS_AGAIN, NoticeKind.INFO)]
    told.worker.run_begun.emit(REQUEST)
    assert told.said == []


def test_a_halt_that_had_another_cause_stays_until_the_run_goes_on(told: Told) -> None:
    told.tell(HALT, END, STARTED)
    assert told.said == [(HALT.message, NoticeKind.FAILURE)]
    told.tell(BATCH)
    assert told.said == []


def test_a_banner_that_was_closed_does_not_come_back_as_a_note(told: Told) -> None:
    told.tell(DEATH, HALT, END)
    told.area.withdraw(HALT.message)
    told.tell(STARTED)
    assert told.said == []


def test_a_model_that_could_not_be_loaded_for_deaths_is_past_when_it_is(told: Told) -> None:
    told.tell(DEATH)
    error = VextError("The engine process ended 3 times in a row.")
    told.worker.failed.emit(error)
    told.area.show_notice(Notice(NoticeKind.FAILURE, error.message))
    told.tell(STARTED)
    assert told.said == []


@pytest.mark.parametrize("sign", ["an answer by meaning", "a start"])
def test_the_death_of_a_process_is_taken_back_when_the_engine_works(told: Told, sign: str) -> None:
    error, other = ChildDiedError("engine", -9), StoreError("The disk is slow.")
    for failure in (error, other):
        told.worker.failed.emit(failure)
        told.area.show_notice(Notice(NoticeKind.FAILURE, failure.message))
    by_words = SearchAnswer("budget", SearchMode.TEXT, 0.01, (), "")
    told.worker.questions.answered.emit(by_words)
    assert len(told.said) == 2
    if sign == "a start":
        told.tell(STARTED)
    else:
        told.worker.questions.answered.emit(SearchAnswer("budget", SearchMode.HYBRID, 0.01, (), ""))
    assert [what for what, _ in told.said] == [other.message]


def test_in_the_window_resuming_takes_the_banner_away(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    engine.last_events = (HALT,)
    window = open_window(engine)
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: HALT.message in banners(window))
    engine.last_events = ()
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: not window.control.is_running)
    assert banners(window) == []
    assert "Done" in shown_words(window)
