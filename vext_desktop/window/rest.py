"""The window at rest: the engine is closed and nothing looks into the data folder any more."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from vext_desktop.window.engine_thread import EngineThread


class Rest(QObject):
    """Closes the engine for work that needs the data folder for itself.

    There is no way back: the window is opened anew afterwards.

    Args:
        engine_thread: Is ended.
        stop_looking: Ends what the window itself reads from the data folder.
        parent: The owner.
    """

    def __init__(
        self, engine_thread: EngineThread, stop_looking: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.is_begun = False
        self._engine_thread = engine_thread
        self._stop_looking = stop_looking
        self._then: Callable[[], None] | None = None

    def begin(self, then: Callable[[], None]) -> None:
        """Come to rest, and go on with `then` once the engine's thread has ended."""
        self.is_begun = True
        self._then = then
        self._stop_looking()
        if self._engine_thread.is_running:
            self._engine_thread.finished.connect(self._on_finished)
            self._engine_thread.begin_shut_down()
        else:
            self._on_finished()

    @Slot()
    def _on_finished(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()
