"""A ledger with files in every state, and what stands in the panel that lists them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from vext_desktop.index.ledger import DoneFile, Ledger
from vext_desktop.index.records import FileBand, FileRecord
from vext_desktop.outcomes import Outcome
from vext_desktop.window.documents_model import Column
from vext_desktop.window.documents_panel import DocumentsPanel
from vext_desktop.window.documents_table import DocumentsTable
from vext_desktop.window.empty_message import EmptyMessage

if TYPE_CHECKING:
    from vext_desktop.errors import StoreError

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

    def page(self, band: FileBand, offset: int, limit: int, /) -> list[FileRecord]:
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


@contextmanager
def filled_shelf(path: Path) -> Iterator[Shelf]:
    """A ledger of two indexed files, two that wait, and a locked one."""
    shelf = Shelf(path)
    shelf.put("/data/a.txt", "/data/b.txt", "/data/c.txt", "/data/d.txt")
    shelf.index_next()
    shelf.index_next()
    shelf.put("/data/locked.pdf", outcome=Outcome.LOCKED)
    yield shelf
    shelf.ledger.close()


def open_panel(qtbot: QtBot, path: Path) -> DocumentsPanel:
    panel = DocumentsPanel(path)
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    return panel
