"""Long work on the window's thread, cut into steps: people can type and click in between."""

from collections.abc import Generator
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

Made = TypeVar("Made")
# Work that pauses at each `yield` and returns what it has made.
Steps = Generator[None, None, Made]


def at_once(steps: Steps[Made]) -> Made:
    """All steps in one go, for whoever may wait."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made


class InTurns(QObject):
    """Does one step in each turn of the event loop; what waits there comes first.

    It ends with its parent, wherever it has come to. A step that fails is the last one.

    Args:
        steps: The work.
        parent: The owner.
    """

    done = Signal(object)  # what the steps have made

    def __init__(self, steps: Steps[Made], parent: QObject) -> None:
        super().__init__(parent)
        self._steps = steps
        self._is_over = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_turn)

    def start(self) -> None:
        """Begin with the next turn."""
        self._timer.start(0)

    def stop(self) -> None:
        """Leave it at what has been done; nothing is told any more.

        The steps are closed, so that they can let go of what they have begun.
        """
        if not self._is_over:
            self._timer.stop()
            self._steps.close()

    @Slot()
    def _on_turn(self) -> None:
        try:
            next(self._steps)
        except StopIteration as end:
            self._is_over = True
            self.done.emit(end.value)
            self.deleteLater()
        else:
            self._timer.start(0)
