"""The engine thread and its owner."""

import logging

from PySide6.QtCore import QDeadlineTimer, QObject, QThread, Signal

from vext_desktop.window.engine_worker import EngineBuilder, EngineWorker

log = logging.getLogger("vext.window")

CLOSING_LIMIT_S = 5.0


class EngineThread(QObject):
    """Starts and joins the one thread on which the engine lives.

    Connect signals to the slots of `worker`: they run between two steps of a run.

    Args:
        build: Makes the engine, on the engine thread.
        parent: The owner.
    """

    finished = Signal()
    """The thread has ended; the engine is closed."""
    _stop_requested = Signal()
    _shut_down_requested = Signal()

    def __init__(self, build: EngineBuilder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = QThread()
        self._thread.setObjectName("engine")
        self.worker = EngineWorker(build)
        self.worker.moveToThread(self._thread)
        self._thread.started.connect(self.worker.open_engine)
        self._thread.finished.connect(self.finished)
        self._stop_requested.connect(self.worker.stop)
        self._shut_down_requested.connect(self.worker.shut_down)

    @property
    def is_running(self) -> bool:
        """Whether the thread is there."""
        return self._thread.isRunning()

    def start(self) -> None:
        """Start the thread and open the engine on it."""
        self._thread.start()

    def stop_run(self) -> None:
        """End the run after the step in hand, and drop the requests that wait behind it."""
        self.worker.stopped.set()
        self._stop_requested.emit()

    def begin_shut_down(self) -> None:
        """Cancel what is in hand and close the engine; returns at once, `finished` follows."""
        self.worker.cancelled.set()
        self.worker.stopped.set()
        self._shut_down_requested.emit()

    def join(self, limit_s: float = CLOSING_LIMIT_S) -> bool:
        """Wait for the thread to end, once it was asked to; False if it did not in time.

        The main thread calls this when its event loop is over, or after `finished`.
        """
        if self._thread.wait(QDeadlineTimer(round(limit_s * 1000))):
            return True
        log.error("The engine thread has not ended after %.0f s.", limit_s)
        return False
