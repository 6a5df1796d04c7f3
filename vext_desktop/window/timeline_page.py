"""The timeline as a table: everything that happened, for reading, filtering and finding."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.memory.event_marks import MARK_NAMES, EventKind
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.table_style import colour_header, prepare_table
from vext_desktop.window.timeline_model import FILE, KIND_NAMES, SENTENCE, TimelineModel

ROW_PADDING_PX = 4
# Reading a list that moves is no pleasure, and thousands of marks take milliseconds to sort.
REFRESH_S = 2.0
WIDTHS = (90, 170, 64, 220)
CHOICES: dict[str, frozenset[EventKind]] = {
    "All but batches and files": frozenset(MARK_NAMES),
    "Everything": frozenset(EventKind),
    **{name: frozenset({kind}) for kind, name in KIND_NAMES.items()},
}


class TimelinePage(QWidget):
    """A table of marks with a choice of kinds; Enter or a double click finds one on the plots.

    Args:
        history: Where the marks are.
        clock: Monotonic seconds.
    """

    mark_activated = Signal(object)  # EventMark

    def __init__(
        self,
        history: MemoryHistory,
        clock: Callable[[], float] = time.monotonic,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._model = TimelineModel(history, self)
        self._refreshed_s = float("-inf")
        self._kinds = QComboBox()
        self._kinds.addItems(list(CHOICES))
        self._count = QLabel()
        self.table = QTableView()
        self.table.setModel(self._model)
        self._prepare_table()
        title = QLabel("Show")
        title.setBuddy(self._kinds)
        top = QHBoxLayout()
        top.addWidget(title)
        top.addWidget(self._kinds)
        top.addWidget(self._count)
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        self._kinds.activated.connect(self._on_kinds_chosen)
        self.table.activated.connect(self._on_activated)
        self._on_kinds_chosen()

    def choose(self, name: str) -> None:
        """List one of `CHOICES` as if the user had chosen it."""
        self._kinds.setCurrentText(name)
        self._on_kinds_chosen()

    def refresh(self) -> None:
        """Take over new marks, at an easy pace; the current row stays where it is."""
        now_s = self._clock()
        if now_s - self._refreshed_s < REFRESH_S:
            return
        self._refreshed_s = now_s
        current = self._model.mark_at(self.table.currentIndex().row())
        self._model.refresh()
        if current is not None and not self.table.currentIndex().isValid():
            row = self._model.row_of(current)
            if row is not None:
                self.table.selectRow(row)
        self._show_count()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            colour_header(self.table, self.palette())

    def _prepare_table(self) -> None:
        table = self.table
        table.setAccessibleName("Timeline")
        table.setAccessibleDescription("Newest first. Enter shows one on the curves.")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        prepare_table(table)
        table.verticalHeader().setDefaultSectionSize(
            table.fontMetrics().lineSpacing() + ROW_PADDING_PX
        )
        table.setItemDelegate(CellDelegate({FILE}, table))
        columns = table.horizontalHeader()
        for column, width in enumerate(WIDTHS):
            columns.resizeSection(column, width)
        columns.setSectionResizeMode(SENTENCE, QHeaderView.ResizeMode.Stretch)
        colour_header(table, self.palette())

    def _show_count(self) -> None:
        count = self._model.rowCount()
        marks = "1 mark" if count == 1 else f"{count} marks, newest first"
        self._count.setText(marks if count else "Nothing of this kind has happened.")

    @Slot()
    def _on_kinds_chosen(self) -> None:
        self._model.choose(CHOICES[self._kinds.currentText()])
        self._show_count()

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        mark = self._model.mark_at(index.row())
        if mark is not None:
            self.mark_activated.emit(mark)
