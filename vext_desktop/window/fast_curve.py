"""A curve that is painted fast: thick lines as thin ones side by side."""

import pyqtgraph
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class FastCurve(pyqtgraph.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """A smooth curve, 1 pixel wide or 2, in a view whose range does not depend on it.

    Qt paints a line of one pixel 50 to 100 times as fast as a wider one, whose outline it
    computes for each dash: 0.2 against 15 to 25 ms for 240 points of a restless curve.

    Args:
        is_thick: Whether the line is 2 pixels wide.
        connect: Which points are joined: "finite" leaves gaps, "pairs" joins every two.
    """

    def __init__(self, *, is_thick: bool = False, connect: str = "finite") -> None:
        super().__init__(antialias=connect != "pairs", connect=connect)
        self._is_thick = is_thick

    def boundingRect(self) -> QRectF:
        """All of the view: to search each curve for its extremes costs more than painting it."""
        box = self.getViewBox()
        return QRectF() if box is None else box.viewRect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget) -> None:
        """Paint the curve, and where it is thick again beside and above it."""
        super().paint(painter, option, widget)
        box = self.getViewBox()
        if not self._is_thick or box is None:
            return
        across, up = box.viewPixelSize()
        for right, above in ((0.0, 0.7 * up), (0.7 * across, 0.0)):
            painter.save()
            painter.translate(right, above)
            super().paint(painter, option, widget)
            painter.restore()
