"""The question before text leaves this computer, and the list of what was agreed to."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener

from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_consent import Consents
from vext_desktop.events import (
    IndexEvent,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
    ScanFinished,
    SendingAsked,
    ServiceAwaited,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.run_progress import RunProgress
from vext_desktop.window.sending_dialogs import ConsentsDialog

SERVICE = Service("openai", "https://api.openai.com/v1", "text-embedding-3-small")
ASKED = SendingAsked(
    service="OpenAI (api.openai.com)",
    host="api.openai.com",
    model="text-embedding-3-small",
    folders=("/papers",),
    files=60,
    passages=240,
    tokens=57_000,
    dollars=0.0011,
    message="Your text leaves this computer: about 240 passages go to api.openai.com.",
)


class AskingEngine(FakeEngine):
    """Sends nothing before somebody has agreed."""

    def __init__(self) -> None:
        super().__init__()
        self.sending = self
        self.has_leave = False

    def agree(self) -> None:
        self.has_leave = True

    def index(self, request: IndexRequest, stopped: threading.Event) -> Iterator[IndexEvent]:
        if self.has_leave:
            yield from super().index(request, stopped)
            return
        self.requests.append(request)
        yield RunStarted(1, ("/papers",))
        yield ASKED
        yield RunHalted("Nothing was sent yet.", "Answer.")
        yield RunFinished(1, RunEnd.HALTED, {})


def words_of_banners(window: MainWindow) -> str:
    return " ".join(notice.what for notice in window.panes.banners.notices)


def test_a_run_goes_on_after_the_question_was_answered_with_yes(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = AskingEngine()
    window = open_window(engine)
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: window.sending_flow.dialog is not None)
    dialog = window.sending_flow.dialog
    assert dialog is not None
    assert "api.openai.com" in dialog.text()
    assert "240 passages" in dialog.informativeText()
    assert dialog.defaultButton() is dialog.keep_button
    assert "Nothing was sent" not in words_of_banners(window)
    qtbot.mouseClick(dialog.send_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(engine.requests) == 2 and not window.control.is_running)
    assert engine.has_leave
    assert engine.requests[1].paths == (tmp_path,)


def test_a_rebuild_that_was_asked_for_begins_after_a_yes(qtbot: QtBot, open_window: Opener) -> None:
    engine = AskingEngine()
    window = open_window(engine)
    window.control.index(rebuilds=True)
    qtbot.waitUntil(lambda: window.sending_flow.dialog is not None)
    dialog = window.sending_flow.dialog
    assert dialog is not None
    qtbot.mouseClick(dialog.send_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(engine.requests) == 2 and not window.control.is_running)
    assert [request.rebuilds for request in engine.requests] == [True, True]


def test_nothing_is_sent_when_the_question_is_answered_with_no_or_not_at_all(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = AskingEngine()
    window = open_window(engine)
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: window.sending_flow.dialog is not None)
    dialog = window.sending_flow.dialog
    assert dialog is not None
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "Nothing was sent" in words_of_banners(window))
    assert not engine.has_leave
    assert len(engine.requests) == 1
    window.control.index([tmp_path])  # and it is asked again
    qtbot.waitUntil(lambda: window.sending_flow.dialog is not None)


def test_a_wait_for_a_service_is_shown_with_its_end() -> None:
    progress = RunProgress()
    progress.note(RunStarted(1, ("/papers",)))
    progress.note(ScanFinished(1, 1, 100, 0, 0, 0, 1))
    progress.note(ServiceAwaited("OpenAI asks for fewer requests.", 1, 6, 12.0, 0.5))
    assert progress.view().detail == "OpenAI asks for fewer requests. It is asked again in 12 s."


@pytest.fixture
def consents(tmp_path: Path) -> Consents:
    return Consents(tmp_path / "consents.json")


def test_what_was_agreed_to_is_listed_and_taken_back(qtbot: QtBot, consents: Consents) -> None:
    consents.give(SERVICE, now_s=1_790_000_000)
    dialog = ConsentsDialog(consents, None)
    qtbot.addWidget(dialog)
    assert "text-embedding-3-small, since 2026-09-" in dialog.list.item(0).text()
    qtbot.mouseClick(dialog.take_back_button, Qt.MouseButton.LeftButton)
    assert consents.all() == ()
    assert dialog.list.count() == 0
    assert not dialog.take_back_button.isEnabled()
    assert "may go to no service" in dialog.words.text()
