"""The latest runs as a table."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import (
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from vext_desktop.index.records import RunRecord
from vext_desktop.index.run_shelf import ListedRun
from vext_desktop.readings import format_bytes
from vext_desktop.window.column_model import ColumnModel
from vext_desktop.window.plain_text import shown_line, shown_moment, shown_tooltip
from vext_desktop.window.run_figures import RunFigures, end_word, read_figures


class RunColumn(Enum):
    """The columns, from left to right, by their titles."""

    STARTED = "Started"
    KIND = "Kind"
    FOLDERS = "Folders"
    ENDED = "Ended"
    INDEXED = "Indexed"
    UNCHANGED = "Unchanged"
    SET_ASIDE = "Set aside"
    PASSAGES = "Passages"
    RATE = "Passages/s"
    PEAK = "Peak memory"
    VERDICT = "Verdict"


COLUMNS = tuple(RunColumn)
_WORDS = frozenset(
    {RunColumn.STARTED, RunColumn.KIND, RunColumn.FOLDERS, RunColumn.ENDED, RunColumn.VERDICT}
)


class RunsModel(ColumnModel):
    """One row for each run, the newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        words = [place for place, column in enumerate(COLUMNS) if column in _WORDS]
        super().__init__([column.value for column in COLUMNS], words, parent)
        self._runs: list[tuple[ListedRun, RunFigures]] = []
        self._texts: dict[int, dict[RunColumn, str]] = {}

    def show_runs(self, runs: Sequence[ListedRun]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._runs = [(listed, read_figures(listed.run)) for listed in runs]
        self._texts = {}
        self.endResetModel()

    def listed_at(self, row: int) -> ListedRun | None:
        """The run in a row; None where there is none."""
        return self._runs[row][0] if 0 <= row < len(self._runs) else None

    def row_of(self, key: str) -> int | None:
        """The row of the run with this key; None if it is not listed."""
        rows = (row for row, (listed, _) in enumerate(self._runs) if listed.key == key)
        return next(rows, None)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many runs are listed."""
        return 0 if parent.isValid() else len(self._runs)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """What is shown of one run in one column."""
        if not index.isValid():
            return None
        listed, figures = self._runs[index.row()]
        column = COLUMNS[index.column()]
        match int(role):
            case ColumnModel.DISPLAY:
                return self._text_of(index.row(), column)
            case ColumnModel.SIDE:
                return self.side_of(index.column())
            case ColumnModel.SPOKEN:
                return f"{column.value}: {self._text_of(index.row(), column) or 'none'}"
            case ColumnModel.TOOL_TIP:
                return shown_tooltip(_explained(listed.run, figures, column))
        return None

    def _text_of(self, row: int, column: RunColumn) -> str:
        """What stands in a cell; put together once, for the table is painted often."""
        if row not in self._texts:
            self._texts[row] = _shown(*self._runs[row], is_newest=row == 0)
        return self._texts[row][column]


def _shown(listed: ListedRun, figures: RunFigures, *, is_newest: bool) -> dict[RunColumn, str]:
    run = listed.run
    rate, peak = figures.passages_per_second, figures.peak_bytes.get("total")
    return {
        RunColumn.STARTED: shown_moment(run.started_at),
        RunColumn.KIND: _kind(listed),
        RunColumn.FOLDERS: ", ".join(shown_line(root) for root in run.roots),
        RunColumn.ENDED: end_word(run, is_newest=is_newest),
        RunColumn.INDEXED: _number(figures.indexed),
        RunColumn.UNCHANGED: _number(figures.unchanged),
        RunColumn.SET_ASIDE: _number(figures.set_aside),
        RunColumn.PASSAGES: _number(figures.passages),
        RunColumn.RATE: "" if rate is None else QLocale().toString(rate, "f", 1),
        RunColumn.PEAK: "" if peak is None else format_bytes(peak),
        RunColumn.VERDICT: figures.verdict,
    }


def _kind(listed: ListedRun) -> str:
    if not listed.updates:
        return listed.kind.label
    return "Update" if listed.updates == 1 else f"{listed.updates} updates"


def _number(number: int | None) -> str:
    return "" if number is None else QLocale().toString(number)


def _explained(run: RunRecord, figures: RunFigures, column: RunColumn) -> str:
    if column is RunColumn.FOLDERS:
        return "\n".join(run.roots)
    return figures.verdict if column is RunColumn.VERDICT else ""
