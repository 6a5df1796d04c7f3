"""The memory sampler: one thread that reads the memory of all processes four times a second.

While somebody looks, it also asks who owns that memory, which costs far more.
"""

import logging
from typing import Protocol

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from vext_desktop.readings import ProgramBands, ProgramReading

SAMPLES_PER_SECOND = 4
# A picture of the owners costs some hundredths of a second for each process (MEASURED.md, 8).
PICTURE_EVERY_S = 10.0
JOIN_LIMIT_MS = 1000

log = logging.getLogger("vext.memory")


class ReadingSource(Protocol):
    """What a sampler reads from: the engine's memory monitor. Called from its own thread."""

    def read(self) -> ProgramReading:
        """All processes now."""

    def picture(self, max_age_s: float) -> ProgramBands | None:
        """The owners now, or a picture no older than this; None where nothing can tell them."""


class MemorySampler(QObject):
    """Owns the sampling thread: starts it, and joins it.

    Args:
        source: Where readings come from; must be safe to call from another thread.
        interval_ms: Time between two readings.
        parent: The owner.
    """

    sample_taken = Signal(object)  # ProgramReading
    picture_taken = Signal(object)  # ProgramBands, or None: no owner can be told
    _picture_requested = Signal()
    _picturing_changed = Signal(bool)

    def __init__(
        self,
        source: ReadingSource,
        interval_ms: int = 1000 // SAMPLES_PER_SECOND,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._interval_ms = interval_ms
        self._thread: QThread | None = None
        self._worker: _SamplerWorker | None = None
        self._is_picturing = False

    @property
    def is_running(self) -> bool:
        """Whether the thread is there."""
        return self._thread is not None

    def start(self) -> None:
        """Begin sampling; the first sample comes at once."""
        if self._thread is not None:
            return
        self._thread = QThread()
        self._thread.setObjectName("memory sampler")
        self._worker = _SamplerWorker(self._source, self._interval_ms)
        self._worker.moveToThread(self._thread)
        self._worker.sample_taken.connect(self.sample_taken)
        self._worker.picture_taken.connect(self.picture_taken)
        self._picture_requested.connect(self._worker.take_picture)
        self._picturing_changed.connect(self._worker.set_picturing)
        self._thread.started.connect(self._worker.begin)
        # `finished` is sent by the ending thread itself, so the timer ends where it lives.
        self._thread.finished.connect(self._worker.end)
        self._thread.start()
        self._picturing_changed.emit(self._is_picturing)

    @Slot(bool)
    def set_picturing(self, is_picturing: bool) -> None:
        """Take pictures of the owners every ten seconds, because somebody looks, or no more."""
        self._is_picturing = is_picturing
        self._picturing_changed.emit(is_picturing)

    @Slot()
    def request_picture(self) -> None:
        """Take a picture of the owners now, however young the last one is."""
        self._picture_requested.emit()

    def stop(self) -> bool:
        """End the thread and join it; False if a reading took so long that it is still there."""
        if self._thread is None:
            return True
        self._thread.quit()
        if not self._thread.wait(JOIN_LIMIT_MS):
            log.warning("The memory sampler has not ended after %d ms.", JOIN_LIMIT_MS)
            return False
        self._thread = None
        self._worker = None
        return True


class _SamplerWorker(QObject):
    """Lives in the sampling thread and does the reading there."""

    sample_taken = Signal(object)
    picture_taken = Signal(object)

    def __init__(self, source: ReadingSource, interval_ms: int) -> None:
        super().__init__()
        self._source = source
        self._interval_ms = interval_ms
        self._timer: QTimer | None = None
        self._is_picturing = False
        self._pictured_s: float | None = None

    @Slot()
    def begin(self) -> None:
        """Make the timer in this thread, whose event loop drives it."""
        self._timer = QTimer(self)
        self._timer.setInterval(self._interval_ms)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()
        self._on_timeout()

    @Slot()
    def end(self) -> None:
        """Stop and delete the timer in its own thread."""
        if self._timer is not None:
            self._timer.stop()
            self._timer.deleteLater()
            self._timer = None

    @Slot(bool)
    def set_picturing(self, is_picturing: bool) -> None:
        """Take pictures from the next sample on, or no more."""
        self._is_picturing = is_picturing

    @Slot()
    def take_picture(self) -> None:
        """Take a picture that is new, and say so also where there is none."""
        picture = self._source.picture(0.0)
        self._pictured_s = None if picture is None else picture.at_s
        self.picture_taken.emit(picture)

    @Slot()
    def _on_timeout(self) -> None:
        try:
            self.sample_taken.emit(self._source.read())
            if self._is_picturing:
                self._show_new_picture()
        except Exception:
            # A bug in reading is one report, not four in every second.
            if self._timer is not None:
                self._timer.stop()
            raise

    def _show_new_picture(self) -> None:
        """Ask for one that is young enough; the source has kept the last, and knows its age."""
        picture = self._source.picture(PICTURE_EVERY_S)
        if picture is None:
            # Said once, and not asked again: what a system cannot tell, it cannot tell later.
            self._is_picturing = False
            self.picture_taken.emit(None)
        elif picture.at_s != self._pictured_s:
            self._pictured_s = picture.at_s
            self.picture_taken.emit(picture)
