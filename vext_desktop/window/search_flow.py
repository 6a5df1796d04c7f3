"""From a query to results, to the preview, to the document in its own program."""

import time

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.events import GroupWritten, IndexEvent
from vext_desktop.index.answers import IndexStatus
from vext_desktop.index.search_request import SearchAnswer, SearchHit, SearchRequest
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.open_document import open_document, show_in_folder
from vext_desktop.window.panes import Panes
from vext_desktop.window.results_panel import START_MESSAGE
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.run_sentences import say_so_far

WELCOME = (
    "Drop a folder anywhere on this window\n"
    "Its documents are read on this computer and become searchable by meaning: ask a question, "
    "name a topic, or type the exact words. Your files stay where they are, as they are."
)
OPENING = (
    "Your index is being opened...\n"
    "You need not wait: type what you are looking for, and it is answered as soon as it is open."
)
PATIENCE = (
    "Indexing is still going on. Passages are found as soon as they are written; "
    "this search is then done again by itself."
)


class SearchFlow(QObject):
    """Connects the search box, the results and the preview with each other and the engine.

    Args:
        panes: The panels.
        control: Knows whether more passages are on their way.
        worker: Answers the searches.
        parent: The owner.
    """

    _search_requested = Signal(object)

    def __init__(
        self, panes: Panes, control: RunControl, worker: EngineWorker, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panes = panes
        self._control = control
        self._unfound: SearchRequest | None = None
        self._request: SearchRequest | None = None
        self._status: IndexStatus | None = None
        self._wanted = ""
        self._is_waiting = False
        self._asked_s = 0.0
        self._show_when_idle(OPENING)
        panes.search.search_requested.connect(self._on_search_requested)
        panes.search.cleared.connect(self._on_cleared)
        panes.search.results_focus_requested.connect(panes.results.focus_results)
        panes.results.query_focus_requested.connect(panes.search.focus_query)
        panes.results.hit_chosen.connect(panes.preview.show_hit)
        for part in (panes.results, panes.preview):
            part.open_requested.connect(self._on_open_hit)
            part.show_in_folder_requested.connect(self._on_show_hit)
        panes.documents.open_requested.connect(self.open_path)
        panes.documents.show_in_folder_requested.connect(self.show_path)
        panes.library.open_requested.connect(self.open_path)
        self._search_requested.connect(worker.questions.ask)
        worker.questions.answered.connect(self._on_search_answered)
        worker.event_raised.connect(self._on_event_raised)
        worker.status_refreshed.connect(self._on_status_refreshed)
        worker.run_ended.connect(self._show_so_far)
        control.paused_changed.connect(self._show_so_far)

    def give_up(self, reason: str) -> None:
        """Something failed: if it was a search, say so where its results would stand."""
        if self._is_waiting:
            self._is_waiting = False
            self._panes.results.show_message(f"The search did not come to its end.\n{reason}")

    @Slot(bool)
    def show_start(self, has_library: bool) -> None:
        """Say what to do where results would stand, unless the user is searching."""
        self._show_when_idle(START_MESSAGE if has_library else WELCOME)

    @Slot(str)
    def show_shut(self, words: str) -> None:
        """The index is not open: say why where results would stand."""
        self._show_when_idle(words)

    @Slot(object)
    def open_path(self, path: str) -> None:
        """Open a file or folder with its usual program."""
        self._tell(open_document(path))

    @Slot(object)
    def show_path(self, path: str) -> None:
        """Show a file in its folder."""
        self._tell(show_in_folder(path))

    @Slot(object)
    def _on_search_requested(self, request: SearchRequest) -> None:
        self._wanted = request.query
        self._is_waiting = True
        self._request, self._unfound = request, None
        self._panes.tabs.setCurrentWidget(self._panes.results)
        self._panes.results.show_searching(request.query)
        self._ask(request)

    @Slot(object)
    def _on_search_answered(self, answer: SearchAnswer) -> None:
        # The query may have been cleared or changed while the engine was at it.
        if answer.query != self._wanted:
            return
        self._is_waiting = False
        if answer.hits or not self._control.is_running:
            taken_s = time.monotonic() - self._asked_s
            self._panes.results.show_answer(answer, taken_s - answer.seconds)
        else:
            self._unfound = self._request
            self._panes.results.show_message(f"Nothing found yet for “{answer.query}”.\n{PATIENCE}")

    @Slot(object)
    def _on_event_raised(self, event: IndexEvent) -> None:
        if isinstance(event, GroupWritten) and self._unfound is not None:
            request, self._unfound = self._unfound, None
            self._ask(request)

    def _ask(self, request: SearchRequest) -> None:
        self._asked_s = time.monotonic()
        self._search_requested.emit(request)

    @Slot(object)
    def _on_status_refreshed(self, status: IndexStatus) -> None:
        self._status = status
        self._show_so_far()

    @Slot()
    def _show_so_far(self) -> None:
        """While an index is built anew, the old one answers: then all of it can be found."""
        words, status, control = "", self._status, self._control
        is_begun = control.is_running or control.is_paused
        if is_begun and status is not None and status.rebuild.progress is None:
            words = say_so_far(status.counts, is_paused=control.is_paused)
        self._panes.results.show_so_far(words)

    @Slot()
    def _on_cleared(self) -> None:
        self._wanted = ""
        self._is_waiting = False
        self._unfound = None
        self._panes.results.show_message(self._start)

    @Slot(object)
    def _on_open_hit(self, hit: SearchHit) -> None:
        self.open_path(hit.path)

    @Slot(object)
    def _on_show_hit(self, hit: SearchHit) -> None:
        self.show_path(hit.path)

    def _show_when_idle(self, words: str) -> None:
        """Show this where results would stand, unless the user is searching."""
        self._start = words
        if not self._wanted:
            self._panes.results.show_message(words)

    def _tell(self, trouble: str) -> None:
        if trouble:
            hint = "Check that the file is still there."
            self._panes.banners.show_notice(Notice(NoticeKind.WARNING, trouble, hint))
