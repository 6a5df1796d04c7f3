"""Runs in the window: begun, held, stopped, and taken up again at the next start."""

import time
from pathlib import Path

from dragging import drop_on, mime_of
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, button, close, shown_words

from vext_desktop.outcomes import Outcome


def test_pause_resume_and_stop_act_on_the_run(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=500, step_s=0.01)
    window = open_window(engine)
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 500 files" in shown_words(window))
    button(window, "Pause").click()
    assert "Paused" in shown_words(window)
    qtbot.waitUntil(lambda: window.engine_thread.worker._is_paused)
    qtbot.wait(250)  # the next drawing
    held = shown_words(window)
    qtbot.wait(250)
    assert shown_words(window) == held
    button(window, "Resume").click()
    assert "Indexing" in shown_words(window)
    qtbot.waitUntil(lambda: shown_words(window) != held)
    button(window, "Stop").click()
    in_hand = engine.batches_begun
    assert "Stopping" in shown_words(window)
    qtbot.waitUntil(lambda: "Stopped" in shown_words(window))
    assert engine.batches_begun <= in_hand + 1
    # Known with the next look at the index, which may come after the drawing of the result.
    qtbot.waitUntil(lambda: window.panes.progress.can_go_on)
    assert button(window, "Resume").isVisible()


def test_closing_in_the_middle_of_a_run_ends_everything_soon(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=1000, step_s=0.05)
    window = open_window(engine)
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    began = time.monotonic()
    with qtbot.waitSignal(window.closed, timeout=5000):
        window.close()
        assert not window.isVisible()
    assert window.join()
    assert time.monotonic() - began < 2.0
    assert engine.calls[-1] == "close"


def test_what_was_cut_off_by_closing_goes_on_next_time(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine(batches=1000, step_s=0.02))
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        drop_on(window.panes.results, mime_of([folder]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    close(qtbot, window)
    again = FakeEngine()
    open_window(again)
    qtbot.waitUntil(lambda: len(again.requests) == 2)
    assert [request.paths for request in again.requests] == [(one,) for one in folders]


def test_what_is_added_before_the_engine_is_ready_neither_replaces_nor_repeats_anything(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine(batches=1000, step_s=0.02))
    drop_on(window.panes.results, mime_of([tmp_path / "one"]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    close(qtbot, window)
    again = FakeEngine()
    window = open_window(again, wait=False)
    drop_on(window.panes.results, mime_of([tmp_path / "two"]))
    qtbot.waitUntil(lambda: len(again.requests) == 2)
    assert {request.paths for request in again.requests} == {
        (tmp_path / "one",),
        (tmp_path / "two",),
    }
    qtbot.waitUntil(lambda: not window.control.is_running)
    assert not window.control.has_resting


def test_what_is_added_during_a_run_is_named_at_once_as_what_comes_next(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine(batches=1000, step_s=0.02))
    drop_on(window.panes.results, mime_of([tmp_path / "one"]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    assert "Next:" not in shown_words(window)
    drop_on(window.panes.results, mime_of([tmp_path / "two"]))
    assert "Next: two." in shown_words(window)
    button(window, "Stop").click()
    assert "Next:" not in shown_words(window)


def test_a_finished_run_is_not_repeated_next_time(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine())
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "Done" in shown_words(window))
    close(qtbot, window)
    again = FakeEngine()
    open_window(again)
    qtbot.wait(50)
    assert again.requests == []


def test_waiting_files_of_a_killed_run_are_taken_up(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.counts = {Outcome.WAITING: 12}
    open_window(engine)
    qtbot.waitUntil(lambda: bool(engine.requests))
    assert engine.requests[0].paths == ()


def test_a_pause_survives_a_restart(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    window = open_window(FakeEngine(batches=1000, step_s=0.02))
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    button(window, "Pause").click()
    close(qtbot, window)
    again = FakeEngine()
    again.counts = {Outcome.WAITING: 12}
    window = open_window(again)
    qtbot.waitUntil(lambda: "Paused: 12 files waiting" in shown_words(window))
    assert again.requests == []
    button(window, "Resume").click()
    qtbot.waitUntil(lambda: bool(again.requests))
    assert again.requests[0].paths == (tmp_path,)


def test_a_stopped_run_rests_until_it_is_resumed(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine(batches=1000, step_s=0.02))
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 1" in shown_words(window))
    button(window, "Stop").click()
    qtbot.waitUntil(lambda: "Stopped" in shown_words(window))
    close(qtbot, window)
    again = FakeEngine()
    window = open_window(again)
    qtbot.wait(50)
    assert again.requests == []
    button(window, "Resume").click()
    qtbot.waitUntil(lambda: bool(again.requests))
    assert again.requests[0].paths == (tmp_path,)


def test_paths_from_the_command_line_are_indexed_at_once(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    open_window(engine, index_paths=(tmp_path,))
    qtbot.waitUntil(lambda: bool(engine.requests))
    assert engine.requests[0].paths == (tmp_path,)


def test_a_file_to_be_read_anyway_is_read_in_a_run_of_its_own_accord(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    window.panes.documents.read_anyway_requested.emit([3])
    qtbot.waitUntil(lambda: bool(engine.requests))
    assert engine.calls.index("read_anyway [3]") < engine.calls.index("index")


def test_a_retried_file_is_read_in_a_run_of_its_own_accord(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    window.panes.documents.retry_requested.emit([3, 4])
    qtbot.waitUntil(lambda: bool(engine.requests))
    assert engine.calls.index("retry [3, 4]") < engine.calls.index("index")
