"""Asks once a day for a newer version, where the user wants it; otherwise does nothing at all."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vext_desktop.about.releases import ReleaseAnswer, is_due, note_asked
from vext_desktop.settings import Settings
from vext_desktop.window.run_job import RunJob

log = logging.getLogger("vext.window")

# Not in the first seconds, which belong to the index; and while the window is open, now and then.
FIRST_LOOK_MS = 20_000
LOOK_AGAIN_MS = 3_600_000
OFF_WORDS = "Not looked for. Settings, Advanced, has a switch for that; it is off by default."
SOON_WORDS = "Looked for once a day, by one request to pypi.org."


class UpdateWatch(QObject):
    """Keeps the answer for whoever wants to read it.

    Args:
        settings: Whether it may ask.
        record: Where the time of the last question is kept.
        ask: Asks, in a thread of its own, and never raises.
        parent: The owner.
    """

    words_changed = Signal(str)
    newer_found = Signal(str)
    """A newer version, as a sentence."""

    def __init__(
        self,
        settings: Settings,
        record: Path,
        ask: Callable[[], ReleaseAnswer],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._record = record
        self._ask = ask
        self._is_wanted = False
        self._answer: ReleaseAnswer | None = None
        self._job: RunJob | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self.set_settings(settings)

    @property
    def words(self) -> str:
        """How it stands, in a sentence."""
        if not self._is_wanted:
            return OFF_WORDS
        return SOON_WORDS if self._answer is None else self._answer.sentence

    @Slot(object)
    def set_settings(self, settings: Settings) -> None:
        """The user wants it, or no longer."""
        if settings.check_for_updates is self._is_wanted:
            return
        self._is_wanted = settings.check_for_updates
        if self._is_wanted:
            self._timer.start(FIRST_LOOK_MS)
        else:
            self._timer.stop()
            self._answer = None
        self.words_changed.emit(self.words)

    def stop(self) -> None:
        """Ask no more; a question that is under way is left to itself."""
        self._is_wanted = False
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Ask now, if it is wanted and has not been asked for a day."""
        if not self._is_wanted or self._job is not None:
            return
        self._timer.start(LOOK_AGAIN_MS)
        if not is_due(self._record):
            return
        try:
            note_asked(self._record)
        except OSError as error:
            log.warning("not asked for a newer version, since it cannot be noted: %s", error)
            return
        # Left to itself at the end of the program: it holds nothing, and a name server that does
        # not answer must not keep the window's process alive.
        self._job = RunJob(self._ask, self, may_be_left=True)
        self._job.done.connect(self._on_answered)
        self._job.start()

    @Slot(object)
    def _on_answered(self, answer: object) -> None:
        self._job = None
        if not self._is_wanted:
            return
        self._answer = cast("ReleaseAnswer", answer)
        log.info("newer versions: %s", self._answer.sentence)
        self.words_changed.emit(self.words)
        if self._answer.newer:
            self.newer_found.emit(self._answer.sentence)
