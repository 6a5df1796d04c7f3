"""Writes into the log when the start has come how far: the window, the index, the model."""

import logging
import time

from PySide6.QtCore import QObject, Slot

from vext_desktop.window.main_window import MainWindow

log = logging.getLogger("vext.window")

PAINTED = "the window has been painted"
SEARCHABLE = "the index can be searched"
MODEL_READY = "the model is ready"


class StartLog(QObject):
    """Notes each step once, with the processor time that it took from the program's first line.

    Args:
        window: Whose start is noted; also the owner.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._noted: set[str] = set()
        worker = window.engine_thread.worker
        window.first_painted.connect(self._on_painted)
        worker.status_refreshed.connect(self._on_status)
        worker.model.settled.connect(self._on_settled)

    @Slot()
    def _on_painted(self) -> None:
        self._note(PAINTED)

    @Slot()
    def _on_status(self) -> None:
        self._note(SEARCHABLE)

    @Slot()
    def _on_settled(self) -> None:
        self._note(MODEL_READY)

    def _note(self, step: str) -> None:
        if step not in self._noted:
            self._noted.add(step)
            log.info("%s (%.2f s of processor time)", step, time.process_time())
