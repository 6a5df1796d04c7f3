"""All marks of a history as a table, newest first."""

from collections.abc import Collection
from heapq import merge

from PySide6.QtCore import QModelIndex, QObject, Qt

from vext_desktop.memory.event_marks import (
    MARK_NAMES,
    EventKind,
    EventMark,
    describe_file,
    describe_moment,
)
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.column_model import ColumnModel, Index
from vext_desktop.window.plain_text import shown_line, shown_tooltip
from vext_desktop.window.plot_colours import TICK_NAMES

COLUMNS = ("Time", "What", "Batch", "File", "What happened")
TIME, KIND, BATCH, FILE, SENTENCE = range(len(COLUMNS))
KIND_NAMES = {
    **{kind: name.capitalize() for kind, name in MARK_NAMES.items()},
    **{kind: name.capitalize() for kind, name in TICK_NAMES.items()},
    EventKind.BATCH: "Batch",
    EventKind.FILE_START: "File begun",
}


class TimelineModel(ColumnModel):
    """One row for each mark of the chosen kinds.

    Args:
        history: Where the marks are; it may grow, and thin its old ones out.
        parent: The owner.
    """

    def __init__(self, history: MemoryHistory, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, words=(TIME, KIND, FILE, SENTENCE), parent=parent)
        self._history = history
        self._kinds: frozenset[EventKind] = frozenset(EventKind)
        self._marks: list[EventMark] = []

    def choose(self, kinds: Collection[EventKind]) -> None:
        """List marks of these kinds only."""
        self._kinds = frozenset(kinds)
        self._replace(self._collected())

    def refresh(self) -> None:
        """Take over what has come since: new marks are put on top, so that no row moves away."""
        marks = self._collected()
        new = len(marks) - len(self._marks)
        if marks == self._marks:
            return
        if new > 0 and self._marks and marks[new:] == self._marks:
            self.beginInsertRows(QModelIndex(), 0, new - 1)
            self._marks = marks
            self.endInsertRows()
        else:
            self._replace(marks)

    def mark_at(self, row: int) -> EventMark | None:
        """The mark of a row; None where there is none."""
        return self._marks[row] if 0 <= row < len(self._marks) else None

    def row_of(self, mark: EventMark) -> int | None:
        """The row of a mark; None if it is not listed."""
        rows = (row for row, listed in enumerate(self._marks) if listed == mark)
        return next(rows, None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many marks are listed."""
        return 0 if parent.isValid() else len(self._marks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What is shown and said of one mark."""
        mark, column = self._marks[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.side_of(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown_tooltip(mark.path if column == FILE else mark.sentence)
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_line(self._text(mark, column))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{COLUMNS[column]}: {shown_line(self._text(mark, column)) or 'none'}"
        return None

    def _text(self, mark: EventMark, column: int) -> str:
        match column:
            case 0:
                return describe_moment(self._history.time_of(mark))
            case 1:
                return KIND_NAMES[mark.kind]
            case 2:
                return str(mark.batch) if mark.batch else ""
            case 3:
                return describe_file(mark.path) if mark.path else ""
        return mark.sentence

    def _collected(self) -> list[EventMark]:
        tracks = [reversed(self._history.marks(kind)) for kind in EventKind if kind in self._kinds]
        return list(merge(*tracks, key=_minus_moment))

    def _replace(self, marks: list[EventMark]) -> None:
        self.beginResetModel()
        self._marks = marks
        self.endResetModel()


def _minus_moment(mark: EventMark) -> float:
    return -mark.at_s
