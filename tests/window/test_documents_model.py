"""The rows behind the list of documents: read page by page, and only where somebody looks."""

from documents_stage import ManyFiles
from pytestqt.qtbot import QtBot

from vext_desktop.index.records import FileBand
from vext_desktop.window.documents_model import KEPT_PAGES, PAGE_ROWS, Column, DocumentsModel


def test_a_hundred_thousand_rows_are_read_only_where_they_are_looked_at() -> None:
    files = ManyFiles(100_000)
    model = DocumentsModel()
    model.show_files(files, FileBand.ALL, files.total)
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
    model.show_files(files, FileBand.ALL, files.total)
    model.data(model.index(0, 0))
    files.pages_read = 0
    model.refresh(0, 20, files.total)
    assert files.pages_read == 1


def test_only_a_page_that_changed_is_painted_again(qtbot: QtBot) -> None:
    files = ManyFiles(1000)
    model = DocumentsModel()
    model.show_files(files, FileBand.ALL, files.total)
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
    model.show_files(files, FileBand.ALL, 300)
    files.total = 310
    with qtbot.waitSignal(model.rowsInserted, timeout=500) as inserted:
        model.refresh(0, 20, 310)
    assert inserted.args[1:] == [300, 309]
    files.total = 20
    with qtbot.waitSignal(model.rowsRemoved, timeout=500) as removed:
        model.refresh(0, 20, 20)
    assert removed.args[1:] == [20, 309]
