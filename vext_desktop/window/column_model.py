"""What the models of all our tables share: titles, and the side on which a column stands."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
_CENTRE = Qt.AlignmentFlag.AlignVCenter


class ColumnModel(QAbstractTableModel):
    """A table with named columns; numbers stand at the right, and so do their titles.

    Args:
        titles: The names of the columns.
        words: Which columns hold words.
        parent: The owner.
    """

    def __init__(
        self, titles: Sequence[str], words: Collection[int] = (0,), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self._words = frozenset(words)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The titles of the columns, each on the side of its column."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return self.side_of(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def side_of(self, column: int) -> Qt.AlignmentFlag:
        """How the cells of a column are aligned."""
        if column in self._words:
            return Qt.AlignmentFlag.AlignLeft | _CENTRE
        return Qt.AlignmentFlag.AlignRight | _CENTRE
