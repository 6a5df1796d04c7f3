"""From a drop to a run, and from its events to the library, the strips and the messages."""

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from vext_desktop.errors import StoreError
from vext_desktop.events import (
    ChildStarted,
    IndexEvent,
    IndexMended,
    MemoryWarned,
    RoomShort,
    RunEnd,
    RunFinished,
)
from vext_desktop.index.answers import IndexStatus
from vext_desktop.index.ledger_view import LedgerView
from vext_desktop.index.records import RootRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.window.add_dialogs import RemoveDialog
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.failure_notices import FailureNotices
from vext_desktop.window.freeze_meter import FreezeMeter
from vext_desktop.window.icons import load_app_icon
from vext_desktop.window.notifier import Notifier
from vext_desktop.window.panes import Panes
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.run_progress import RunProgress
from vext_desktop.window.window_state import WindowState

log = logging.getLogger("vext.window")

ENGINE_HINT = "The settings (Ctrl+,) show what each engine needs, and which one is chosen."
# During a run, counts and lists follow this often.
REFRESH_MS = 3000


class IndexFlow(QObject):
    """Connects library, progress strip, documents and runs with each other and the engine.

    Args:
        panes: The panels.
        progress: What the progress strip shows.
        control: Sends requests to the engine.
        worker: Whose signals tell what happens.
        state: Keeps the rate of the last run.
        meter: Knows the stalls of the event loop.
        window: The owner; dialogs belong to it.
    """

    run_changed = Signal()
    """A run has begun, ended, or is paused."""
    library_filled = Signal(bool)
    """Whether there is anything in the library; said first when it is known."""
    filling_begun = Signal()
    """Something is being added to the library."""
    _remove_root_requested = Signal(object)
    _retry_requested = Signal(object)
    _read_anyway_requested = Signal(object)
    _ignore_requested = Signal(object)
    _status_requested = Signal()

    def __init__(
        self,
        panes: Panes,
        progress: RunProgress,
        control: RunControl,
        worker: EngineWorker,
        state: WindowState,
        meter: FreezeMeter,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._panes = panes
        self._progress = progress
        self._control = control
        self._state = state
        self._meter = meter
        self._window = window
        self._notifier = Notifier(load_app_icon(), self)
        self._status: IndexStatus | None = None
        self._first_paths: tuple[Path, ...] | None = ()
        self._is_over = False
        self._has_roots: bool | None = None
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._on_refresh_due)
        self._go_on = QAction("Go on", self)
        self._go_on.triggered.connect(control.resume)
        self._connect_panes()
        self._connect_worker(worker)
        FailureNotices(panes.banners, self._go_on, worker, self)

    @property
    def indexed_files(self) -> int:
        """How many files the index holds, as far as is known."""
        return self._status.counts.get(Outcome.INDEXED, 0) if self._status else 0

    def begin_with(self, paths: Sequence[Path]) -> None:
        """Index these as soon as the engine has told how the index stands."""
        self._first_paths = tuple(paths)

    @Slot(object)
    def add(self, paths: Sequence[Path]) -> None:
        """Index what was dropped or chosen."""
        self.filling_begun.emit()
        self._control.index(paths)
        if self._control.is_paused:
            text = "Indexing is paused; what you added comes when it goes on."
            self._panes.banners.show_notice(Notice(NoticeKind.INFO, text, verb=self._go_on))

    @Slot()
    def look_again(self) -> None:
        """Index everything that was ever added, for what has changed."""
        self._control.index()

    @Slot()
    def stop_refreshing(self) -> None:
        """The window closes: look no more into the ledger, whatever is still said."""
        self._is_over = True
        self._refresh.stop()
        self._notifier.hide()

    def _connect_panes(self) -> None:
        panes, control = self._panes, self._control
        panes.progress.pause_requested.connect(control.pause)
        panes.progress.resume_requested.connect(control.resume)
        panes.progress.stop_requested.connect(control.stop)
        panes.library.index_requested.connect(self._on_index_root)
        panes.library.remove_requested.connect(self._on_remove_root)
        panes.documents.retry_requested.connect(self._on_retry)
        panes.documents.read_anyway_requested.connect(self._on_read_anyway)
        panes.documents.ignore_requested.connect(self._ignore_requested)
        control.paused_changed.connect(self._on_paused_changed)
        control.stop_begun.connect(panes.progress.show_stopping)
        control.queue_changed.connect(panes.progress.show_queue)

    def _connect_worker(self, worker: EngineWorker) -> None:
        self._remove_root_requested.connect(worker.remove_root)
        self._retry_requested.connect(worker.retry)
        self._read_anyway_requested.connect(worker.read_anyway)
        self._ignore_requested.connect(worker.ignore)
        self._status_requested.connect(worker.refresh_status)
        worker.engine_opened.connect(self._on_engine_opened)
        worker.watch.trouble_told.connect(self._on_watch_trouble)
        worker.model.settled.connect(self._panes.progress.show_model_ready)
        worker.event_raised.connect(self._on_event_raised)
        worker.run_begun.connect(self._on_run_begun)
        worker.run_ended.connect(self._on_run_ended)
        worker.memory.test_ended.connect(self._show_lists)
        worker.status_refreshed.connect(self._on_status_refreshed)

    @Slot(object)
    def _on_event_raised(self, event: IndexEvent) -> None:
        self._panes.progress.show_event(event)
        match event:
            case ChildStarted(note=note) if note:
                # Until it is closed: the line of the run says it only until the next batch.
                self._panes.banners.show_notice(Notice(NoticeKind.WARNING, note, ENGINE_HINT))
            case MemoryWarned():
                self._panes.banners.show_notice(Notice(NoticeKind.WARNING, event.message))
            case IndexMended() | RoomShort():
                self._panes.banners.show_notice(Notice(NoticeKind.WARNING, event.sentence))
            case RunFinished():
                self._on_run_finished(event)
            case _:
                pass

    def _on_run_finished(self, event: RunFinished) -> None:
        rate = self._progress.chunks_per_second
        if rate:
            self._state.keep_chunks_per_second(rate)
        is_elsewhere = QApplication.applicationState() is not Qt.ApplicationState.ApplicationActive
        is_asked_for = not self._progress.is_update and event.end is not RunEnd.STOPPED
        if is_elsewhere and is_asked_for:
            self._notifier.notify("Vext Desktop", self._progress.result)

    @Slot(str)
    def _on_watch_trouble(self, trouble: str) -> None:
        self._panes.banners.show_notice(Notice(NoticeKind.INFO, trouble))

    @Slot()
    def _on_engine_opened(self) -> None:
        """Show the library before the engine can tell how it stands: that takes it seconds."""
        try:
            view = LedgerView(self._panes.ledger_path)
            self._show_roots(view.roots())
            view.close()
        except StoreError as error:
            log.info("The library is shown when the engine has it: %s", error)
        self._show_lists()

    @Slot()
    def _on_run_begun(self) -> None:
        if not self._is_over:
            self._refresh.start()
        self._panes.library.set_can_remove(can_remove=False)
        self.run_changed.emit()

    @Slot()
    def _on_run_ended(self) -> None:
        is_idle = not self._control.is_running
        if is_idle:
            self._refresh.stop()
        self._panes.progress.show_run_ended()
        self._panes.library.set_can_remove(can_remove=is_idle)
        self._show_lists()
        self.run_changed.emit()

    @Slot(object)
    def _on_status_refreshed(self, status: IndexStatus) -> None:
        self._status = status
        self._show_roots(status.roots)
        if status.notice:
            self._panes.banners.show_notice(Notice(NoticeKind.INFO, status.notice))
        waiting = status.counts.get(Outcome.WAITING, 0)
        if self._first_paths is not None:
            paths, self._first_paths = self._first_paths, None
            self._control.begin(waiting, paths)
        found = (Outcome.INDEXED, Outcome.OFFLINE)  # what is offline can be searched all the same
        self._panes.progress.show_status(
            indexed_files=sum(status.counts.get(outcome, 0) for outcome in found),
            waiting_files=waiting,
            can_go_on=bool(waiting) or self._control.has_resting,
        )
        if not self._control.is_running:
            self._show_lists()
        self.run_changed.emit()

    def _show_roots(self, roots: Sequence[RootRecord]) -> None:
        if bool(roots) is not self._has_roots:
            self._has_roots = bool(roots)
            self.library_filled.emit(self._has_roots)
        self._panes.library.show_roots(roots)
        self._panes.search.set_roots([root.path for root in roots])

    @Slot(bool)
    def _on_paused_changed(self, is_paused: bool) -> None:
        self._panes.progress.show_paused(is_paused=is_paused)
        self.run_changed.emit()

    @Slot()
    def _on_refresh_due(self) -> None:
        self._status_requested.emit()
        self._show_lists()

    @Slot()
    def _show_lists(self) -> None:
        if self._is_over:
            return
        self._panes.documents.refresh()
        self._panes.runs.refresh()
        self._panes.runs.show_stalls(self._meter.longest_stall_s, self._meter.percentile_s(99))

    @Slot(object)
    def _on_index_root(self, path: str) -> None:
        self._control.index([Path(path)])

    @Slot(object)
    def _on_remove_root(self, root: RootRecord) -> None:
        dialog = RemoveDialog(root, self._seconds_to_redo(root), self._window)
        dialog.confirmed.connect(self._remove_root_requested)
        dialog.open()

    @Slot(object)
    def _on_retry(self, file_ids: Sequence[int]) -> None:
        self._retry_requested.emit(file_ids)
        self._control.index()

    @Slot(object)
    def _on_read_anyway(self, file_ids: Sequence[int]) -> None:
        self._read_anyway_requested.emit(file_ids)
        self._control.index()

    def _seconds_to_redo(self, root: RootRecord) -> float | None:
        rate = self._progress.chunks_per_second
        indexed = self._status.counts.get(Outcome.INDEXED, 0) if self._status else 0
        if not rate or not indexed or self._status is None:
            return None
        return self._status.rows / indexed * root.indexed / rate
