"""Searching in the window, also while a run is on."""

from pathlib import Path

import pytest
from dragging import drop_on, mime_of
from made_answers import make_hit
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, shown_words

from vext_desktop.errors import StoreError
from vext_desktop.events import GroupWritten


def test_a_search_is_answered_in_the_middle_of_a_run(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=1000, step_s=0.02)
    engine.hits = (make_hit(1), make_hit(2))
    window = open_window(engine)
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    window.panes.tabs.setCurrentWidget(window.panes.documents)
    window.panes.search.set_query("budget")
    qtbot.waitUntil(lambda: window.panes.results.chosen_hit() is not None)
    assert window.panes.tabs.currentWidget() is window.panes.results
    assert window.panes.results.chosen_hit().path == "/documents/Reports/report 1.pdf"
    assert window.control.is_running


def test_the_preview_stands_beside_the_results_only(open_window: Opener) -> None:
    window = open_window(FakeEngine())
    window.menus.show_results.trigger()
    assert window.panes.preview.isVisible()
    window.menus.show_documents.trigger()
    assert not window.panes.preview.isVisible()
    window.menus.show_results.trigger()
    assert window.panes.preview.isVisible()


def test_an_empty_library_welcomes_and_a_filled_one_invites_to_search(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    def said(words: str) -> bool:
        labels = window.panes.results.findChildren(QLabel)
        return any(words in label.text() for label in labels)

    window = open_window(FakeEngine())
    assert said("Drop a folder anywhere")
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: said("Type what you are looking for"))


def test_what_is_not_found_yet_is_searched_again_when_more_is_written(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=1000, step_s=0.02)
    window = open_window(engine)
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    window.panes.search.set_query("budget")
    qtbot.waitUntil(lambda: "search budget" in engine.calls)
    qtbot.wait(50)
    assert window.panes.results.chosen_hit() is None
    engine.hits = (make_hit(1),)
    window.engine_thread.worker.event_raised.emit(GroupWritten(512, 0.1))
    qtbot.waitUntil(lambda: window.panes.results.chosen_hit() is not None)


def test_an_answer_to_a_cleared_query_is_not_shown(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.hits = (make_hit(1),)
    window = open_window(engine)
    window.panes.search.set_query("budget")
    window.panes.search.set_query("")
    qtbot.waitUntil(lambda: "search budget" in engine.calls)
    qtbot.wait(50)
    assert window.panes.results.chosen_hit() is None


def test_a_failed_search_says_so_where_its_results_would_stand(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise StoreError("The index is damaged.")

    engine = FakeEngine()
    engine.search = fail
    window = open_window(engine)
    window.panes.search.set_query("budget")
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    words = " ".join(label.text() for label in window.panes.results.findChildren(QLabel))
    assert "The index is damaged." in words
