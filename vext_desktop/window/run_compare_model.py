"""The figures of two runs and their differences, as rows of a table."""

from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from vext_desktop.memory.report_compare_html import run_names
from vext_desktop.memory.run_record_compare import RunComparison
from vext_desktop.window.column_model import ColumnModel
from vext_desktop.window.plain_text import shown_line


class RunComparisonModel(ColumnModel):
    """First the figures, then what else differs: settings, versions, machine, verdicts.

    Args:
        comparison: What is shown.
        parent: The owner.
    """

    def __init__(self, comparison: RunComparison, parent: QObject | None = None) -> None:
        first, second = map(shown_line, run_names(comparison))
        titles = ("", "Figure", first, second, "Difference", "Unit")
        super().__init__(titles, words=(0, 1, 5), parent=parent)
        self._rows = [
            (
                figure.group,
                figure.name,
                figure.show(figure.first),
                figure.show(figure.second),
                figure.difference_text,
                figure.unit,
            )
            for figure in comparison.figures
        ] + [
            (text.group, text.name, text.first, text.second, "differs", "")
            for text in comparison.texts
        ]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many figures there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """What is shown; a group is named once, and said to a screen reader in each row."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        text = shown_line(self._rows[row][column])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._titles[column]}: {text or 'none'}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.side_of(column)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        is_repeated = column == 0 and row > 0 and self._rows[row - 1][0] == text
        return "" if is_repeated else text
