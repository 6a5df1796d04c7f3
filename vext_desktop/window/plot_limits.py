"""The horizontal lines of one plot: budget, soft limit, warnings; and the upright cursor."""

from collections.abc import Sequence

import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.plot_thresholds import ThresholdLine

# A label must be read where a curve runs behind it, and the curve must still be guessed.
LABEL_GROUND_ALPHA = 200
LABEL_GAP_PX = 4.0
ABOVE_CURVES = 5


class PlotLimits(pyqtgraph.GraphicsObject):  # type: ignore[misc]  # pyqtgraph ships no types
    """Lines with labels over a whole plot, and the line where the user stands.

    One item with its own painting: each of pyqtgraph's lines sets its label anew with every
    movement of the view, which for four of them costs more than all curves.

    Args:
        font: For the labels.
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font = font
        self.shown: list[ThresholdLine] = []
        self.cursor_s: float | None = None
        self._limit = self._text = self._ground = QColor()
        self.setZValue(ABOVE_CURVES)

    def set_colours(self, colours: PlotColours) -> None:
        """Paint for a light or a dark window."""
        self._limit, self._text = QColor(colours.limit), QColor(colours.text)
        self._ground = QColor(colours.ground)
        self._ground.setAlpha(LABEL_GROUND_ALPHA)
        self.update()

    def show_limits(self, limits: Sequence[ThresholdLine]) -> None:
        """Show these limits and no others."""
        if list(limits) != self.shown:
            self.shown = list(limits)
            self.update()

    def show_cursor(self, time_s: float) -> None:
        """Show where the user stands."""
        self.cursor_s = time_s
        self.update()

    def boundingRect(self) -> QRectF:
        """All of the view."""
        return self.viewRect() or QRectF()

    @Slot()
    def viewTransformChanged(self) -> None:
        """The view has moved, and with it the edges of this item."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint in pixels, so that lines are sharp and letters keep their size."""
        view = painter.worldTransform().mapRect(self.boundingRect())
        across = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._font)
        for limit in self.shown:
            self._paint_limit(painter, view, limit, across.map(QPointF(0.0, limit.height_mb)).y())
        if self.cursor_s is not None:
            place = across.map(QPointF(self.cursor_s, 0.0)).x()
            painter.setPen(QPen(self._text, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(place, view.top()), QPointF(place, view.bottom()))
        painter.restore()

    def _paint_limit(
        self, painter: QPainter, view: QRectF, limit: ThresholdLine, height: float
    ) -> None:
        if not view.top() <= height <= view.bottom():
            return
        style = Qt.PenStyle.SolidLine if limit.is_limit else Qt.PenStyle.DashLine
        painter.setPen(QPen(self._limit, 1, style))
        painter.drawLine(QPointF(view.left(), height), QPointF(view.right(), height))
        # The label stands on its line at the left, where the curves of a rising memory are not,
        # or hangs below it where there is no room above.
        metrics = QFontMetricsF(self._font)
        top = height - metrics.height()
        if top < view.top():
            top = height + 1
        area = QRectF(
            view.left() + LABEL_GAP_PX,
            top,
            metrics.horizontalAdvance(limit.label),
            metrics.height(),
        )
        painter.fillRect(area.adjusted(-1, 0, 1, 0), self._ground)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft, limit.label)
