"""An engine thread over a fake engine, and everything it says, received on the main thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Slot
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.errors import VextError
from vext_desktop.events import BatchFinished, RunEnd, RunFinished
from vext_desktop.index.request import IndexRequest
from vext_desktop.window.engine_thread import EngineThread

REQUEST = IndexRequest((Path("/documents/Reports"),))


Starter = Callable[..., "Running"]


class Running(QObject):
    """A started engine thread and everything it has said, received on the main thread."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__()
        self.engine = engine
        self.builder = FakeEngineBuilder(engine)
        self.thread = EngineThread(self.builder)
        self.worker = self.thread.worker
        self.events: list[object] = []
        self.said: list[str] = []
        self.answers: list[object] = []
        self.receipts: list[object] = []
        self.errors: list[VextError] = []
        self.ended: list[IndexRequest] = []
        self.main_thread_only = True
        worker = self.worker
        worker.event_raised.connect(self._on_event)
        worker.questions.answered.connect(self._on_answer)
        worker.memory.receipt_written.connect(self._on_receipt)
        worker.failed.connect(self._on_failed)
        worker.run_ended.connect(self._on_run_ended)
        worker.model.settled.connect(self._on_warm)

    @property
    def batches(self) -> int:
        return sum(isinstance(event, BatchFinished) for event in self.events)

    @property
    def run_ends(self) -> list[RunEnd]:
        return [event.end for event in self.events if isinstance(event, RunFinished)]

    @Slot(object)
    def _on_event(self, event: object) -> None:
        self.main_thread_only &= QThread.currentThread() is self.thread.thread()
        self.events.append(event)

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        self.said.append("answer")
        self.answers.append(answer)

    @Slot(object)
    def _on_receipt(self, receipt: object) -> None:
        self.receipts.append(receipt)

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        self.errors.append(error)

    @Slot(object)
    def _on_run_ended(self, request: IndexRequest) -> None:
        self.said.append("run ended")
        self.ended.append(request)

    @Slot()
    def _on_warm(self) -> None:
        self.said.append("warm")


def call(worker: QObject, slot: str, *arguments: object) -> None:
    """Call a slot as a queued signal does: on the worker's own thread."""
    QTimer.singleShot(0, worker, lambda: getattr(worker, slot)(*arguments))


@contextmanager
def started_threads(qtbot: QtBot) -> Iterator[Starter]:
    """What starts engine threads; all of them are shut down and joined at the end."""
    started: list[Running] = []

    def begin(engine: FakeEngine, *, wait: bool = True) -> Running:
        running = Running(engine)
        started.append(running)
        running.thread.start()
        if wait:
            qtbot.waitUntil(lambda: "warm" in running.said or bool(running.errors))
        return running

    yield begin
    for running in started:
        running.thread.begin_shut_down()
        assert running.thread.join()
