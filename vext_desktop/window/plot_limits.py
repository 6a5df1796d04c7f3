"""The horizontal lines of one plot: budget, soft limit, warnings."""

from collections.abc import Sequence

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.plot_thresholds import ThresholdLine

MOST_LIMITS = 3
# A label must be read where a curve runs behind it, and the curve must still be guessed.
LABEL_GROUND_ALPHA = 200
ABOVE_CURVES = 5


class PlotLimits:
    """A fixed number of lines with labels, of which as many are shown as there are limits.

    Args:
        plot: The plot that they are added to.
        font: For the labels.
    """

    def __init__(self, plot: pyqtgraph.PlotItem, font: QFont) -> None:
        self._lines = [_make_line(font) for _ in range(MOST_LIMITS)]
        for line in self._lines:
            plot.addItem(line, ignoreBounds=True)
        self._shown: list[ThresholdLine] = []
        self._colour = ""

    def set_colours(self, colours: PlotColours) -> None:
        """Paint for a light or a dark window."""
        self._colour = colours.limit
        for line in self._lines:
            line.label.setColor(colours.limit)
            ground = pyqtgraph.mkColor(colours.ground)
            ground.setAlpha(LABEL_GROUND_ALPHA)
            line.label.fill = pyqtgraph.mkBrush(ground)
        self._set_pens()

    def show(self, limits: Sequence[ThresholdLine]) -> None:
        """Show these limits and no others."""
        if list(limits) == self._shown:
            return
        self._shown = list(limits[:MOST_LIMITS])
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(self._shown))
            if number < len(self._shown):
                line.setValue(self._shown[number].height_mb)
                line.label.setFormat(self._shown[number].label)
        self._set_pens()

    def _set_pens(self) -> None:
        for limit, line in zip(self._shown, self._lines, strict=False):
            style = Qt.PenStyle.SolidLine if limit.is_limit else Qt.PenStyle.DashLine
            line.setPen(pyqtgraph.mkPen(self._colour, width=1, style=style))


def _make_line(font: QFont) -> pyqtgraph.InfiniteLine:
    # The label stands on its line at the left, where the curves of a rising memory are not.
    label = {"position": 0.01, "anchors": [(0, 1), (0, 1)]}
    line = pyqtgraph.InfiniteLine(angle=0, label="", labelOpts=label)
    line.label.setFont(font)
    line.setZValue(ABOVE_CURVES)
    line.hide()
    return line
