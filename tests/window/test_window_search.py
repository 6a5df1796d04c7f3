"""Searching in the window, also while a run is on."""

from pathlib import Path

import pytest
from dragging import drop_on, mime_of
from made_answers import make_hit
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, shown_words

from vext_desktop.errors import StoreError
from vext_desktop.events import GroupWritten
from vext_desktop.outcomes import Outcome


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


def test_hits_say_that_indexing_goes_on_until_it_has_ended(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=1000, step_s=0.02)
    engine.hits = (make_hit(1),)
    engine.counts = {Outcome.INDEXED: 120, Outcome.WAITING: 280}
    window = open_window(engine)
    words = "Still indexing: 120 of 400 files can be found so far."
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    window.engine_thread.worker.status_refreshed.emit(engine.status())
    assert words not in visible_words(window.panes.results)  # nothing is found yet
    window.panes.search.set_query("budget")
    qtbot.waitUntil(lambda: words in visible_words(window.panes.results))
    window.control.pause()
    assert "Indexing is paused: 120 of 400" in visible_words(window.panes.results)
    window.control.resume()
    engine.counts = {Outcome.INDEXED: 400}
    window.control.stop()
    qtbot.waitUntil(lambda: not window.control.is_running)
    assert "can be found so far" not in visible_words(window.panes.results)
    assert window.panes.results.chosen_hit() is not None


def visible_words(widget: QWidget) -> str:
    return " ".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())
