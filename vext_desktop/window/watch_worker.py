"""The engine thread's eye on the folders: what has changed there becomes a request for a run.

It lives beside the engine's worker, on the same thread, and touches the engine only there.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vext_desktop.errors import VextError

if TYPE_CHECKING:
    from collections.abc import Generator

    from vext_desktop.documents.touched import Touched
    from vext_desktop.index.folder_watch import FolderWatch
    from vext_desktop.index.touch_list import Touches
    from vext_desktop.window.engine_worker import EngineWorker

# How often a root that is not there is looked for; nothing of the kind happens while all are.
MISSING_S = 30.0


class WatchWorker(QObject):
    """Watches the folders, and looks at what was touched while no run is on.

    Args:
        worker: Owns the engine; also our parent, so we live on its thread.
    """

    changes_found = Signal(object)
    """Groups of places (tuples of Touched), each for a run of its own."""
    trouble_told = Signal(str)
    """Why folders cannot be watched as they should be, in a sentence."""
    _begun = Signal()  # said in a thread of the watch

    def __init__(self, worker: "EngineWorker") -> None:
        super().__init__(worker)
        self._worker = worker
        self._watch: FolderWatch | None = None
        self._touches: Touches | None = None
        self._look: Generator[None, None, tuple[tuple[Touched, ...], ...]] | None = None
        self._trouble = ""
        self._due: QTimer | None = None
        self._step: QTimer | None = None
        self._rescan: QTimer | None = None
        self._missing: QTimer | None = None
        self._begun.connect(self._arrange)

    def begin(self) -> None:
        """The engine is open: watch, if that is wanted. Timers belong to this thread."""
        self._due, self._step = self._create_timer(), self._create_timer()
        self._rescan, self._missing = self._create_timer(), self._create_timer()
        self._due.timeout.connect(self._on_due)
        self._step.timeout.connect(self._on_step_due)
        self._rescan.timeout.connect(self.look_at_everything)
        self._missing.timeout.connect(self.follow_roots)
        self.follow_settings()

    def shut_down(self) -> None:
        """Watch no longer, and end the threads that did."""
        self._end_watch()
        for timer in filter(None, (self._due, self._step, self._rescan, self._missing)):
            timer.stop()
            timer.deleteLater()
        self._due = self._step = self._rescan = self._missing = None

    def follow_settings(self) -> None:
        """Begin to watch, or cease to, as the settings of now want it."""
        engine = self._worker.engine
        if engine is None or self._due is None:
            return
        if self._watch is not None and self._watch.rules != engine.scan_rules():
            self._end_watch()
        if not (engine.settings.watch_folders and engine.may_write):
            self._end_watch()
        elif self._watch is None:
            self._watch = engine.create_watch(self._begun.emit)
        self.follow_roots()

    @Slot()
    def follow_roots(self) -> None:
        """Watch the roots of now; a run may have brought others, a drive may be back."""
        if self._watch is not None and self._worker.engine is not None:
            self._watch.watch(self._worker.engine.root_paths())
            self._arrange()

    @Slot()
    def look_at_everything(self) -> None:
        """Find what the watch has missed."""
        if self._watch is not None:
            self._watch.touch_everything()
            self.follow_roots()

    def note_run_end(self) -> None:
        """No run is on any more: what was touched meanwhile has its turn."""
        if self._touches is not None and self._watch is not None:
            self._begin_look(self._touches)
        self.follow_roots()

    @Slot()
    def _arrange(self) -> None:
        """Come back when there is something to look at."""
        watch, engine = self._watch, self._worker.engine
        if watch is None or engine is None or self._due is None:
            return
        due_in_s = watch.due_in_s()
        if due_in_s is not None and self._look is None:
            self._due.start(round(due_in_s * 1000) + 10)
        if self._missing is not None and watch.missing and not self._missing.isActive():
            self._missing.start(round(MISSING_S * 1000))
        minutes = watch.minutes_between_looks(engine.settings.rescan_minutes)
        if self._rescan is not None and not minutes:
            self._rescan.stop()
        elif self._rescan is not None:
            left_ms = self._rescan.remainingTime()  # -1 while it does not run
            if not 0 <= left_ms <= minutes * 60_000:
                self._rescan.start(minutes * 60_000)
        self._tell_trouble(watch.trouble)

    @Slot()
    def _on_due(self) -> None:
        if self._watch is None or self._look is not None or self._worker.has_run:
            return  # whoever is at work comes back to us
        touches = self._watch.take()
        if touches is not None:
            self._begin_look(touches)
        self._arrange()

    def _begin_look(self, touches: "Touches") -> None:
        if self._worker.engine is not None and self._step is not None:
            self._touches = touches
            self._look = self._worker.engine.find_changes(touches, self._worker.cancelled)
            self._step.start(0)

    @Slot()
    def _on_step_due(self) -> None:
        """Look a little further; a run that has begun meanwhile comes first."""
        if self._look is None or self._step is None:
            return
        if self._worker.has_run:
            self._look.close()
            self._look = None  # begun again when the run has ended
            return
        try:
            next(self._look)
        except StopIteration as end:
            self._end_look()
            if end.value:
                self.changes_found.emit(end.value)
        except VextError as error:
            self._end_look()
            self._tell_trouble(error.message)
        else:
            self._step.start(0)

    def _end_look(self) -> None:
        self._look = self._touches = None
        self.follow_roots()

    def _tell_trouble(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            self._trouble = trouble
            self.trouble_told.emit(trouble)

    def _end_watch(self) -> None:
        if self._look is not None:
            self._look.close()
        self._look = self._touches = None
        for timer in filter(None, (self._due, self._step, self._rescan, self._missing)):
            timer.stop()
        if self._watch is not None:
            self._watch.close()
        self._watch = None

    def _create_timer(self) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        return timer
