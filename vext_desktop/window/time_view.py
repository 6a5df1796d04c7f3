"""The frame of a plot over time: a box for the data, an axis below and one at the left."""

from typing import Any

import pyqtgraph
from PySide6.QtGui import QFont
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
    sees here, and takes 16 ms to make, where this one takes 3.

    Attributes:
        box: What holds the data.
    """

    def __init__(self) -> None:
        super().__init__()
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
