"""What can be done with the files that are chosen in the list."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents_stage import Shelf, cell, chip, filled_shelf, open_panel, table_of, verb
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from vext_desktop.index.records import FileBand
from vext_desktop.outcomes import Outcome
from vext_desktop.window.documents_model import Column
from vext_desktop.window.documents_panel import DocumentsPanel
from vext_desktop.window.plain_text import REPLACEMENT


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with filled_shelf(tmp_path / "ledger.sqlite") as shelf:
        yield shelf


@pytest.fixture
def panel(shelf: Shelf, qtbot: QtBot) -> DocumentsPanel:
    return open_panel(qtbot, shelf.path)


def test_verbs_ask_for_the_selected_files(
    panel: DocumentsPanel, shelf: Shelf, qtbot: QtBot
) -> None:
    panel.show()
    with qtbot.waitActive(panel):
        panel.activateWindow()
    table_of(panel).setFocus()
    table_of(panel).selectRow(4)
    with qtbot.waitSignal(panel.retry_requested, timeout=500) as retried:
        verb(panel, "Retry").click()
    with qtbot.waitSignal(panel.ignore_requested, timeout=500) as ignored:
        qtbot.keyClick(table_of(panel), Qt.Key.Key_Delete)
    with qtbot.waitSignal(panel.open_requested, timeout=500) as opened:
        qtbot.keyClick(table_of(panel), Qt.Key.Key_Return)
    with qtbot.waitSignal(panel.show_in_folder_requested, timeout=500) as revealed:
        verb(panel, "Show in folder").click()
    (locked,) = shelf.ledger.files_set_aside()
    assert retried.args == ignored.args == [[locked.file_id]]
    assert opened.args == revealed.args == ["/data/locked.pdf"]


def test_verbs_apply_only_where_they_make_sense(panel: DocumentsPanel) -> None:
    def enabled() -> list[bool]:
        words = ("Open", "Show in folder", "Retry", "Ignore")
        return [verb(panel, word).isEnabled() for word in words]

    assert enabled() == [False, False, False, False]
    table_of(panel).selectRow(0)
    assert enabled() == [True, True, False, True]
    table_of(panel).selectAll()
    assert enabled() == [False, False, True, True]
    assert "5 selected" in [label.text() for label in panel.findChildren(QLabel)]


def test_retry_leaves_out_what_is_well(panel: DocumentsPanel, shelf: Shelf, qtbot: QtBot) -> None:
    table_of(panel).selectAll()
    with qtbot.waitSignal(panel.retry_requested, timeout=500) as heard:
        verb(panel, "Retry").click()
    assert heard.args == [[file.file_id for file in shelf.ledger.files_set_aside()]]


def test_only_a_file_that_takes_too_much_memory_can_be_read_anyway(
    panel: DocumentsPanel, shelf: Shelf, qtbot: QtBot
) -> None:
    (locked,) = shelf.ledger.files_set_aside()
    table_of(panel).selectAll()
    assert not verb(panel, "Read anyway").isEnabled()
    shelf.ledger.set_aside(locked.file_id, Outcome.MEMORY_LIMIT, "Too much.", is_failure=False)
    panel.refresh()
    table_of(panel).selectAll()
    with qtbot.waitSignal(panel.read_anyway_requested, timeout=500) as heard:
        verb(panel, "Read anyway").click()
    assert heard.args == [[locked.file_id]]


def test_an_ignored_file_can_be_taken_back(panel: DocumentsPanel, shelf: Shelf) -> None:
    (locked,) = shelf.ledger.files_set_aside()
    shelf.ledger.ignore([locked.file_id])
    panel.refresh()
    assert not chip(panel, "Ignored").isHidden()
    panel.choose(FileBand.IGNORED)
    table_of(panel).selectRow(0)
    assert verb(panel, "Retry").isEnabled()
    assert not verb(panel, "Ignore").isEnabled()


def test_an_undecodable_path_leaves_as_it_is_and_is_shown_with_a_mark(
    panel: DocumentsPanel, shelf: Shelf, qtbot: QtBot
) -> None:
    shelf.put("/data/0\udcff\u202e<b>.txt")
    panel.refresh()
    assert cell(panel, 0, Column.NAME) == f"0{REPLACEMENT}{REPLACEMENT}<b>.txt"
    table_of(panel).selectRow(0)
    with qtbot.waitSignal(panel.open_requested, timeout=500) as heard:
        verb(panel, "Open").click()
    assert heard.args == ["/data/0\udcff\u202e<b>.txt"]
    model = table_of(panel).model()
    tip = model.data(model.index(0, Column.NAME), Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip
