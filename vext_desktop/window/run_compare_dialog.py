"""Two recorded runs side by side: plots on the same scales, and a table of the differences.

Importing this module imports pyqtgraph.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.memory.report_compare_html import run_names
from vext_desktop.memory.report_html import describe_run
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.memory.run_record_compare import RunComparison
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.in_turns import Steps
from vext_desktop.window.memory_plots import MemoryPlots
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_compare_model import RunComparisonModel
from vext_desktop.window.run_timeline_dialog import DrawableRun, plots_of
from vext_desktop.window.sizes import fit_to_screen
from vext_desktop.window.table_style import colour_header, prepare_table

SIZE = (1440, 900)
# Of the plots and of the table.
HEIGHTS = [480, 320]
# The second run is painted when all plots of the first have been, so that a key waits for one.
SECOND_MS = 50
TABLE_MS = 120
_WIDTHS = (170, 260, 190, 190, 160)


class RunCompareDialog(QDialog):
    """What differs between two runs.

    Args:
        comparison: The runs and their differences; their plots are put in afterwards.
        parent: The window that it belongs to.

    Attributes:
        sides: Where the plots of the two runs belong.
    """

    export_requested = Signal(object)  # the RunComparison
    first: MemoryPlots
    second: MemoryPlots

    def __init__(self, comparison: RunComparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        first_name, second_name = run_names(comparison)
        self.setWindowTitle(f"{first_name} and {second_name}")
        self._comparison = comparison
        self.table = self._create_table()
        self.sentence = QLabel(shown_line(comparison.sentence))
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.addWidget(self.sentence)
        # From the outside in: all of the plots are styled anew whenever they change hands.
        parts, beside = QSplitter(Qt.Orientation.Vertical), QSplitter(Qt.Orientation.Horizontal)
        column.addWidget(parts, 1)
        column.addWidget(self._create_buttons())
        parts.addWidget(beside)
        parts.addWidget(self.table)
        parts.setSizes(HEIGHTS)
        parts.setChildrenCollapsible(False)
        self.sides = (QWidget(beside), QWidget(beside))
        self._rows: list[QVBoxLayout] = []
        names = ((first_name, comparison.first), (second_name, comparison.second))
        for side, (name, run) in zip(self.sides, names, strict=True):
            rows = QVBoxLayout(side)
            rows.setContentsMargins(0, 0, 0, 0)
            rows.addWidget(_title(name, run))
            self._rows.append(rows)
        beside.setChildrenCollapsible(False)
        fit_to_screen(self, *SIZE)

    def put_plots(self, first: MemoryPlots, second: MemoryPlots) -> Steps[None]:
        """Put in what `plots_of` has made of the two runs, with `sides` as parents."""
        self.first, self.second = first, second
        policy = second.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        second.setSizePolicy(policy)
        second.hide()
        first.show()
        for side, plots in zip(self._rows, (first, second), strict=True):
            side.addWidget(plots, 1)
            yield
            plots.ensurePolished()
            yield
        second.link_to(first)

    def taken_apart(self) -> Steps[None]:
        """Let go of a closed dialog in pieces."""
        for plots in (self.first, self.second):
            plots.deleteLater()
            yield
        self.deleteLater()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the second run follow the first, and the table both."""
        super().showEvent(event)
        QTimer.singleShot(TABLE_MS, self.table, self._show_table)
        QTimer.singleShot(SECOND_MS, self.second, self.second.show)

    @Slot()
    def _show_table(self) -> None:
        self.table.setUpdatesEnabled(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "table"):
            colour_header(self.table, self.palette())

    def _create_table(self) -> QTableView:
        table = QTableView()
        table.setUpdatesEnabled(False)  # its place is empty until it is its turn
        table.setModel(RunComparisonModel(self._comparison, table))
        table.setAccessibleName("Figures of both runs and their differences")
        table.setItemDelegate(CellDelegate(set(), table))
        prepare_table(table)
        colour_header(table, self.palette())
        for place, width in enumerate(_WIDTHS):
            table.setColumnWidth(place, width)
        return table

    def _create_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        export = buttons.addButton("Export…", QDialogButtonBox.ButtonRole.ActionRole)
        export.setAutoDefault(False)
        export.clicked.connect(self._on_export)
        buttons.rejected.connect(self.close)
        return buttons

    @Slot()
    def _on_export(self) -> None:
        self.export_requested.emit(self._comparison)


def compare_dialog(
    comparison: RunComparison, drawable: Sequence[DrawableRun], parent: QWidget
) -> Steps[RunCompareDialog]:
    """Make the dialog of two runs in steps, the last of which leaves only its showing."""
    dialog = RunCompareDialog(comparison, parent)
    yield
    try:
        first = yield from plots_of(drawable[0], dialog.sides[0])
        second = yield from plots_of(drawable[1], dialog.sides[1])
        yield
        yield from dialog.put_plots(first, second)
        yield
    except GeneratorExit:  # it is not wanted any more
        dialog.deleteLater()
        raise
    return dialog


def _title(name: str, timeline: RunTimeline) -> QLabel:
    title = QLabel(shown_line(name))
    font = title.font()
    font.setBold(True)
    title.setFont(font)
    title.setTextFormat(Qt.TextFormat.PlainText)
    title.setToolTip(shown_line(describe_run(timeline)))
    return title
