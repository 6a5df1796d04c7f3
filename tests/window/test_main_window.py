"""The window as a whole, over a fake engine: what a person does, and what must come of it."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dragging import drag_over, drop_on, leave, mime_of
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine, FakeEngineBuilder, make_hit

from vext_desktop.errors import DataFolderBusyError, StoreError
from vext_desktop.events import GroupWritten, MemoryWarned, WarningKind
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.records import RootRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, SettingNotice, Settings
from vext_desktop.window.banner import NoticeKind
from vext_desktop.window.main_window import MainWindow
from vext_desktop.window.window_state import WindowState

Opener = Callable[..., MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Opener]:
    """Open the window over a fake engine; it is closed and joined after the test."""
    opened: list[MainWindow] = []

    def begin(
        engine: FakeEngine,
        *,
        wait: bool = True,
        index_paths: tuple[Path, ...] = (),
        notices: tuple[SettingNotice, ...] = (),
    ) -> MainWindow:
        paths = Paths(tmp_path / "data")
        paths.create()
        loaded = LoadedSettings(Settings(), notices)
        window = MainWindow(loaded, paths, FakeEngineBuilder(engine), index_paths)
        opened.append(window)
        with qtbot.waitSignal(window.first_painted):
            window.show()
        window.start()
        if wait:
            qtbot.waitUntil(lambda: "status" in engine.calls)
            qtbot.wait(20)
        return window

    yield begin
    for window in opened:
        close(qtbot, window)
        window.deleteLater()


def close(qtbot: QtBot, window: MainWindow) -> None:
    """Close the window and wait until everything it started has ended."""
    if window.engine_thread.is_running:
        with qtbot.waitSignal(window.closed):
            window.close()
    assert window.join()


def shown_words(window: MainWindow) -> str:
    """Everything that the progress strip says."""
    return " ".join(label.text() for label in window.panes.progress.findChildren(QLabel))


def button(window: MainWindow, words: str) -> QPushButton:
    """The visible button with these words."""
    found = [
        one
        for one in window.findChildren(QPushButton)
        if one.text().replace("&", "").startswith(words) and one.isVisible()
    ]
    assert len(found) == 1, f"{len(found)} buttons say {words}"
    return found[0]


def test_the_window_is_painted_before_the_engine_is_built(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    window = open_window(engine, wait=False)
    # `start` has just been called, after the first painting: nothing was before it.
    qtbot.waitUntil(lambda: "open" in engine.calls)
    assert window.isVisible()


def test_an_engine_in_place_of_the_chosen_one_is_told_until_somebody_has_read_it(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    engine.start_note = "The onnx engine cannot start. The torch engine does the work instead."
    window = open_window(engine)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    window.control.index([tmp_path])
    qtbot.waitUntil(lambda: "Done" in shown_words(window))
    (notice,) = window.panes.banners.notices
    assert notice.what == engine.start_note
    assert "Ctrl+," in notice.hint


def test_the_keyboard_starts_in_the_search_box(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    window.activateWindow()
    qtbot.waitUntil(lambda: isinstance(window.focusWidget(), QLineEdit))
    assert window.focusWidget().placeholderText().startswith("Search")


def test_a_dropped_folder_is_indexed(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    engine = FakeEngine(batches=3)
    window = open_window(engine)
    folder = tmp_path / "Reports"
    folder.mkdir()
    assert drop_on(window.panes.results, mime_of([folder]))
    qtbot.waitUntil(lambda: "Done" in shown_words(window))
    assert [request.paths for request in engine.requests] == [(folder,)]
    assert window.panes.library.roots[0].path == str(folder)


@pytest.mark.parametrize("pane", ["search", "library", "results", "preview", "progress", "memory"])
def test_a_drop_is_taken_wherever_it_falls(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, pane: str
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    target = getattr(window.panes, pane)
    # The search box itself would take files for text.
    target = target.findChild(QLineEdit) or target
    assert drop_on(target, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: bool(engine.requests))


def test_files_and_folders_are_dropped_together(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    file = tmp_path / "a report.txt"
    file.write_text("text")
    assert drop_on(window.panes.library, mime_of([tmp_path, file, file]))
    qtbot.waitUntil(lambda: bool(engine.requests))
    assert engine.requests[0].paths == (tmp_path, file)


@pytest.mark.skipif(os.name == "nt", reason="such names do not exist on Windows")
def test_a_name_that_is_no_text_arrives_byte_for_byte(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine()
    window = open_window(engine)
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    assert drop_on(window.panes.library, mime_of([folder]))
    qtbot.waitUntil(lambda: bool(engine.requests))
    assert os.fsencode(engine.requests[0].paths[0]) == os.fsencode(tmp_path) + b"/caf\xe9"


def test_the_drop_zone_is_seen_during_a_drag_only(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine())
    overlay = window.drop_overlay
    mime = mime_of([tmp_path])
    assert drag_over(window.panes.results, mime)
    assert overlay.isVisible()
    assert overlay.size() == window.size()
    leave(window)
    assert not overlay.isVisible()


def test_dragged_text_is_refused(open_window: Opener) -> None:
    window = open_window(FakeEngine())
    mime = QMimeData()
    mime.setText("some words")
    assert not drag_over(window.panes.results, mime)
    assert not window.drop_overlay.isVisible()


def test_pause_resume_and_stop_act_on_the_run(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    engine = FakeEngine(batches=500, step_s=0.01)
    window = open_window(engine)
    drop_on(window.panes.results, mime_of([tmp_path]))
    qtbot.waitUntil(lambda: "of 500 files" in shown_words(window))
    button(window, "Pause").click()
    assert "Paused" in shown_words(window)
    qtbot.wait(250)  # the batch in hand, and the next drawing
    held = shown_words(window)
    qtbot.wait(250)
    assert shown_words(window) == held
    button(window, "Resume").click()
    assert "Indexing" in shown_words(window)
    qtbot.waitUntil(lambda: shown_words(window) != held)
    began = time.monotonic()
    button(window, "Stop").click()
    assert "Stopping" in shown_words(window)
    qtbot.waitUntil(lambda: "Stopped" in shown_words(window), timeout=1000)
    assert time.monotonic() - began < 1.0
    assert button(window, "Resume").isVisible()


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
    assert window.panes.preview.isVisible()
    window.menus.show_documents.trigger()
    assert not window.panes.preview.isVisible()
    window.menus.show_results.trigger()
    assert window.panes.preview.isVisible()


def test_the_library_is_listed_before_the_store_is_open(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    folder = tmp_path / "Reports"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    ledger = Ledger(tmp_path / "data" / "ledger.sqlite")
    ledger.add_roots([folder])
    ledger.close()
    engine = FakeEngine(step_s=0.5)
    window = open_window(engine, wait=False)
    qtbot.waitUntil(lambda: bool(window.panes.library.roots))
    assert "status" not in engine.calls
    assert window.panes.library.roots[0].path == str(folder)


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


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Free memory", "Free memory gave back 180 MB in 21 ms."),
        ("Reload model", "Reload model gave back 220 MB in 21 ms."),
    ],
)
def test_both_memory_buttons_show_their_receipt(
    qtbot: QtBot, open_window: Opener, words: str, sentence: str
) -> None:
    window = open_window(FakeEngine())
    button(window, words).click()
    assert not button(window, words).isEnabled()
    qtbot.waitUntil(lambda: window.panes.memory.receipt_words == sentence)
    assert button(window, words).isEnabled()


def test_memory_is_shown_in_plain_words(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    qtbot.waitUntil(lambda: window.panes.memory.words.startswith("Memory 640 MB of"))


def test_the_details_open_and_close_from_button_and_menu(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    assert not window.memory_panel.isVisible()
    window.menus.show_memory.trigger()
    qtbot.waitUntil(lambda: window.memory_panel.plots is not None)
    assert window.memory_panel.isVisible()
    window.menus.show_memory.trigger()
    assert not window.memory_panel.isVisible()


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


def test_a_failure_is_a_banner_with_its_hint(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.open_error = StoreError("The ledger is damaged.", "Restore it from a backup.")
    window = open_window(engine, wait=False)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    notice = window.panes.banners.notices[-1]
    assert notice.kind is NoticeKind.FAILURE
    assert (notice.what, notice.hint) == ("The ledger is damaged.", "Restore it from a backup.")


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


def test_a_data_folder_in_use_refuses_the_window(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.open_error = DataFolderBusyError("Another one uses it.", "Use that one.")
    window = open_window(engine, wait=False)
    with qtbot.waitSignal(window.refused) as refused:
        pass
    assert refused.args[0] is engine.open_error
    assert window.panes.banners.notices == ()


def test_a_memory_warning_is_a_banner_and_a_mark(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    warning = MemoryWarned(WarningKind.RSS_OVER_LIMIT, 1, 1, 7, "a.txt", "RSS is over 1.2 GB.")
    window.engine_thread.worker.event_raised.emit(warning)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    assert window.panes.banners.notices[0].what == "RSS is over 1.2 GB."


def test_settings_that_could_not_be_used_are_told(open_window: Opener) -> None:
    notice = SettingNotice("x", "the environment", "VEXT_X is not a setting: left out.")
    window = open_window(FakeEngine(), notices=(notice,))
    assert notice.message in window.panes.banners.notices[0].what


def test_a_root_is_removed_only_after_its_cost_was_said(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine()
    engine.counts = {Outcome.INDEXED: 40}
    engine.roots = [RootRecord("/documents/Reports", 40, 40, 0, is_offline=False)]
    window = open_window(engine)
    window.panes.library.remove_requested.emit(window.panes.library.roots[0])
    box = window.findChild(QMessageBox)
    assert "40 documents can then no longer be found" in box.informativeText()
    assert "remove_root" not in " ".join(engine.calls)
    qtbot.mouseClick(
        next(one for one in box.buttons() if one.text() == "Remove"), Qt.MouseButton.LeftButton
    )
    qtbot.waitUntil(lambda: "remove_root /documents/Reports" in engine.calls)
    qtbot.waitUntil(lambda: window.panes.library.roots == ())


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


def test_open_details_and_the_shape_are_remembered(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(FakeEngine())
    window.menus.show_memory.trigger()
    close(qtbot, window)
    state = WindowState(tmp_path / "data" / "window.ini")
    assert state.layout("window").size() > 0
    assert state.layout("panes").size() > 0
    window = open_window(FakeEngine())
    assert window.memory_panel.isVisible()
    qtbot.waitUntil(lambda: window.memory_panel.plots is not None)


def test_every_verb_has_words_and_no_two_share_a_key(open_window: Opener) -> None:
    window = open_window(FakeEngine())
    actions = [
        action
        for menu in window.menuBar().actions()
        for action in menu.menu().actions()
        if not action.isSeparator()
    ]
    assert all(action.text() for action in actions)
    keys = [action.shortcut().toString() for action in actions if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))


def test_no_button_shares_its_key_with_a_menu(open_window: Opener) -> None:
    window = open_window(FakeEngine())
    menus = {action.text().split("&")[1][0].lower() for action in window.menuBar().actions()}
    buttons = {
        one.text().replace("&&", "").split("&")[1][0].lower(): one.text()
        for one in window.findChildren(QPushButton)
        if "&" in one.text().replace("&&", "")
    }
    assert not menus & buttons.keys()


def test_escape_goes_back_to_the_search_from_anywhere(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(FakeEngine())
    window.activateWindow()
    button(window, "Add folder...").setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert isinstance(window.focusWidget(), QLineEdit)
