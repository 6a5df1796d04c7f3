"""The main job with the real engine: drop, watch, search, free, reload, close in the middle."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from dragging import drop_on, mime_of
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from vext_desktop.engine import Engine
from vext_desktop.events import BatchFinished, IndexEvent, RunFinished
from vext_desktop.index.practice_text import practice_batches
from vext_desktop.index.search import SearchAnswer, SearchMode
from vext_desktop.paths import Paths
from vext_desktop.readings import CleanupAction, CleanupReceipt, ProcessRole
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.window.garbage import MainThreadCollector
from vext_desktop.window.main_window import MainWindow

RUN_MS = 120_000
CLOSING_S = 5.0


class Diary(QObject):
    """Keeps what the worker says; its slots run in the main thread, as the window's do.

    (What pytest-qt connects in `waitSignal` is no slot of a QObject and runs in the worker's.)
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.events: list[IndexEvent] = []
        self.receipts: list[CleanupReceipt] = []
        self.answers: list[SearchAnswer] = []
        worker = window.engine_thread.worker
        worker.event_raised.connect(self._on_event_raised)
        worker.memory.receipt_written.connect(self._on_receipt_written)
        worker.questions.answered.connect(self._on_search_answered)

    @property
    def runs_ended(self) -> int:
        return sum(isinstance(event, RunFinished) for event in self.events)

    @Slot(object)
    def _on_event_raised(self, event: IndexEvent) -> None:
        self.events.append(event)

    @Slot(object)
    def _on_receipt_written(self, receipt: CleanupReceipt) -> None:
        self.receipts.append(receipt)

    @Slot(object)
    def _on_search_answered(self, answer: SearchAnswer) -> None:
        self.answers.append(answer)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Papers"
    place.mkdir()
    (place / "bread.txt").write_text("Knead the dough, let it rise, and bake it until brown.")
    (place / "rent.txt").write_text("The tenant pays the landlord at the beginning of the month.")
    return place


@pytest.fixture
def long_folder(tmp_path: Path) -> Path:
    place = tmp_path / "Archive"
    place.mkdir()
    for number, texts in enumerate(practice_batches(40, 20)):
        (place / f"{number}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    return place


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The window over the real engine; closed and joined also when the test fails."""
    paths = Paths(tmp_path / "data")
    paths.create()
    collector = MainThreadCollector()
    window = MainWindow(
        LoadedSettings(Settings(), ()),
        paths,
        lambda cancelled: Engine(Settings(), paths, cancelled=cancelled, collect=collector.collect),
    )
    yield window
    collector.close()
    if window.engine_thread.is_running:
        with qtbot.waitSignal(window.closed, timeout=10_000):
            window.close()
        assert window.join()
    window.deleteLater()


def click(qtbot: QtBot, window: MainWindow, words: str) -> None:
    (found,) = [
        one
        for one in window.findChildren(QPushButton)
        if one.text().replace("&", "").startswith(words)
    ]
    qtbot.waitUntil(found.isEnabled, timeout=RUN_MS)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def wait_for(qtbot: QtBot, is_met: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(is_met()), timeout=RUN_MS)


def test_a_person_drops_a_folder_searches_it_frees_memory_reloads_the_model_and_closes(
    qtbot: QtBot, window: MainWindow, folder: Path, long_folder: Path
) -> None:
    diary = Diary(window)
    with qtbot.waitSignal(window.first_painted):
        window.show()
    window.start()

    assert drop_on(window.panes.results, mime_of([folder]))
    wait_for(qtbot, lambda: diary.runs_ended == 1)
    wait_for(qtbot, lambda: [root.indexed for root in window.panes.library.roots] == [2])

    window.panes.search.set_query("how to make a loaf")
    wait_for(qtbot, lambda: any(one.mode is SearchMode.HYBRID for one in diary.answers))
    answer = diary.answers[-1]
    assert Path(answer.hits[0].path).name == "bread.txt"
    wait_for(qtbot, window.panes.results.chosen_hit)

    click(qtbot, window, "Free memory")
    wait_for(qtbot, lambda: len(diary.receipts) == 1)
    click(qtbot, window, "Reload model")
    wait_for(qtbot, lambda: len(diary.receipts) == 2)
    freed, reloaded = diary.receipts
    assert freed.action is CleanupAction.FREE_MEMORY
    assert reloaded.action is CleanupAction.RELOAD_MODEL
    assert "gave back" in window.panes.memory.receipt_words
    old, new = (reading.of(ProcessRole.ENGINE) for reading in (reloaded.before, reloaded.after))
    assert old is not None
    assert new is not None
    assert old.pid != new.pid
    assert not psutil.pid_exists(old.pid)

    assert drop_on(window.panes.results, mime_of([long_folder]))
    already = len(diary.events)
    wait_for(qtbot, lambda: any(isinstance(e, BatchFinished) for e in diary.events[already:]))
    children = psutil.Process().children(recursive=True)
    assert len(children) == 2
    started = time.monotonic()
    with qtbot.waitSignal(window.closed, timeout=10_000):
        window.close()
    assert window.join()
    _, alive = psutil.wait_procs(children, timeout=CLOSING_S)
    assert not alive
    assert time.monotonic() - started < CLOSING_S
