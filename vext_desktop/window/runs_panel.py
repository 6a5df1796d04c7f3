"""The runs so far: what each came to, what it set aside, and how well the window kept up."""

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.errors import StoreError
from vext_desktop.index.ledger_view import LedgerView
from vext_desktop.index.records import RunRecord
from vext_desktop.index.run_shelf import RunShelf
from vext_desktop.readings import format_seconds
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.run_figures import describe_listed_run
from vext_desktop.window.run_verbs import RunVerbs
from vext_desktop.window.runs_model import COLUMNS, RunColumn, RunsModel
from vext_desktop.window.table_style import colour_header, prepare_table

LISTED_RUNS = 50
# Reading 20 headings takes about 10 ms.
HEADINGS_AT_ONCE = 20
NO_RUNS = "No run yet.\nWhen folders are indexed, each run is listed here with its figures."
_STALLS_IN_FULL = (
    "How late the window's own clock came since the window was opened: its 99th percentile, "
    "and its longest stall"
)
# Below this height, table and details one above the other show a few lines each.
ROOM_FOR_BOTH_PX = 380
_TABLE_SHARE_ABOVE, _TABLE_SHARE_BESIDE = 0.4, 0.6
_WIDTHS = {
    RunColumn.STARTED: 126,
    RunColumn.KIND: 96,
    RunColumn.FOLDERS: 170,
    RunColumn.ENDED: 92,
    RunColumn.INDEXED: 72,
    RunColumn.UNCHANGED: 88,
    RunColumn.SET_ASIDE: 76,
    RunColumn.PASSAGES: 84,
    RunColumn.RATE: 90,
    RunColumn.PEAK: 108,
}


class RunsPanel(QWidget):
    """A table of the latest runs above the details of the chosen one.

    Args:
        ledger_path: The ledger's file; need not exist yet.
        records: The folder with the records of runs; need not exist yet.
        parent: The owning widget.
    """

    def __init__(self, ledger_path: Path, records: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger_path = ledger_path
        self._view: LedgerView | None = None
        self._model = RunsModel(self)
        self._is_closed = False
        self._shown: object = None
        self._shelf = RunShelf(records)
        self._more_timer = QTimer(self)
        self._more_timer.setSingleShot(True)
        self._more_timer.timeout.connect(self.refresh)
        self._table = self._create_table()
        self._detail = _create_detail()
        self.verbs = RunVerbs(self._table, self._model)
        self._state = QLabel()
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._state.setWordWrap(True)
        self.verbs.told.connect(self._state.setText)
        self._parts = QSplitter(Qt.Orientation.Vertical)
        self._parts.addWidget(self._table)
        self._parts.addWidget(self._detail)
        self._parts.setStretchFactor(0, 2)
        self._parts.setStretchFactor(1, 3)
        self._parts.setChildrenCollapsible(False)
        self._message = EmptyMessage("play", NO_RUNS)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._create_page(self._parts))
        self._stalls = QLabel("How quickly this window answers is not measured yet.")
        self._stalls.setTextFormat(Qt.TextFormat.PlainText)
        self._stalls.setWordWrap(True)
        self._stalls.setToolTip(_STALLS_IN_FULL)
        self._stalls.setContentsMargins(12, 6, 12, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._stalls)
        self.refresh()

    def focus_table(self) -> None:
        """Put the keyboard focus on the table.

        No focus proxy does that: within a tab, Qt's Tab key would skip all that stands before it,
        and would not come out where it is hidden.
        """
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """List the runs anew if one began or ended since; the chosen one stays chosen."""
        if self._is_closed:
            return
        try:
            if self._view is None and self._ledger_path.exists():
                self._view = LedgerView(self._ledger_path)
            if self._shelf.refresh(HEADINGS_AT_ONCE):
                self._more_timer.start(0)
            newest = [(run.run_id, run.ended_at) for run in self._runs(1)]
            state = (newest, self._shelf.state)
            if state != self._shown:
                self._shown = state
                self._list_runs()
        except StoreError as error:
            self._close_view()
            self._message.show_text(f"{error.message}\n{error.hint}")
            self._stack.setCurrentWidget(self._message)

    def show_stalls(self, longest_s: float, p99_s: float) -> None:
        """Say for how long the window could not answer: its longest stall and the usual worst."""
        self._stalls.setText(
            "How quickly this window answers: 99 of 100 waits were no longer than "
            f"{format_seconds(p99_s)}, the longest took {format_seconds(longest_s)}."
        )

    def close(self) -> bool:
        """Close the ledger too."""
        self._is_closed = True
        self._more_timer.stop()
        self.verbs.close()
        self._close_view()
        return super().close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height, the details stand beside the table."""
        super().resizeEvent(event)
        is_low = self.height() < ROOM_FOR_BOTH_PX
        wanted = Qt.Orientation.Horizontal if is_low else Qt.Orientation.Vertical
        if self._parts.orientation() is not wanted:
            self._parts.setOrientation(wanted)
            room = self.width() if is_low else self.height()
            share = _TABLE_SHARE_BESIDE if is_low else _TABLE_SHARE_ABOVE
            self._parts.setSizes([round(room * share), round(room * (1 - share))])

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            colour_header(self._table, self.palette())

    def _runs(self, most: int) -> list[RunRecord]:
        return [] if self._view is None else self._view.runs(most)

    def _list_runs(self) -> None:
        runs = self._shelf.list(self._runs(LISTED_RUNS), LISTED_RUNS)
        if not runs:
            return
        chosen = self._model.listed_at(self._table.currentIndex().row())
        was_newest = self._table.currentIndex().row() <= 0
        self._model.show_runs(runs)
        # Whoever looks at the newest run goes on looking at the newest.
        kept = self._model.row_of(chosen.key) if chosen and not was_newest else 0
        self._table.setCurrentIndex(self._model.index(kept or 0, 0))
        self._stack.setCurrentIndex(1)

    def _on_current_changed(self) -> None:
        row = self._table.currentIndex().row()
        listed = self._model.listed_at(row)
        if listed is not None:
            self._detail.setPlainText(describe_listed_run(listed, is_newest=row == 0))

    def _create_page(self, parts: QSplitter) -> QWidget:
        """Table and details, with the buttons below."""
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 8, 12, 4)
        for action in self.verbs.actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            buttons.addWidget(button)
        buttons.addWidget(self._state, 1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(parts, 1)
        column.addLayout(buttons)
        return page

    def _close_view(self) -> None:
        self._shown = None
        if self._view is not None:
            self._view.close()
            self._view = None

    def _create_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._model)
        table.setAccessibleName("Runs")
        table.setItemDelegate(CellDelegate({COLUMNS.index(RunColumn.FOLDERS)}, table))
        prepare_table(table)
        colour_header(table, self.palette())
        for column, width in _WIDTHS.items():
            table.setColumnWidth(COLUMNS.index(column), width)
        table.selectionModel().currentChanged.connect(self._on_current_changed)
        return table


def _create_detail() -> QPlainTextEdit:
    detail = QPlainTextEdit()
    detail.setReadOnly(True)
    detail.setTabChangesFocus(True)
    detail.setFrameShape(QFrame.Shape.NoFrame)
    detail.setObjectName("frameless")
    detail.document().setDocumentMargin(12)
    detail.setAccessibleName("Details of the chosen run")
    return detail
