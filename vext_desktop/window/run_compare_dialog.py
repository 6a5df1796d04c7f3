"""Two recorded runs side by side: plots on the same scales, and a table of the differences.

Importing this module imports pyqtgraph.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
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
from vext_desktop.window.table_style import colour_header, prepare_table

SIZE = (1440, 900)
# Of the plots and of the table.
HEIGHTS = [480, 320]
_WIDTHS = (170, 260, 190, 190, 160)


class RunCompareDialog(QDialog):
    """What differs between two runs.

    Args:
        comparison: The runs and their differences.
        plots: What `plots_of` has made of the two runs.
        parent: The window that it belongs to.
    """

    export_requested = Signal(object)  # the RunComparison

    def __init__(
        self,
        comparison: RunComparison,
        plots: Sequence[MemoryPlots],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        first_name, second_name = run_names(comparison)
        self.setWindowTitle(f"{first_name} and {second_name}")
        self._comparison = comparison
        self.first, self.second = plots
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.addWidget(_titled(first_name, comparison.first, self.first))
        beside.addWidget(_titled(second_name, comparison.second, self.second))
        beside.setChildrenCollapsible(False)
        self.table = self._create_table()
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(beside)
        parts.addWidget(self.table)
        parts.setSizes(HEIGHTS)
        parts.setChildrenCollapsible(False)
        self.sentence = QLabel(shown_line(comparison.sentence))
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.addWidget(self.sentence)
        column.addWidget(parts, 1)
        column.addWidget(self._create_buttons())
        self.resize(*SIZE)
        self.second.link_to(self.first)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "table"):
            colour_header(self.table, self.palette())

    def _create_table(self) -> QTableView:
        table = QTableView()
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
    first = yield from plots_of(drawable[0])
    second = yield from plots_of(drawable[1])
    dialog = RunCompareDialog(comparison, (first, second), parent)
    yield
    return dialog


def _titled(name: str, timeline: RunTimeline, plots: QWidget) -> QWidget:
    title = QLabel(shown_line(name))
    font = title.font()
    font.setBold(True)
    title.setFont(font)
    title.setTextFormat(Qt.TextFormat.PlainText)
    title.setToolTip(shown_line(describe_run(timeline)))
    side = QWidget()
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(title)
    column.addWidget(plots, 1)
    return side
