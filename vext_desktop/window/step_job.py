"""Work of many steps beside the window: how far it is can be asked, and it can be given up."""

import threading
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject

from vext_desktop.errors import CancelledError
from vext_desktop.window.run_job import RunJob


class StepJob(RunJob):
    """Takes all steps of some work in a thread of its own.

    Args:
        begin: Gives the steps, and what gives the result at their end; called in that thread.
        parent: The owner.
    """

    def __init__(
        self,
        begin: Callable[[], tuple[Iterator[object], Callable[[], object]]],
        parent: QObject,
    ) -> None:
        super().__init__(self._take_steps, parent)
        self._begin = begin
        self._given_up = threading.Event()
        self.latest: object = None
        """The step that was taken last; read from any thread."""

    def give_up(self) -> None:
        """End after the step in hand; `failed` follows with a `CancelledError`."""
        self._given_up.set()

    def _take_steps(self) -> object:
        steps, finish = self._begin()
        for step in steps:
            self.latest = step
            if self._given_up.is_set():
                if hasattr(steps, "close"):
                    steps.close()
                raise CancelledError("It was given up; nothing was changed.")
        return finish()
