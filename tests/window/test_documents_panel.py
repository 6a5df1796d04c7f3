from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger import DoneFile, Ledger
from vext_desktop.index.records import FileBand, FileRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.window.documents_model import KEPT_PAGES, PAGE_ROWS, Column, DocumentsModel
from vext_desktop.window.documents_panel import DocumentsPanel
from vext_desktop.window.documents_table import DocumentsTable
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.plain_text import REPLACEMENT
from vext_desktop.window.state_icons import state_icon_name, state_word

MTIME_NS = 1_700_000_000_000_000_000


@dataclass(frozen=True)
class Met:
    """A file as a scan meets it."""

    path: str
    size_bytes: int = 1_500_000
    mtime_ns: int = MTIME_NS
    outcome: Outcome | None = None
    reason: str = ""


class Shelf:
    """A ledger with files in every state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ledger = Ledger(path)
        self.ledger.add_roots(["/data"])
        self.run_id = self.ledger.begin_run(["/data"])

    def put(self, *paths: str, outcome: Outcome | None = None, reason: str = "") -> None:
        met = [Met(path, outcome=outcome, reason=reason) for path in paths]
        self.ledger.note_found(met, self.run_id, "key")

    def index_next(self, chunks: int = 7) -> FileRecord:
        file = self.ledger.next_waiting(self.run_id)
        assert file is not None
        generation = self.ledger.begin_file(file.file_id, "hash")
        self.ledger.finish_files(
            [DoneFile(file.file_id, generation, chunks, file.size_bytes, file.mtime_ns, "key")]
        )
        return file


class ManyFiles:
    """A list of as many files as wanted, which counts how often it is read."""

    def __init__(self, count: int) -> None:
        self.total = count
        self.chunks = 2
        self.pages_read = 0
        self.trouble: StoreError | None = None

    def page(self, band: FileBand, text: str, offset: int, limit: int, /) -> list[FileRecord]:
        self.pages_read += 1
        if self.trouble is not None:
            raise self.trouble
        return [self._record(number) for number in range(offset, min(offset + limit, self.total))]

    def _record(self, number: int) -> FileRecord:
        return FileRecord(
            file_id=number, path=f"/data/{number:06}.txt", size_bytes=10, mtime_ns=MTIME_NS,
            content_hash="", state=Outcome.INDEXED, reason="", generation=1, chunks=self.chunks,
            indexed_at=1.0, index_key="key",
        )  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "ledger.sqlite")
    shelf.put("/data/a.txt", "/data/b.txt", "/data/c.txt", "/data/d.txt")
    shelf.index_next()
    shelf.index_next()
    shelf.put("/data/locked.pdf", outcome=Outcome.LOCKED)
    yield shelf
    shelf.ledger.close()


@pytest.fixture
def open_panel(qtbot: QtBot) -> Callable[[Path], DocumentsPanel]:
    def open_one(path: Path) -> DocumentsPanel:
        panel = DocumentsPanel(path)
        qtbot.addWidget(panel)
        panel.resize(900, 400)
        return panel

    return open_one


@pytest.fixture
def panel(shelf: Shelf, open_panel: Callable[[Path], DocumentsPanel]) -> DocumentsPanel:
    return open_panel(shelf.path)


def table_of(panel: DocumentsPanel) -> DocumentsTable:
    table = panel.findChildren(QTableView)[0]
    assert isinstance(table, DocumentsTable)
    return table


def cell(panel: DocumentsPanel, row: int, column: Column) -> str:
    model = table_of(panel).model()
    return str(model.data(model.index(row, column)))


def names(panel: DocumentsPanel) -> list[str]:
    return [cell(panel, row, Column.NAME) for row in range(table_of(panel).model().rowCount())]


def chip(panel: DocumentsPanel, word: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text().startswith(word))


def verb(panel: DocumentsPanel, words: str) -> QToolButton:
    return next(b for b in panel.findChildren(QToolButton) if b.text() == words)


def message_of(panel: DocumentsPanel) -> str:
    message = panel.findChildren(EmptyMessage)[0]
    return message.text() if not message.isHidden() else ""


def selected_names(panel: DocumentsPanel) -> list[str]:
    return [Path(record.path).name for record in table_of(panel).selected_records()]


def test_every_file_is_listed_with_its_state_and_reason(panel: DocumentsPanel) -> None:
    assert names(panel) == ["a.txt", "b.txt", "c.txt", "d.txt", "locked.pdf"]
    assert cell(panel, 0, Column.STATE) == "Indexed"
    assert cell(panel, 0, Column.PASSAGES) == "7"
    assert cell(panel, 0, Column.REASON) == ""
    assert cell(panel, 0, Column.SIZE) == "2 MB"
    assert cell(panel, 0, Column.FOLDER) == "/data"
    assert cell(panel, 4, Column.STATE) == "Locked"
    assert cell(panel, 4, Column.REASON) == Outcome.LOCKED.sentence


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
    qtbot.waitUntil(lambda: names(panel) == ["locked.pdf"], timeout=3000)
    box.setText("<b>%_zebra")
    qtbot.waitUntil(lambda: "<b>%_zebra" in message_of(panel), timeout=3000)


def test_a_letter_typed_on_the_table_goes_to_the_filter(
    panel: DocumentsPanel, qtbot: QtBot
) -> None:
    qtbot.keyClick(table_of(panel), Qt.Key.Key_L)
    assert panel.findChildren(QLineEdit)[0].text() == "l"


def test_without_a_ledger_the_panel_says_how_to_begin(
    tmp_path: Path, open_panel: Callable[[Path], DocumentsPanel]
) -> None:
    path = tmp_path / "later.sqlite"
    panel = open_panel(path)
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


def test_a_damaged_ledger_is_a_sentence(
    tmp_path: Path, open_panel: Callable[[Path], DocumentsPanel]
) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but as long as one would be" * 40)
    panel = open_panel(path)
    assert "damaged" in message_of(panel)


def test_a_page_that_cannot_be_read_becomes_a_message(panel: DocumentsPanel, qtbot: QtBot) -> None:
    files = ManyFiles(10)
    model = table_of(panel).model()
    assert isinstance(model, DocumentsModel)
    model.show_files(files, FileBand.ALL, "", 10)
    files.trouble = StoreError("The ledger is gone.", "Start again.")
    assert model.data(model.index(0, 0)) is None
    qtbot.waitUntil(lambda: message_of(panel) == "The ledger is gone.\nStart again.")


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


def test_a_refresh_keeps_the_selected_files(panel: DocumentsPanel, shelf: Shelf) -> None:
    table = table_of(panel)
    table.selectRow(1)
    add = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().select(table.model().index(3, 0), add)
    shelf.put("/data/0.txt", "/data/a2.txt")
    panel.refresh()
    assert selected_names(panel) == ["b.txt", "d.txt"]
    assert cell(panel, table.currentIndex().row(), Column.NAME) == "b.txt"


def test_a_refresh_keeps_what_is_in_sight(
    shelf: Shelf, open_panel: Callable[[Path], DocumentsPanel]
) -> None:
    shelf.put(*(f"/data/m{number:04}.txt" for number in range(600)))
    panel = open_panel(shelf.path)
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


def test_a_hundred_thousand_rows_are_read_only_where_they_are_looked_at() -> None:
    files = ManyFiles(100_000)
    model = DocumentsModel()
    model.show_files(files, FileBand.ALL, "", files.total)
    assert model.rowCount() == 100_000
    assert files.pages_read == 0
    for row in range(50_000, 50_000 + PAGE_ROWS // 2):
        assert model.data(model.index(row, Column.NAME)) == f"{row:06}.txt"
    assert files.pages_read <= 2
    for page in range(3 * KEPT_PAGES):
        model.data(model.index(page * PAGE_ROWS, Column.NAME))
    assert len(model._pages) == KEPT_PAGES


def test_a_refresh_reads_only_the_visible_page() -> None:
    files = ManyFiles(100_000)
    model = DocumentsModel()
    model.show_files(files, FileBand.ALL, "", files.total)
    model.data(model.index(0, 0))
    files.pages_read = 0
    model.refresh(0, 20, files.total)
    assert files.pages_read == 1


def test_only_a_page_that_changed_is_painted_again(qtbot: QtBot) -> None:
    files = ManyFiles(1000)
    model = DocumentsModel()
    model.show_files(files, FileBand.ALL, "", files.total)
    model.data(model.index(0, 0))
    with qtbot.assertNotEmitted(model.dataChanged):
        model.refresh(0, 20, files.total)
    files.chunks = 3
    with qtbot.waitSignal(model.dataChanged, timeout=500) as changed:
        model.refresh(0, 20, files.total)
    assert [index.row() for index in changed.args[:2]] == [0, PAGE_ROWS - 1]
    assert model.data(model.index(0, Column.PASSAGES)) == "3"


def test_rows_come_and_go_at_the_end(qtbot: QtBot) -> None:
    files = ManyFiles(300)
    model = DocumentsModel()
    model.show_files(files, FileBand.ALL, "", 300)
    files.total = 310
    with qtbot.waitSignal(model.rowsInserted, timeout=500) as inserted:
        model.refresh(0, 20, 310)
    assert inserted.args[1:] == [300, 309]
    files.total = 20
    with qtbot.waitSignal(model.rowsRemoved, timeout=500) as removed:
        model.refresh(0, 20, 20)
    assert removed.args[1:] == [20, 309]


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
