"""What changes in the folders becomes a run, unless the user wants rest."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from watch_fake import FakeWatch
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.documents.touched import Touched
from vext_desktop.events import RunFinished, RunStarted, ScanFinished, ScanProgressed
from vext_desktop.index.records import RootRecord
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.touch_list import Touches
from vext_desktop.settings import Settings
from vext_desktop.window.engine_thread import EngineThread
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.run_progress import RunProgress
from vext_desktop.window.window_state import WindowState

PLACE = Touched("/docs/Reports")
TOUCHES = Touches((PLACE,))
UPDATE = IndexRequest.update([PLACE])


class Stage:
    """An engine thread with a fake engine and watch, and the control of its runs."""

    def __init__(self, engine: FakeEngine, state: WindowState) -> None:
        self.engine = engine
        self.thread = EngineThread(FakeEngineBuilder(engine))
        self.state = state
        self.control = RunControl(self.thread, state)
        self.warm: list[bool] = []
        self.trouble: list[str] = []
        self.thread.worker.model.settled.connect(self._on_warm)
        self.thread.worker.watch.trouble_told.connect(self.trouble.append)

    def _on_warm(self) -> None:
        self.warm.append(True)

    @property
    def watch(self) -> FakeWatch:
        assert self.engine.watch is not None
        return self.engine.watch

    def touch(self, touches: Touches = TOUCHES) -> None:
        """Something changes; the real watch says so in a thread of its own."""
        self.watch.touch(touches)

    def call(self, slot: str, *arguments: object) -> None:
        """Call a slot of the model's care on the engine thread."""
        model = self.thread.worker.model
        QTimer.singleShot(0, model, lambda: getattr(model, slot)(*arguments))

    def looks(self) -> int:
        return self.engine.calls.count("find_changes")


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    engine = FakeEngine(batches=2)
    engine.roots = [RootRecord("/docs/Reports", False, 1, 1, 0)]
    stage = Stage(engine, WindowState(tmp_path / "window.ini"))
    stage.thread.start()
    qtbot.waitUntil(lambda: bool(stage.warm) and engine.watch is not None)
    yield stage
    stage.thread.begin_shut_down()
    assert stage.thread.join()
    assert stage.watch.is_closed


def test_a_change_becomes_a_run_over_its_place(qtbot: QtBot, stage: Stage) -> None:
    stage.engine.changes = ((PLACE,),)
    stage.touch()
    qtbot.waitUntil(lambda: stage.engine.requests == [UPDATE])
    qtbot.waitUntil(lambda: not stage.control.is_running)
    assert stage.state.unfinished == ()


def test_where_nothing_is_different_there_is_no_run(qtbot: QtBot, stage: Stage) -> None:
    stage.touch()
    qtbot.waitUntil(lambda: stage.looks() == 1)
    qtbot.wait(50)
    assert stage.engine.requests == []


def test_what_is_touched_within_a_run_is_looked_at_after_it(qtbot: QtBot, stage: Stage) -> None:
    stage.engine.step_s, stage.engine.batches = 0.02, 20
    stage.control.index([Path("/docs/Reports")])
    qtbot.waitUntil(lambda: bool(stage.engine.requests))
    stage.touch()
    qtbot.wait(100)
    assert stage.control.is_running
    assert stage.looks() == 0
    qtbot.waitUntil(lambda: not stage.control.is_running)
    qtbot.waitUntil(lambda: stage.looks() == 1)


def test_in_a_pause_nothing_begins_and_nothing_is_forgotten(qtbot: QtBot, stage: Stage) -> None:
    stage.engine.changes = ((PLACE,),)
    stage.control.pause()
    stage.touch()
    qtbot.waitUntil(lambda: stage.looks() == 1)
    qtbot.wait(50)
    assert stage.engine.requests == []
    stage.control.resume()
    qtbot.waitUntil(lambda: UPDATE in stage.engine.requests)


def test_after_a_stop_nothing_begins_until_the_user_goes_on(qtbot: QtBot, stage: Stage) -> None:
    stage.engine.changes = ((PLACE,),)
    stage.engine.step_s = 0.02
    stage.control.index([Path("/docs/Reports")])
    qtbot.waitUntil(lambda: bool(stage.engine.requests))
    stage.control.stop()
    qtbot.waitUntil(lambda: not stage.control.is_running)
    stage.touch()
    qtbot.waitUntil(lambda: stage.looks() == 1)
    qtbot.wait(50)
    assert len(stage.engine.requests) == 1
    stage.control.resume()
    qtbot.waitUntil(lambda: UPDATE in stage.engine.requests)


def test_the_watch_follows_its_setting(qtbot: QtBot, stage: Stage) -> None:
    first = stage.watch
    stage.call("apply_settings", Settings(watch_folders=False))
    qtbot.waitUntil(lambda: first.is_closed)
    stage.call("apply_settings", Settings(watch_folders=True))
    qtbot.waitUntil(lambda: stage.watch is not first)
    assert not stage.watch.is_closed


def test_a_folder_that_was_added_is_watched_from_then_on(qtbot: QtBot, stage: Stage) -> None:
    assert stage.watch.roots == ["/docs/Reports"]
    stage.engine.roots.append(RootRecord("/docs/Mail", False, 1, 1, 0))
    stage.control.index([Path("/docs/Mail")])
    qtbot.waitUntil(lambda: stage.watch.roots == ["/docs/Reports", "/docs/Mail"])


def test_why_folders_cannot_be_watched_is_told_once(qtbot: QtBot, stage: Stage) -> None:
    stage.watch.trouble = "There are too many."
    for looks in (1, 2):
        stage.touch()
        qtbot.waitUntil(lambda looks=looks: stage.looks() == looks)
    qtbot.waitUntil(lambda: stage.trouble == ["There are too many."])


def test_an_update_says_how_many_files_have_changed_and_no_more() -> None:
    progress = RunProgress()
    progress.note(RunStarted(1, ("/docs/Reports",), is_update=True))
    progress.note(ScanProgressed(9, 900))
    assert progress.view().title == "Looking through Reports"
    assert not progress.view().has_bar
    progress.note(ScanFinished(9, 3, 900, 6, 0, 0, 9))
    assert progress.view().title == "Updating 3 changed files"
    progress.note(RunFinished(1, "finished", {}))  # type: ignore[arg-type]
    assert not progress.is_running
