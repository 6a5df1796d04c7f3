"""Files and folders dragged onto the window."""

import os
from pathlib import Path

import pytest
from dragging import drag_over, drop_on, leave, mime_of
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, shown_words


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
