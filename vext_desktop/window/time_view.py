"""The frame of a plot over time: a box for the data, an axis below and one at the left."""

from typing import Any

import pyqtgraph
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QGraphicsGridLayout, QSizePolicy

from vext_desktop.window.plot_axes import MegabyteAxis, PlainAxis, TimeAxis

SMALLEST_POINTS = 7.5
AXIS_WIDTH_PX = 58
_MARGIN_PX = 1.0
# Above the data that lie at 0, as pyqtgraph has it; what is to lie above the axes is higher.
_AXIS_HEIGHT = 0.5
_PLACES = {"left": (0, 0), "bottom": (1, 1)}


class TimeView(pyqtgraph.GraphicsView):  # type: ignore[misc]  # pyqtgraph ships no types
    """Holds the items of one plot.

    Not pyqtgraph's own plot: that brings a page of boxes and buttons for its menus, which nobody
    sees here, and takes four times as long to make.

    Attributes:
        box: What holds the data.
        is_outdated: Whether something has changed since it was painted last; whoever changes
            something sets it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_outdated = True
        self._picture = QPixmap()
        self.enableMouse(False)  # the box takes the mouse, not the view around it
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        font = smaller(QApplication.font())
        self.box = pyqtgraph.ViewBox(enableMenu=False)
        self._axes: dict[str, PlainAxis] = {
            "left": MegabyteAxis("left", font),
            "bottom": TimeAxis("bottom", font),
        }
        self._axes["left"].setWidth(AXIS_WIDTH_PX)
        frame = pyqtgraph.GraphicsWidget()
        frame.setLayout(self._grid())
        self.setCentralItem(frame)

    def axis(self, side: str) -> PlainAxis:
        """The axis at the "left" or at the "bottom"."""
        return self._axes[side]

    def add(self, item: Any) -> None:
        """Put an item into the box; it never decides what stretch is in view."""
        self.box.addItem(item, ignoreBounds=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture of the plot, painted anew only if something has changed.

        Qt asks for it much more often than that: whenever something beside it moves or appears.
        """
        viewport = self.viewport()
        ratio = viewport.devicePixelRatioF()
        size = viewport.size() * ratio
        if self.is_outdated or self._picture.size() != size:
            self.is_outdated = False
            if self._picture.size() != size:
                self._picture = QPixmap(size)
                self._picture.setDevicePixelRatio(ratio)
            self.scene().prepareForPaint()
            painter = QPainter(self._picture)
            self.render(painter, QRectF(viewport.rect()), viewport.rect())
            painter.end()
        painter = QPainter(viewport)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()
        event.accept()

    def _grid(self) -> QGraphicsGridLayout:
        grid = QGraphicsGridLayout()
        grid.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        grid.setSpacing(0)
        grid.addItem(self.box, 0, 1)
        grid.setRowStretchFactor(0, 100)
        grid.setColumnStretchFactor(1, 100)
        for side, axis in self._axes.items():
            axis.linkToView(self.box)
            axis.setZValue(_AXIS_HEIGHT)
            axis.setFlag(axis.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
            grid.addItem(axis, *_PLACES[side])
        return grid


def smaller(font: QFont) -> QFont:
    """A font for what stands beside the data."""
    found = QFont(font)
    found.setPointSizeF(max(SMALLEST_POINTS, font.pointSizeF() - 1))
    return found
