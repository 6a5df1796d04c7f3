"""Paints one search hit: name, place, folder, and the passage with the matched words in bold."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QPalette,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from vext_desktop.window.plain_text import Ranges, qt_ranges, reads_leftwards
from vext_desktop.window.results_model import ResultRow, ResultsModel
from vext_desktop.window.tones import blend, faint_line, muted_text

MARGIN = 12
GAP = 8
BADGE_WIDTH = 44
BAR_WIDTH = 48
BAR_HEIGHT = 4
SNIPPET_LINES = 2
# Lines of a passage stand a little further apart than the font asks for.
LEADING = 1.14
# The file name leaves at least this share of its line to page and heading.
NAME_SHARE = 0.62

_ONE_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine


class ResultsDelegate(QStyledItemDelegate):
    """Plain text only: nothing out of a document is ever read as markup."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The height depends on whether the name of the file stands above the passage."""
        # Asked of every row there is, so none is put together for it.
        model = index.model()
        is_first = isinstance(model, ResultsModel) and model.is_first_of_file(index.row())
        line = option.fontMetrics.lineSpacing()
        lines = 2 if is_first else 1
        return QSize(0, lines * line + round(SNIPPET_LINES * line * LEADING) + 2 * GAP + 6)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the row at `index`."""
        row = _row(index)
        if row is None:
            return
        painter.save()
        _RowPainter(painter, option).paint(row)
        painter.restore()


class _RowPainter:
    """One row's painting, from top to bottom."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        self._rect: QRect = option.rect
        self._font: QFont = option.font
        self._palette: QPalette = option.palette
        self._state: QStyle.StateFlag = option.state
        self._painter = painter
        self._metrics = QFontMetrics(self._font)
        self._left = self._rect.left() + MARGIN
        self._right = self._rect.right() - MARGIN
        self._top = self._rect.top() + GAP

    def paint(self, row: ResultRow) -> None:
        self._painter.setClipRect(self._rect)
        self._paint_ground(row)
        self._paint_score(row.share)
        if row.is_first_of_file:
            self._paint_badge(row.kind)
        self._left += BADGE_WIDTH + GAP
        self._paint_title(row)
        if row.is_first_of_file:
            self._paint_folder(row.folder)
        self._paint_snippet(row.snippet, row.marks)

    def _paint_ground(self, row: ResultRow) -> None:
        base = self._palette.base().color()
        accent = self._palette.highlight().color()
        if self._state & QStyle.StateFlag.State_Selected:
            has_focus = self._state & QStyle.StateFlag.State_HasFocus
            self._painter.fillRect(self._rect, blend(base, accent, 0.22 if has_focus else 0.12))
            edge = QRect(self._rect.left(), self._rect.top(), 3, self._rect.height())
            self._painter.fillRect(edge, accent)
        elif self._state & QStyle.StateFlag.State_MouseOver:
            text = self._palette.text().color()
            self._painter.fillRect(self._rect, blend(base, text, 0.05))
        if row.is_first_of_file and self._rect.top() > 0:
            self._painter.setPen(faint_line(self._palette))
            self._painter.drawLine(self._rect.topLeft(), self._rect.topRight())

    def _paint_score(self, share: float) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(Qt.PenStyle.NoPen)
        top = self._top + (self._metrics.height() - BAR_HEIGHT) / 2
        track = QRectF(self._right - BAR_WIDTH, top, BAR_WIDTH, BAR_HEIGHT)
        self._painter.setBrush(faint_line(self._palette))
        self._painter.drawRoundedRect(track, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        track.setWidth(max(BAR_HEIGHT, BAR_WIDTH * share))
        self._painter.setBrush(self._palette.highlight())
        self._painter.drawRoundedRect(track, BAR_HEIGHT / 2, BAR_HEIGHT / 2)

    def _paint_badge(self, kind: str) -> None:
        if not kind:
            return
        font = QFont(self._font)
        font.setPointSizeF(self._font.pointSizeF() * 0.78)
        font.setWeight(QFont.Weight.DemiBold)
        badge = QRectF(self._left, self._top, BADGE_WIDTH, self._metrics.height())
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(faint_line(self._palette))
        self._painter.drawRoundedRect(badge, 4, 4)
        self._painter.setPen(muted_text(self._palette))
        self._painter.setFont(font)
        self._painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, kind)

    def _paint_title(self, row: ResultRow) -> None:
        left = self._left
        right = self._right - BAR_WIDTH - 2 * GAP
        if row.is_first_of_file:
            bold = QFont(self._font)
            bold.setBold(True)
            metrics = QFontMetrics(bold)
            room = right - left
            if row.place:
                place_width = self._metrics.horizontalAdvance(row.place) + 2 * GAP
                room -= min(place_width, round(room * (1 - NAME_SHARE)))
            name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
            self._text(name, bold, left, left + room, QPen(self._palette.text().color()))
            left += metrics.horizontalAdvance(name) + 2 * GAP
        place = self._metrics.elidedText(row.place, Qt.TextElideMode.ElideRight, right - left)
        self._text(place, self._font, left, right, QPen(muted_text(self._palette)))
        self._top += self._metrics.lineSpacing() + 2

    def _paint_folder(self, folder: str) -> None:
        room = self._right - self._left
        shown = self._metrics.elidedText(folder, Qt.TextElideMode.ElideMiddle, room)
        pen = QPen(muted_text(self._palette))
        self._text(shown, self._font, self._left, self._right, pen)
        self._top += self._metrics.lineSpacing() + 4

    def _text(self, text: str, font: QFont, left: int, right: int, pen: QPen) -> None:
        self._painter.setFont(font)
        self._painter.setPen(pen)
        place = QRect(left, self._top, max(0, right - left), self._metrics.height())
        self._painter.drawText(place, _ONE_LINE, text)

    def _paint_snippet(self, snippet: str, marks: Ranges) -> None:
        text = self._palette.text().color()
        self._painter.setPen(blend(self._palette.base().color(), text, 0.86))
        layout = lay_out_snippet(
            snippet, marks, self._font, self._right - self._left, self._palette
        )
        layout.draw(self._painter, QPointF(self._left, self._top))


def _row(index: QModelIndex | QPersistentModelIndex) -> ResultRow | None:
    model = index.model()
    return model.row_at(index) if isinstance(model, ResultsModel) else None


def lay_out_snippet(
    snippet: str, marks: Ranges, font: QFont, width: int, palette: QPalette
) -> QTextLayout:
    """The snippet in its lines; what does not fit ends in an ellipsis."""
    layout = _broken_into_lines(snippet, marks, font, width, palette)
    last = layout.lineAt(layout.lineCount() - 1)
    end = last.textStart() + last.textLength()
    units = snippet.encode("utf-16-le")
    if end * 2 >= len(units):
        return layout
    visible = units[: end * 2].decode("utf-16-le", errors="ignore")
    shorter = visible[: max(0, len(visible) - 3)].rstrip() + "…"
    kept = tuple((start, min(end, len(shorter))) for start, end in marks if start < len(shorter))
    return _broken_into_lines(shorter, kept, font, width, palette)


def _broken_into_lines(
    snippet: str, marks: Ranges, font: QFont, width: int, palette: QPalette
) -> QTextLayout:
    layout = QTextLayout(snippet, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    if reads_leftwards(snippet):
        option.setAlignment(Qt.AlignmentFlag.AlignRight)
    layout.setTextOption(option)
    matched = QTextCharFormat()
    matched.setFontWeight(QFont.Weight.Bold)
    matched.setForeground(palette.text())
    formats = []
    for start, length in qt_ranges(snippet, marks):
        place = QTextLayout.FormatRange()
        place.start, place.length, place.format = start, length, matched
        formats.append(place)
    layout.setFormats(formats)
    layout.beginLayout()
    top = 0.0
    for _ in range(SNIPPET_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1, width))
        line.setPosition(QPointF(0, top))
        top += line.height() * LEADING
    layout.endLayout()
    return layout
