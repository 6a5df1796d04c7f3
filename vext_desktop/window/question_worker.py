"""The engine thread's answers to questions: between two steps, and again when the model is ready.

It lives beside the engine's worker, on the same thread, and touches the engine only there.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vext_desktop.index.search_request import SearchMode

if TYPE_CHECKING:
    from vext_desktop.index.search_request import SearchAnswer, SearchRequest
    from vext_desktop.window.engine_worker import EngineWorker


class QuestionWorker(QObject):
    """Answers the last question that was asked.

    Args:
        worker: Owns the engine; also our parent, so we live on its thread.
    """

    answered = Signal(object)  # SearchAnswer

    def __init__(self, worker: "EngineWorker") -> None:
        super().__init__(worker)
        self._worker = worker
        self._request: SearchRequest | None = None
        self._model_asked_for: SearchRequest | None = None
        self._soon: QTimer | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether somebody waits for an answer."""
        return self._request is not None

    def prepare(self) -> None:
        """Make the timer; it belongs to the thread that makes it."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._on_due)

    def shut_down(self) -> None:
        """Answer nothing more; the timer is stopped on its own thread."""
        self._request = None
        if self._soon is not None:
            self._soon.stop()
            self._soon.deleteLater()
        self._soon = None

    @Slot(object)
    def ask(self, request: "SearchRequest") -> None:
        """Answer between two steps; of several waiting requests only the last.

        While the model is loading, the answer is found by words alone, and a second answer
        follows as soon as the model is ready.
        """
        self._request = request
        # Not at once: slots that are queued already run first, so the newest question wins.
        self.serve_soon()

    def serve_soon(self) -> None:
        """Serve what waited for its turn or for the model."""
        if self._soon is not None:
            self._soon.start(0)

    @Slot()
    def _on_due(self) -> None:
        worker = self._worker
        worker.memory.serve_waiting()
        request, self._request = self._request, None
        if request is None:
            return
        with worker.failures_told():
            if request.mode is not SearchMode.TEXT:
                worker.expect_model_of_index()
            answer = self._answer(request)
            self.answered.emit(answer)
            worker.memory.note_use()
            if answer.mode is not request.mode and self._will_be_ready(request, answer):
                self._request = request  # by words alone; again when the model is ready

    def _answer(self, request: "SearchRequest") -> "SearchAnswer":
        """Of two models, that of a run comes first; in a pause the index's may take its place."""
        engine, is_held = self._worker.opened(), self._worker.is_run_held
        return engine.search(
            request,
            may_wait=is_held and not engine.has_query_model,
            may_switch=is_held or not self._worker.is_busy,
        )

    def _will_be_ready(self, request: "SearchRequest", answer: "SearchAnswer") -> bool:
        """Whether the model is on its way; one whose process has died is sent for, once."""
        from vext_desktop.index.search import NO_MODEL_NOTICE  # noqa: PLC0415 - with the engine

        worker = self._worker
        if worker.is_loading_or_running:
            return True
        if answer.notice != NO_MODEL_NOTICE or self._model_asked_for is request:
            return False  # it cannot be had, or not now
        self._model_asked_for = request
        worker.model.note_unloaded()
        worker.expect_model_of_index()
        return worker.is_loading_or_running
