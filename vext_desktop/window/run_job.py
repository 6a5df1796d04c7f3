"""Work that takes time, off the main thread: loading, rendering, writing, asking."""

import importlib
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vext_desktop.errors import VextError

POLL_MS = 20


class RunJob(QObject):
    """Does one thing in a thread of its own, and tells in the main thread what came of it.

    The thread ends by itself; the interpreter waits for it at exit, `join` waits for it before.

    Args:
        work: What is done; it touches no Qt object.
        parent: The owner, which may go before the work is done: then nothing is told.
        may_be_left: Whether the program may end before the work has.
    """

    done = Signal(object)  # what the work returned
    failed = Signal(object)  # VextError

    def __init__(
        self, work: Callable[[], object], parent: QObject, *, may_be_left: bool = False
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._result: object = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, name="work beside the window", daemon=may_be_left
        )
        # Looked at from here, because a signal from a Python thread would make Python keep an
        # object for that thread for ever.
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_polled)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._timer.start()

    def join(self) -> None:
        """Wait for the end of the work; nothing is told any more."""
        self._timer.stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self._error = error

    @Slot()
    def _on_polled(self) -> None:
        if self._thread.is_alive():
            return
        self._timer.stop()
        self.deleteLater()
        if isinstance(self._error, VextError):
            self.failed.emit(self._error)
        elif self._error is not None:
            raise self._error  # a bug goes the road of bugs
        else:
            self.done.emit(self._result)


def after_import(module: str, then: Callable[[], None], parent: QObject) -> None:
    """Do something with a module at once if it is imported, else when a thread has done so.

    A dialog with all that it needs takes 20 to 50 ms to import, longer than a key may wait.

    Args:
        module: Its full name.
        then: What is done, in the main thread; it imports the module by the usual statement.
        parent: Without it nothing is done any more.
    """
    if module in sys.modules:
        then()
        return
    job = RunJob(lambda: importlib.import_module(module), parent)

    def go_on(_module: object) -> None:
        then()

    job.done.connect(go_on)
    job.start()
