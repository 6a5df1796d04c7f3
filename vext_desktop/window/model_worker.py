"""The engine thread's care for the model: whether it is there, trading it, other settings.

It lives beside the engine's worker, on the same thread, and touches the engine only there.
"""

from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.errors import VextError
from vext_desktop.events import CleanupFinished, IndexEvent
from vext_desktop.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Generator

    from vext_desktop.window.engine_worker import EngineWorker


class Model(Enum):
    """What has become of the model."""

    LOADING = auto()
    LOADED = auto()
    FAILED = auto()
    UNLOADED = auto()


class ModelWorker(QObject):
    """Knows how the model stands, and changes that between two steps of the engine's worker.

    Args:
        worker: Owns the engine; also our parent, so we live on its thread.
    """

    settled = Signal()  # the model is loaded (again), or cannot be

    def __init__(self, worker: "EngineWorker") -> None:
        super().__init__(worker)
        self._worker = worker
        self._state = Model.LOADING
        self._reload: Generator[IndexEvent, None, None] | None = None
        self._settings_due: Settings | None = None

    @property
    def is_loading(self) -> bool:
        """Whether it is on its way; not if it was unloaded and nobody has asked for it."""
        return self._state is Model.LOADING

    @property
    def is_loaded(self) -> bool:
        """Whether it is there."""
        return self._state is Model.LOADED

    @property
    def is_reloading(self) -> bool:
        """Whether it is being traded for a fresh one, in steps that come before all others."""
        return self._reload is not None

    def expect(self) -> None:
        """Somebody needs it, who loads it or waits for us to do it."""
        if self._state is Model.UNLOADED:
            self._state = Model.LOADING

    def settle(self, state: Model) -> None:
        """It is loaded, or cannot be: what waited for it waits no longer."""
        was_awaited = self.is_loading
        self._state = state
        if was_awaited:
            self.settled.emit()

    def note_unloaded(self) -> None:
        """It is gone until somebody needs it."""
        self._state = Model.UNLOADED

    def begin_reload(self) -> None:
        """End its process and start a fresh one, which takes steps of its own."""
        self._reload = self._worker.opened().reload_model()
        self._state = Model.LOADING
        self._worker.take_next_step()

    def take_reload_step(self) -> None:
        """One step of waiting for the fresh process; a receipt comes with the last."""
        if self._reload is None:
            return
        state = Model.FAILED
        try:
            event = next(self._reload, None)
            if event is not None:
                self._tell(event)
                self._worker.take_next_step()
                return
            state = Model.LOADED
        except VextError as error:
            self._worker.tell(error)
        self._reload = None
        self._worker.note_settled(state)
        self._worker.memory.note_use()
        self._worker.take_next_step()

    def shut_down(self) -> None:
        """Leave what is in hand."""
        if self._reload is not None:
            self._reload.close()
        self._reload = None

    @Slot(object)
    def apply_settings(self, settings: Settings) -> None:
        """Let other settings count: within a run what it can take up, the rest at its end."""
        self._settings_due = settings
        self.apply_due_settings()

    def apply_due_settings(self) -> None:
        """A run has ended, or settings have come: apply what can be applied now."""
        settings, worker = self._settings_due, self._worker
        if settings is None or worker.engine is None:
            return
        if not worker.is_busy:
            self._settings_due = None
        with worker.failures_told():
            if worker.engine.apply_settings(settings, within_run=worker.is_busy):
                self._load_again()
        worker.watch.follow_settings()
        worker.memory.note_use()

    def _load_again(self) -> None:
        """Its process was ended for other settings; a run starts the next one by itself."""
        self.shut_down()
        if self._state is not Model.UNLOADED:
            self._state = Model.LOADING
        if not self._worker.is_busy:
            self._worker.begin_loading()

    def _tell(self, event: IndexEvent) -> None:
        if isinstance(event, CleanupFinished):
            self._worker.memory.receipt_written.emit(event.receipt)
        else:
            self._worker.event_raised.emit(event)
