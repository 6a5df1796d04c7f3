"""What stands where documents would, while the index is not open."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener, opened_windows

from vext_desktop.errors import DiskFullError, StoreError, VextError
from vext_desktop.index.ledger import Ledger
from vext_desktop.paths import Paths
from vext_desktop.window.main_window import MainWindow

INVITATIONS = ("Drop a folder", "No documents yet", "Nothing indexed yet")


class SlowEngine(FakeEngine):
    """Takes its time until it may open."""

    def __init__(self) -> None:
        super().__init__()
        self.may_open = threading.Event()

    def open(self, *, read_only: bool = False) -> None:
        self.may_open.wait(10)
        super().open(read_only=read_only)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A data folder with an index that was opened before: no first page stands in the way."""
    found = Paths(tmp_path / "data")
    found.create()
    Ledger(found.ledger).close()
    return found


@pytest.fixture
def open_window(qtbot: QtBot, paths: Paths) -> Iterator[Opener]:
    with opened_windows(qtbot, paths) as opener:
        yield opener


def visible_words(widget: QWidget) -> str:
    labels = [one for one in widget.findChildren(QLabel) if one.isVisible()]
    return " ".join(one.text() for one in labels)


def all_words(window: MainWindow) -> dict[str, str]:
    """What the library, the results and the documents say."""
    panes, said = window.panes, {}
    for name, panel in (("results", panes.results), ("documents", panes.documents)):
        panes.tabs.setCurrentWidget(panel)
        said[name] = visible_words(panel)
    return {**said, "library": visible_words(panes.library)}


def refused(error: VextError) -> FakeEngine:
    engine = FakeEngine()
    engine.open_error = error
    return engine


def test_while_the_index_is_being_opened_library_and_results_say_so_and_then_invite(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = SlowEngine()
    window = open_window(engine, wait=False)
    try:
        said = all_words(window)
        for place in ("library", "results"):
            assert "Your index is being opened" in said[place]
            assert not any(words in said[place] for words in INVITATIONS)
        window.panes.search.set_query("x")
        window.panes.search.set_query("")
        assert "Your index is being opened" in all_words(window)["results"]
    finally:
        engine.may_open.set()
    qtbot.waitUntil(lambda: window.welcome_flow.is_shown)  # nothing is in this library
    window.welcome_flow.leave()
    said = all_words(window)
    assert "Drop a folder here" in said["library"]
    assert "Drop a folder anywhere" in said["results"]


def test_an_index_that_cannot_be_opened_is_named_with_what_to_do_in_place_of_an_invitation(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    paths.ledger.unlink()  # the first page would stand here, and invite
    error = StoreError("The list of your files is damaged.", "Repair it with the button above.")
    window = open_window(refused(error), wait=False)
    qtbot.waitUntil(lambda: bool(window.panes.banners.notices))
    assert not window.welcome_flow.is_shown
    said = all_words(window)
    for place in ("results", "documents"):
        assert error.message in said[place]
        assert error.hint in said[place]
    assert "The index is not open" in said["library"]
    assert not any(invitation in " ".join(said.values()) for invitation in INVITATIONS)
    buttons = window.panes.library.findChildren(QPushButton)
    assert not any(one.isVisible() for one in buttons)


def test_a_full_disk_at_the_start_is_told_where_the_opening_was(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(refused(DiskFullError("The disk is full.", "Make room.")), wait=False)
    qtbot.waitUntil(lambda: "The disk is full." in all_words(window)["results"])
    assert "not open" in visible_words(window.panes.progress)


def test_a_trouble_of_the_model_at_the_start_does_not_shut_the_index(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = SlowEngine()
    window = open_window(engine, wait=False)
    engine.may_open.set()
    qtbot.waitUntil(lambda: "open" in engine.calls)
    qtbot.waitUntil(window.menus.look_again.isEnabled)
    window.engine_thread.worker.failed.emit(VextError("The model is missing."))
    assert "The model is missing." not in all_words(window)["results"]
    assert "not open" not in visible_words(window.panes.progress)
