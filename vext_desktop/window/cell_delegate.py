"""Paints the cells of our tables: an icon, one line of plain text, a selection that hides neither.

Painted here and not by the style: below a style sheet, the style needs several times as long for
a cell, and a table of 100 000 rows would stutter when it scrolls.
"""

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPalette, QStaticText
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from vext_desktop.window.column_model import ColumnModel
from vext_desktop.window.tones import blend

PADDING = 9
ICON_SIZE = 16
ICON_GAP = 6
CURRENT_EDGE = 2
# Views take it off a section for the line of a grid, also where none is drawn.
GRID_PX = 1
# Looked up once: a table asks for each of them a hundred times when it is painted.
_SELECTED, _CURRENT = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_HasFocus
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# Laid out texts that are kept: some screens full of the largest table.
MOST_LINES = 2000


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
        self._lines: dict[tuple[str, str, int, bool], QStaticText] = {}

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        palette, cell, state = option.palette, option.rect, option.state
        if state & _SELECTED:
            has_focus = option.widget is not None and option.widget.hasFocus()
            painter.fillRect(cell, selected_colour(palette, has_focus=has_focus))
        if state & _CURRENT:
            edge = QRect(cell.left(), cell.bottom() - CURRENT_EDGE + 1, cell.width(), CURRENT_EDGE)
            painter.fillRect(edge, palette.highlight())
        room = cell.adjusted(PADDING, 0, -PADDING, 0)
        # Of the model itself: by way of the index, each answer would be wrapped and unwrapped.
        view = option.widget
        data = (view if isinstance(view, QAbstractItemView) else index).model().data
        icon = data(index, ColumnModel.ICON)
        if isinstance(icon, QIcon):
            top = cell.top() + (cell.height() - ICON_SIZE) // 2
            icon.paint(painter, QRect(room.left(), top, ICON_SIZE, ICON_SIZE))
            room.adjust(ICON_SIZE + ICON_GAP, 0, 0, 0)
        text = data(index, ColumnModel.DISPLAY)
        if text:
            colour = data(index, ColumnModel.COLOUR)
            side = data(index, ColumnModel.SIDE)
            is_middle = index.column() in self._middle_columns
            line = self._line(text, option.font, room.width(), is_middle=is_middle)
            size = line.size()
            x = room.left() + (room.width() - size.width() if side == _AT_RIGHT else 0.0)
            y = room.top() + (room.height() - size.height()) / 2
            painter.setPen(colour if isinstance(colour, QColor) else palette.text().color())
            painter.setFont(option.font)
            painter.drawStaticText(QPointF(x, y), line)

    def _line(self, text: str, font: QFont, width: int, *, is_middle: bool) -> QStaticText:
        """The text as it fits, laid out: that takes most of the time, and texts come again."""
        key = (text, font.key(), width, is_middle)
        line = self._lines.get(key)
        if line is None:
            if len(self._lines) >= MOST_LINES:
                self._lines.clear()
            mode = Qt.TextElideMode.ElideMiddle if is_middle else Qt.TextElideMode.ElideRight
            line = QStaticText(QFontMetrics(font).elidedText(text, mode, width))
            line.setTextFormat(Qt.TextFormat.PlainText)
            line.prepare(font=font)
            self._lines[key] = line
        return line

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
