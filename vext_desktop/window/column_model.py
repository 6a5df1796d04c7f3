"""What the models of all our tables share: titles, and the side on which a column stands."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ColumnModel(QAbstractTableModel):
    """A table with named columns; numbers stand at the right, and so do their titles.

    Args:
        titles: The names of the columns.
        words: Which columns hold words.
        parent: The owner.
    """

    # Qt asks with plain numbers; to look up a member of one of its enumerations takes longer than
    # most answers.
    DISPLAY = int(Qt.ItemDataRole.DisplayRole)
    ICON = int(Qt.ItemDataRole.DecorationRole)
    TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
    FONT = int(Qt.ItemDataRole.FontRole)
    SIDE = int(Qt.ItemDataRole.TextAlignmentRole)
    COLOUR = int(Qt.ItemDataRole.ForegroundRole)
    SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
    DESCRIPTION = int(Qt.ItemDataRole.AccessibleDescriptionRole)

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
        return _LEFT if column in self._words else _RIGHT

    def announce_changes(
        self, before: Sequence[Sequence[str]], after: Sequence[Sequence[str]], left: int = 0
    ) -> None:
        """Tell in one signal where cells differ; views answer each one with work of their own.

        Args:
            before: The texts of each row, as they were.
            after: The same rows as they are now.
            left: The column in which the first text of a row stands.
        """
        places = [
            (row, column)
            for row, (old, new) in enumerate(zip(before, after, strict=True))
            for column, texts in enumerate(zip(old, new, strict=True), start=left)
            if texts[0] != texts[1]
        ]
        if places:
            rows, columns = [row for row, _ in places], [column for _, column in places]
            first = self.index(min(rows), min(columns))
            self.dataChanged.emit(first, self.index(max(rows), max(columns)))
