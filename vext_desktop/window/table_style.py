"""What all tables of the window have in common: calm rows, and a selection that hides no icon."""

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QTreeView

from vext_desktop.window.cell_delegate import PADDING
from vext_desktop.window.tones import faint_line, muted_text

ROW_PADDING = 12


def prepare_table(table: QTableView) -> None:
    """Whole rows of one line each and of equal height; its model must have been set."""
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setCornerButtonEnabled(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(table.fontMetrics().lineSpacing() + ROW_PADDING)
    columns = table.horizontalHeader()
    columns.setStretchLastSection(True)
    columns.setHighlightSections(False)
    columns.setSectionsClickable(False)
    # A selection of its own, always empty: to draw its sections, a header asks of every row
    # whether it is selected, which takes seconds once 100 000 rows are.
    columns.setSelectionModel(QItemSelectionModel(table.model(), columns))
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def colour_header(table: QTableView | QTreeView, palette: QPalette) -> None:
    """Give a table's header the colours of a palette; again when the palette changes.

    A style sheet with its colours written out, since it takes a palette's colours only once.
    """
    base = palette.base().color()
    sheet = f"""
        QHeaderView {{ background: {base.name()}; border: 0; }}
        QHeaderView::section {{
            background: {base.name()}; color: {muted_text(palette).name()};
            padding: 5px {PADDING}px; border: 0;
            border-bottom: 1px solid {faint_line(palette).name()};
        }}
    """
    header = table.header() if isinstance(table, QTreeView) else table.horizontalHeader()
    if header.styleSheet() != sheet:  # the palette "changes" with each new place in the window
        header.setStyleSheet(sheet)
