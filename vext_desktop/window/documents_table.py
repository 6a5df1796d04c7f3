"""The table of documents: keeps selection and place while the rows beneath it change."""

from collections.abc import Iterator
from itertools import islice

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTableView,
    QWidget,
)

from vext_desktop.index.records import FileRecord
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.documents_model import Column, DocumentsModel
from vext_desktop.window.table_style import ROW_PADDING, colour_header, prepare_table

# A selection larger than this is kept by its rows, not by looking for each of its files.
FOLLOWED_FILES = 200
_WIDTHS = {
    Column.NAME: 210,
    Column.STATE: 124,
    Column.REASON: 240,
    Column.SIZE: 72,
    Column.PASSAGES: 80,
    Column.MODIFIED: 134,
}
# Of what the other columns leave, the rest is the folder's.
_SHARE_OF_REASON = 0.55
_LEAST_REASON, _MOST_REASON = 120, 480
_SELECT_ROWS = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


class DocumentsTable(QTableView):
    """Whole rows of equal height, several of which can be chosen."""

    text_typed = Signal(str)
    """A letter typed while the table has the focus: it is meant for the text filter."""

    def __init__(self, model: DocumentsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = model
        self.setModel(model)
        self.setAccessibleName("Documents")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        prepare_table(self)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self._is_shared_out, self._is_sharing_out = True, False
        self.horizontalHeader().sectionResized.connect(self._on_section_resized)
        self.setItemDelegate(CellDelegate({Column.NAME, Column.FOLDER}, self))
        # Lets the view move what it has painted when it scrolls; it paints its own ground.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.take_colours(parent if parent is not None else self)

    def take_colours(self, source: QWidget) -> None:
        """Follow another widget's palette, with a selection that keeps icons readable."""
        self._files.take_palette(source.palette())
        colour_header(self, source.palette())

    def refresh(self, count: int) -> None:
        """Read the ledger again; what is selected and what is in sight stays so.

        Args:
            count: How many rows there are now.
        """
        bar = self.verticalScrollBar()
        height = self.verticalHeader().defaultSectionSize()
        first, last = bar.value() // height, (bar.value() + self.viewport().height()) // height
        top = self._files.record_at(first)
        current = self._files.record_at(self.currentIndex().row())
        old_row = self.currentIndex().row()
        selected = self._followed()
        self._files.refresh(first, last, count)
        if top is not None and first > 0:
            moved = self._files.find_row(top.file_id, first)
            if moved is not None and moved != first:
                bar.setValue(bar.value() + (moved - first) * height)
        if current is not None:
            self._follow_current(current, old_row)
        if selected is not None:
            self._follow_selection(selected)

    def selected_ranges(self) -> list[tuple[int, int]]:
        """First and last row of each selected stretch, from top to bottom."""
        selection = self.selectionModel().selection()
        return sorted(
            (selection.at(place).top(), selection.at(place).bottom())
            for place in range(selection.size())
        )

    def selected_count(self) -> int:
        """How many files are selected."""
        return sum(last - first + 1 for first, last in self.selected_ranges())

    def selected_records(self) -> Iterator[FileRecord]:
        """The selected files, read as they are asked for."""
        for first, last in self.selected_ranges():
            yield from self._files.records(first, last)

    def some_selected(self, limit: int) -> list[FileRecord]:
        """The first few of the selected files."""
        rows = (row for first, last in self.selected_ranges() for row in range(first, last + 1))
        found = (self._files.record_at(row) for row in islice(rows, limit))
        return [record for record in found if record is not None]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reason and folder share the room, until the user gives a column a width of its own."""
        super().resizeEvent(event)
        if self._is_shared_out:
            header = self.horizontalHeader()
            taken = sum(header.sectionSize(each) for each in _WIDTHS if each != Column.REASON)
            wanted = round((self.viewport().width() - taken) * _SHARE_OF_REASON)
            self._is_sharing_out = True
            self.setColumnWidth(Column.REASON, max(_LEAST_REASON, min(wanted, _MOST_REASON)))
            self._is_sharing_out = False

    @Slot(int)
    def _on_section_resized(self, column: int) -> None:
        # The table is also resized while a button is down: a click on the tab that shows it does.
        is_by_itself = self._is_sharing_out or column == Column.FOLDER
        if not is_by_itself and QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._is_shared_out = False

    def keyboardSearch(self, search: str) -> None:
        """Hand letters on: Qt's own search would read every row there is."""
        self.text_typed.emit(search)

    def _followed(self) -> list[tuple[int, FileRecord]] | None:
        """Row and file of what is selected; None if that is too much to follow."""
        if self.selected_count() > FOLLOWED_FILES:
            return None
        rows = [row for first, last in self.selected_ranges() for row in range(first, last + 1)]
        found = [(row, self._files.record_at(row)) for row in rows]
        return [(row, record) for row, record in found if record is not None]

    def _follow_current(self, record: FileRecord, old_row: int) -> None:
        row = self._files.find_row(record.file_id, old_row)
        if row is not None and row != old_row:
            index = self._files.index(row, self.currentIndex().column())
            keep = QItemSelectionModel.SelectionFlag.NoUpdate
            self.setAutoScroll(False)
            self.selectionModel().setCurrentIndex(index, keep)
            self.setAutoScroll(True)

    def _follow_selection(self, selected: list[tuple[int, FileRecord]]) -> None:
        rows = [self._files.find_row(record.file_id, row) for row, record in selected]
        if rows == [row for row, _ in selected]:
            return
        selection = QItemSelection()
        for row in rows:
            if row is not None:
                index = self._files.index(row, 0)
                selection.select(index, index)
        clear = QItemSelectionModel.SelectionFlag.Clear
        self.selectionModel().select(selection, clear | _SELECT_ROWS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, also where no rows are, and the rows on it."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self.palette().base())
        painter.end()
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Rows follow a larger or smaller font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            height = self.fontMetrics().lineSpacing() + ROW_PADDING
            self.verticalHeader().setDefaultSectionSize(height)
