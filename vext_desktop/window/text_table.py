"""A small table of finished text: reports, which are shown once and then read."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from vext_desktop.window.cell_delegate import PADDING, CellDelegate
from vext_desktop.window.column_model import ColumnModel, Index
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.table_style import colour_header, prepare_table

WIDE_NUMBER = "+0000.0 MB"


class TextTableModel(ColumnModel):
    """Rows of text under fixed columns; all but the first column are numbers.

    Args:
        columns: Their names.
        parent: The owner.
    """

    def __init__(self, columns: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(columns, parent=parent)
        self._rows: list[tuple[str, ...]] = []
        self._tips: list[str] = []

    def show_rows(self, rows: Sequence[tuple[str, ...]], tips: Sequence[str] = ()) -> None:
        """Replace what is shown; `tips` say more of a row, where there is more to say."""
        self.beginResetModel()
        self._rows, self._tips = list(rows), list(tips)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, its side, and for a screen reader its row and column."""
        row, text = self._rows[index.row()], self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_line(text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            column = self._titles[index.column()]
            return text if not index.column() else f"{row[0]}, {column}: {text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips[index.row()] if self._tips else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.side_of(index.column())
        return None


class TextTable(QTableView):
    """The table itself.

    Args:
        columns: Their names.
        name: For screen readers.
        parent: The owner.
    """

    def __init__(self, columns: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TextTableModel(columns, self)
        self.setModel(self._model)
        self.setAccessibleName(name)
        prepare_table(self)
        self.setItemDelegate(CellDelegate((0,), self))
        colour_header(self, self.palette())
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        # Columns that fit their contents lose a pixel to the grid that is not there.
        widest = self.fontMetrics().horizontalAdvance(WIDE_NUMBER) + 2 * PADDING
        header.setMinimumSectionSize(widest)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def show_rows(self, rows: Sequence[tuple[str, ...]], tips: Sequence[str] = ()) -> None:
        """Replace what is shown."""
        self._model.show_rows(rows, tips)

    def texts(self) -> list[tuple[str, ...]]:
        """What is shown, row by row."""
        model = self._model
        return [
            tuple(str(model.index(row, column).data()) for column in range(model.columnCount()))
            for row in range(model.rowCount())
        ]

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            colour_header(self, self.palette())
