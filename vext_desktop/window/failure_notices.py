"""Banners of what has stopped, and their end when it goes on again."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from vext_desktop.errors import ChildError, VextError
from vext_desktop.events import (
    BatchFinished,
    ChildDied,
    ChildStarted,
    IndexEvent,
    RunFinished,
    RunHalted,
    SendingAsked,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search_request import SearchAnswer, SearchMode
from vext_desktop.readings import ProcessRole
from vext_desktop.window.banner import BannerArea, Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker

WORKS_AGAIN = "The engine works again. Indexing still rests; everything indexed so far is kept."


class FailureNotices(QObject):
    """Says that a run has stopped by itself; takes back what is no longer so.

    Args:
        banners: Where it is said.
        go_on: The verb that takes up the run.
        worker: Tells what happens.
        parent: The owner.
    """

    def __init__(
        self, banners: BannerArea, go_on: QAction, worker: EngineWorker, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._banners = banners
        self._go_on = go_on
        self._is_asked = False
        self._is_engine_down = False
        self._halt = ""  # what is said of the run that has stopped
        self._is_halt_of_engine = False
        self._deaths: set[str] = set()  # what is said of a process that has ended
        worker.event_raised.connect(self._on_event_raised)
        worker.run_begun.connect(self._on_run_begun)
        worker.questions.answered.connect(self._on_answered)
        worker.failed.connect(self._on_failed)

    @Slot(object)
    def _on_event_raised(self, event: IndexEvent) -> None:
        match event:
            case ChildDied(role=ProcessRole.ENGINE):
                self._is_engine_down = True
            case RunHalted() if not self._is_asked:  # else a dialog asks
                self._show_halt(event)
            case SendingAsked():
                self._is_asked = True
            case RunFinished():
                self._is_asked = False
            case BatchFinished():
                self._take_back_halt()
                self._note_engine_works()
            case ChildStarted(role=ProcessRole.ENGINE):
                self._note_engine_works()
            case _:
                pass

    def _show_halt(self, event: RunHalted) -> None:
        self._take_back_halt()
        self._halt, self._is_halt_of_engine = event.message, self._is_engine_down
        notice = Notice(NoticeKind.FAILURE, event.message, event.hint, self._go_on)
        self._banners.show_notice(notice)

    def _take_back_halt(self) -> None:
        for words in filter(None, (self._halt, self._halt and WORKS_AGAIN)):
            self._banners.withdraw(words)
        self._halt = ""

    def _note_engine_works(self) -> None:
        """Its death is past; a run that stopped for it rests still, which is no failure."""
        self._is_engine_down = False
        for words in self._deaths:
            self._banners.withdraw(words)
        self._deaths.clear()
        is_shown = any(notice.what == self._halt for notice in self._banners.notices)
        if self._halt and self._is_halt_of_engine and is_shown:
            self._banners.withdraw(self._halt)
            self._banners.show_notice(Notice(NoticeKind.INFO, WORKS_AGAIN, verb=self._go_on))

    @Slot(object)
    def _on_run_begun(self, request: IndexRequest) -> None:
        if not request.touched:  # an update begins by itself, and takes up nothing
            self._take_back_halt()

    @Slot(object)
    def _on_answered(self, answer: SearchAnswer) -> None:
        if answer.mode is not SearchMode.TEXT:
            self._note_engine_works()

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        is_of_process = isinstance(error, ChildError) or self._is_engine_down
        if is_of_process and error.message != self._halt:
            self._deaths.add(error.message)
