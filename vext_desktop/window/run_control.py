"""Run control: what to index, in which order, paused or not, now and after the next start."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.documents.touched import Touched
from vext_desktop.index.request import IndexRequest
from vext_desktop.window.engine_thread import EngineThread
from vext_desktop.window.window_state import Intent, WindowState


class RunControl(QObject):
    """Sends requests to the engine thread and remembers the ones that are not finished.

    A request without paths means everything that was ever added, and what still waits.

    Args:
        engine_thread: Where the work is done.
        state: Where the unfinished work and a pause are remembered.
        parent: The owner.
    """

    paused_changed = Signal(bool)
    stop_begun = Signal()
    queue_changed = Signal(object)
    """The paths of what was asked for and has to wait for the run in hand."""
    look_requested = Signal()
    """All folders are to be looked at: changes were told while the work was to rest."""
    _index_requested = Signal(object)
    _pause_requested = Signal()
    _resume_requested = Signal()

    def __init__(
        self, engine_thread: EngineThread, state: WindowState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine_thread = engine_thread
        self._state = state
        self._running: list[IndexRequest] = []
        # Begun or asked for once, now at rest: taken up again by `resume`.
        # From the start on those of last time: what is added before `begin` must not replace them.
        self._resting = [
            IndexRequest(tuple(Path(path) for path in unfinished), rebuilds=False)
            for unfinished in state.unfinished
        ]
        self._is_paused = False
        self._has_missed = False
        worker = engine_thread.worker
        self._index_requested.connect(worker.index)
        self._pause_requested.connect(worker.pause)
        self._resume_requested.connect(worker.resume)
        worker.run_ended.connect(self._on_run_ended)
        worker.watch.changes_found.connect(self.update)
        self.look_requested.connect(worker.watch.look_at_everything)

    @property
    def is_running(self) -> bool:
        """Whether a run is on or queued, paused or not."""
        return bool(self._running)

    @property
    def is_paused(self) -> bool:
        """Whether the user wants the work to rest."""
        return self._is_paused

    @property
    def has_resting(self) -> bool:
        """Whether `resume` would take up something that was asked for before."""
        return bool(self._resting)

    def index(self, paths: Sequence[Path] = (), *, rebuilds: bool = False) -> None:
        """Index these folders and files after what is in hand; none means everything again.

        Args:
            paths: Folders and files.
            rebuilds: Whether the user was told what a change of the index takes, and wants it.
        """
        request = IndexRequest(tuple(paths), rebuilds=rebuilds)
        if request in self._running[1:]:
            return  # its turn is still to come
        if not self.is_running:
            self._set_paused(is_paused=False)
            self._state.keep_intent(Intent.GO_ON)
        if request in self._resting:
            self._resting.remove(request)
        self._running.append(request)
        self._keep_unfinished()
        self._index_requested.emit(request)

    @Slot(object)
    def update(self, groups: Sequence[Sequence[Touched]]) -> None:
        """Bring the index up to date where something has changed, unless the work is to rest.

        Args:
            groups: Places, for a run each.
        """
        if self._is_paused or self._state.intent is not Intent.GO_ON:
            self._has_missed = True
            return
        for places in groups:
            request = IndexRequest.update(places)
            self._running.append(request)
            self._index_requested.emit(request)

    def begin(self, waiting_files: int, paths: Sequence[Path]) -> None:
        """The engine is open: go on where the last run ended, then index what the user named.

        Args:
            waiting_files: Files that the ledger says are still to be read.
            paths: Named on the command line.
        """
        intent = self._state.intent
        if self._resting or waiting_files:
            if intent is Intent.GO_ON:
                self.resume()
                for request in tuple(self._resting):  # left where something was added before
                    self.index(request.paths, rebuilds=request.rebuilds)
            self._set_paused(is_paused=intent is Intent.REST)
        if paths:
            self.index(paths)

    def pause(self) -> None:
        """Let the work rest until `resume`, also over a restart."""
        self._set_paused(is_paused=True)
        self._state.keep_intent(Intent.REST)
        self._pause_requested.emit()

    def resume(self) -> None:
        """Go on: with the run in hand, or else with what was left of earlier ones."""
        self._set_paused(is_paused=False)
        self._state.keep_intent(Intent.GO_ON)
        self._resume_requested.emit()
        if not self.is_running:
            for request in tuple(self._resting) or (IndexRequest(rebuilds=False),):
                self.index(request.paths, rebuilds=request.rebuilds)

    def stop(self) -> None:
        """End the run after the batch in hand, and let it and all behind it rest."""
        if not self.is_running:
            return
        self._state.keep_intent(Intent.STOP)
        self._resting += [
            one for one in self._running if one not in self._resting and not one.touched
        ]
        self._has_missed = True  # an update that is stopped is found again
        del self._running[1:]
        self._keep_unfinished()
        self._engine_thread.stop_run()
        self._set_paused(is_paused=False)
        self.stop_begun.emit()

    @Slot(object)
    def _on_run_ended(self, request: IndexRequest) -> None:
        if self._engine_thread.worker.cancelled.is_set():
            return  # cut off by closing the window: it is not finished
        if request in self._running:
            self._running.remove(request)
            self._keep_unfinished()
        is_at_work = not self._is_paused and self._state.intent is Intent.GO_ON
        if self._has_missed and is_at_work and not self._running:
            self._has_missed = False
            self.look_requested.emit()

    def _keep_unfinished(self) -> None:
        asked_for = [request for request in self._running if not request.touched]
        unfinished = dict.fromkeys([*asked_for, *self._resting])
        self._state.keep_unfinished(
            [tuple(str(path) for path in request.paths) for request in unfinished]
        )
        later = [request for request in self._running[1:] if not request.touched]
        self.queue_changed.emit([tuple(map(str, request.paths)) for request in later])

    def _set_paused(self, *, is_paused: bool) -> None:
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            self.paused_changed.emit(is_paused)
