"""Paints the cells of our tables: an icon, one line of plain text, a selection that hides neither.

Painted here and not by the style: below a style sheet, the style needs several times as long for
a cell, and a table of 100 000 rows would stutter when it scrolls.
"""

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from vext_desktop.window.tones import blend

PADDING = 9
ICON_SIZE = 16
ICON_GAP = 6
CURRENT_EDGE = 2
# Views take it off a section for the line of a grid, also where none is drawn.
GRID_PX = 1


class CellDelegate(QStyledItemDelegate):
    """Takes text, icon, colour and alignment out of the model.

    Args:
        middle_columns: Columns shortened in their middle, where two paths differ least; the
            others are shortened at their end.
        parent: The owning object.
    """

    def __init__(self, middle_columns: Collection[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._middle_columns = frozenset(middle_columns)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        palette, cell, state = option.palette, option.rect, option.state
        if state & QStyle.StateFlag.State_Selected:
            has_focus = option.widget is not None and option.widget.hasFocus()
            painter.fillRect(cell, selected_colour(palette, has_focus=has_focus))
        if state & QStyle.StateFlag.State_HasFocus:
            edge = QRect(cell.left(), cell.bottom() - CURRENT_EDGE + 1, cell.width(), CURRENT_EDGE)
            painter.fillRect(edge, palette.highlight())
        room = cell.adjusted(PADDING, 0, -PADDING, 0)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QIcon):
            top = cell.top() + (cell.height() - ICON_SIZE) // 2
            icon.paint(painter, QRect(room.left(), top, ICON_SIZE, ICON_SIZE))
            room.adjust(ICON_SIZE + ICON_GAP, 0, 0, 0)
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if text:
            colour = index.data(Qt.ItemDataRole.ForegroundRole)
            side = index.data(Qt.ItemDataRole.TextAlignmentRole)
            is_middle = index.column() in self._middle_columns
            mode = Qt.TextElideMode.ElideMiddle if is_middle else Qt.TextElideMode.ElideRight
            painter.setPen(colour if isinstance(colour, QColor) else palette.text().color())
            painter.setFont(option.font)
            shown = option.fontMetrics.elidedText(text, mode, room.width())
            painter.drawText(room, side | Qt.TextFlag.TextSingleLine, shown)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The room that a double click on the header's edge gives to a column."""
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        beside = 2 * PADDING + GRID_PX + (ICON_SIZE + ICON_GAP if isinstance(icon, QIcon) else 0)
        metrics = option.fontMetrics
        return QSize(metrics.horizontalAdvance(text) + beside, metrics.lineSpacing())


def selected_colour(palette: QPalette, *, has_focus: bool) -> QColor:
    """Behind a selected row: a tint, on which muted text and coloured icons stay readable."""
    share = 0.24 if has_focus else 0.15
    return blend(palette.base().color(), palette.highlight().color(), share)
