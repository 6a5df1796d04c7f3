"""What lies in the library, listed: every state in a word, and what is in sight stays there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from documents_stage import (
    ManyFiles,
    Shelf,
    cell,
    chip,
    filled_shelf,
    message_of,
    names,
    open_panel,
    selected_names,
    table_of,
)
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from vext_desktop.errors import StoreError
from vext_desktop.index.records import FileBand
from vext_desktop.outcomes import Outcome
from vext_desktop.window.documents_model import Column, DocumentsModel
from vext_desktop.window.documents_panel import DocumentsPanel
from vext_desktop.window.state_icons import state_icon_name, state_word


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with filled_shelf(tmp_path / "ledger.sqlite") as shelf:
        yield shelf


@pytest.fixture
def panel(shelf: Shelf, qtbot: QtBot) -> DocumentsPanel:
    return open_panel(qtbot, shelf.path)


def test_every_file_is_listed_with_its_state_and_reason(panel: DocumentsPanel) -> None:
    assert names(panel) == ["a.txt", "b.txt", "c.txt", "d.txt", "locked.pdf"]
    assert cell(panel, 0, Column.STATE) == "Indexed"
    assert cell(panel, 0, Column.PASSAGES) == "7"
    assert cell(panel, 0, Column.REASON) == ""
    assert cell(panel, 0, Column.SIZE) == "2 MB"
    assert cell(panel, 0, Column.FOLDER) == "/data"
    assert cell(panel, 4, Column.STATE) == "Locked"
    assert cell(panel, 4, Column.REASON) == Outcome.LOCKED.sentence


def test_reasons_get_the_room_of_a_window_that_a_click_on_the_tab_has_shown(
    panel: DocumentsPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    panel.resize(700, 400)
    qtbot.wait(1)
    monkeypatch.undo()
    panel.resize(1400, 400)
    qtbot.waitUntil(lambda: table_of(panel).columnWidth(Column.REASON) > 300)
    assert table_of(panel).columnWidth(Column.FOLDER) > 200


def test_a_state_is_told_in_a_word_and_by_the_shape_of_its_icon(panel: DocumentsPanel) -> None:
    model = table_of(panel).model()
    icon = model.data(model.index(0, Column.STATE), Qt.ItemDataRole.DecorationRole)
    assert isinstance(icon, QIcon)
    assert not icon.isNull()
    assert all(state_word(state) for state in Outcome)
    groups = {
        state_icon_name(state)
        for state in (
            Outcome.INDEXED, Outcome.WAITING, Outcome.LOCKED, Outcome.OFFLINE, Outcome.IGNORED,
        )
    }  # fmt: skip
    assert len(groups) == 5


def test_chips_count_and_choose_a_band(panel: DocumentsPanel, qtbot: QtBot) -> None:
    texts = [chip(panel, word).text() for word in ("All", "Indexed", "Waiting", "Set aside")]
    assert texts == ["All  5", "Indexed  2", "Waiting  2", "Set aside  1"]
    chip(panel, "Set aside").click()
    assert names(panel) == ["locked.pdf"]
    chip(panel, "Waiting").click()
    assert names(panel) == ["c.txt", "d.txt"]
    assert chip(panel, "Ignored").isHidden()


def test_a_text_narrows_the_list(panel: DocumentsPanel, qtbot: QtBot) -> None:
    box = panel.findChildren(QLineEdit)[0]
    qtbot.keyClicks(box, "LOCK")
    qtbot.waitUntil(lambda: names(panel) == ["locked.pdf"], timeout=20_000)
    box.setText("<b>%_zebra")
    qtbot.waitUntil(lambda: "<b>%_zebra" in message_of(panel), timeout=20_000)


def test_a_narrowed_list_follows_what_comes_and_keeps_its_selection(
    panel: DocumentsPanel, shelf: Shelf, qtbot: QtBot
) -> None:
    box = panel.findChildren(QLineEdit)[0]
    box.setText("D.TXT")
    qtbot.waitUntil(lambda: names(panel) == ["d.txt"], timeout=20_000)
    table_of(panel).selectRow(0)
    shelf.put("/data/ad.txt", "/data/nothing.pdf")
    panel.refresh()
    qtbot.waitUntil(lambda: names(panel) == ["ad.txt", "d.txt"], timeout=20_000)
    qtbot.waitUntil(lambda: panel._finder._job is None, timeout=20_000)
    assert selected_names(panel) == ["d.txt"]
    box.clear()
    qtbot.waitUntil(lambda: "nothing.pdf" in names(panel), timeout=20_000)


def test_only_paths_that_are_still_asked_for_are_shown(panel: DocumentsPanel, qtbot: QtBot) -> None:
    box = panel.findChildren(QLineEdit)[0]
    box.setText("locked")
    panel._on_filter_changed()
    box.setText("d.txt")
    panel._on_filter_changed()
    qtbot.waitUntil(lambda: names(panel) == ["d.txt"], timeout=20_000)
    box.setText("locked")
    panel._on_filter_changed()
    box.clear()
    panel._on_filter_changed()
    everything = names(panel)
    qtbot.waitUntil(lambda: panel._finder._job is None, timeout=20_000)
    assert names(panel) == everything
    assert len(everything) > 1


def test_the_ledger_is_read_again_when_somebody_looks(panel: DocumentsPanel, shelf: Shelf) -> None:
    panel.hide()
    shelf.put("/data/0.txt")
    panel.refresh()
    assert "0.txt" not in names(panel)
    panel.show()
    assert "0.txt" in names(panel)


def test_a_letter_typed_on_the_table_goes_to_the_filter(
    panel: DocumentsPanel, qtbot: QtBot
) -> None:
    qtbot.keyClick(table_of(panel), Qt.Key.Key_L)
    assert panel.findChildren(QLineEdit)[0].text() == "l"


def test_without_a_ledger_the_panel_says_how_to_begin(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "later.sqlite"
    panel = open_panel(qtbot, path)
    assert message_of(panel).startswith("No documents yet.")
    assert not path.exists()
    shelf = Shelf(path)
    shelf.put("/data/a.txt")
    panel.refresh()
    shelf.ledger.close()
    assert names(panel) == ["a.txt"]
    assert message_of(panel) == ""


def test_an_empty_band_says_so(panel: DocumentsPanel) -> None:
    panel.choose(FileBand.OFFLINE)
    assert message_of(panel) == "No file is offline."


def test_a_damaged_ledger_is_a_sentence(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but as long as one would be" * 40)
    panel = open_panel(qtbot, path)
    assert "damaged" in message_of(panel)


def test_a_page_that_cannot_be_read_becomes_a_message(panel: DocumentsPanel, qtbot: QtBot) -> None:
    files = ManyFiles(10)
    model = table_of(panel).model()
    assert isinstance(model, DocumentsModel)
    model.show_files(files, FileBand.ALL, 10)
    files.trouble = StoreError("The ledger is gone.", "Start again.")
    assert model.data(model.index(0, 0)) is None
    qtbot.waitUntil(lambda: message_of(panel) == "The ledger is gone.\nStart again.")


def test_a_refresh_keeps_the_selected_files(panel: DocumentsPanel, shelf: Shelf) -> None:
    table = table_of(panel)
    table.selectRow(1)
    add = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().select(table.model().index(3, 0), add)
    shelf.put("/data/0.txt", "/data/a2.txt")
    panel.refresh()
    assert selected_names(panel) == ["b.txt", "d.txt"]
    assert cell(panel, table.currentIndex().row(), Column.NAME) == "b.txt"


def test_a_refresh_keeps_what_is_in_sight(shelf: Shelf, qtbot: QtBot) -> None:
    shelf.put(*(f"/data/m{number:04}.txt" for number in range(600)))
    panel = open_panel(qtbot, shelf.path)
    panel.show()
    table = table_of(panel)
    height = table.verticalHeader().defaultSectionSize()
    table.verticalScrollBar().setValue(300 * height + 5)
    before = cell(panel, table.rowAt(0), Column.NAME)
    shelf.put(*(f"/data/b{number}.txt" for number in range(10)))
    panel.refresh()
    assert cell(panel, table.rowAt(0), Column.NAME) == before
    assert table.verticalScrollBar().value() == 310 * height + 5


def test_a_file_that_leaves_the_band_leaves_the_selection(
    panel: DocumentsPanel, shelf: Shelf
) -> None:
    panel.choose(FileBand.WAITING)
    table_of(panel).selectAll()
    shelf.index_next()
    panel.refresh()
    assert names(panel) == ["d.txt"]
    assert selected_names(panel) == ["d.txt"]


def test_a_changed_state_is_seen_after_a_refresh(panel: DocumentsPanel, shelf: Shelf) -> None:
    assert cell(panel, 2, Column.STATE) == "Waiting"
    shelf.index_next()
    panel.refresh()
    assert cell(panel, 2, Column.STATE) == "Indexed"
    assert chip(panel, "Indexed").text() == "Indexed  3"


def test_a_closed_panel_opens_the_ledger_no_more(panel: DocumentsPanel) -> None:
    panel.close()
    panel.refresh()
    assert names(panel) == []


def test_a_screen_reader_hears_what_each_cell_is(panel: DocumentsPanel) -> None:
    model = table_of(panel).model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(4, Column.STATE), role) == "State: Locked"
    assert model.data(model.index(0, Column.REASON), role) == "Reason: none"
    assert table_of(panel).accessibleName() == "Documents"
    assert chip(panel, "Set aside").accessibleName() == "Set aside, 1 files"
