"""The marks of events on one plot: ticks at its head, symbols on the curve of the sum."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from vext_desktop.memory.curves import Floats
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.fast_curve import FastCurve
from vext_desktop.window.plot_colours import MARK_SYMBOLS, PlotColours
from vext_desktop.window.time_view import TimeView

SYMBOL_SIZE_PX = 11
REACH_PX = 10
# How high a tick is, as a share of the plot: a batch, and a file that was begun.
TICK_HEIGHTS = {EventKind.BATCH: 0.025, EventKind.FILE_START: 0.06}


class PlotMarks:
    """Four items, made once, that draw any number of marks.

    Args:
        view: The plot that they are added to.
    """

    def __init__(self, view: TimeView) -> None:
        self._uprights = FastCurve(connect="pairs")
        self._ticks = {kind: FastCurve(connect="pairs") for kind in TICK_HEIGHTS}
        self._spots = pyqtgraph.ScatterPlotItem(size=SYMBOL_SIZE_PX)
        self._spots.setZValue(10)
        for item in (self._uprights, *self._ticks.values(), self._spots):
            view.add(item)
        self._shown: list[tuple[EventMark, float, float]] = []
        self._brushes: dict[EventKind, object] = {}
        self._outline: object = None

    def set_colours(self, colours: PlotColours) -> None:
        """Paint for a light or a dark window; symbols take it with the next `show`."""
        for ticks in self._ticks.values():
            ticks.set_pen(pyqtgraph.mkPen(colours.faint))
        self._uprights.set_pen(pyqtgraph.mkPen(colours.faint, style=Qt.PenStyle.DotLine))
        self._brushes = {kind: pyqtgraph.mkBrush(colour) for kind, colour in colours.marks.items()}
        self._outline = pyqtgraph.mkPen(colours.text, width=1)

    def show(
        self,
        history: MemoryHistory,
        curve: Floats,
        marks: Sequence[EventMark],
        heights: tuple[float, float],
    ) -> None:
        """Draw these marks and no others.

        Args:
            history: Knows when each mark was made.
            curve: The values of all rows of the history, for the height of the symbols.
            marks: What to draw, already thinned to what can be told apart.
            heights: Bottom and top of the view.
        """
        bottom, top = heights
        for kind, share in TICK_HEIGHTS.items():
            times = np.array([mark.at_s for mark in marks if mark.kind is kind]) - history.origin_s
            ends = [top, top - share * (top - bottom)]
            self._ticks[kind].set_data(np.repeat(times, 2), np.tile(ends, len(times)))
        self._shown = [
            (mark, history.time_of(mark), _height_at(history, curve, mark, heights))
            for mark in marks
            if mark.kind in MARK_SYMBOLS
        ]
        times = np.array([time_s for _, time_s, _ in self._shown])
        self._uprights.set_data(np.repeat(times, 2), np.tile([bottom, top], len(times)))
        self._spots.setData(
            x=times,
            y=np.array([height for _, _, height in self._shown]),
            symbol=[MARK_SYMBOLS[mark.kind] for mark, _, _ in self._shown],
            brush=[self._brushes[mark.kind] for mark, _, _ in self._shown],
            pen=self._outline,
        )

    def mark_near(
        self, time_s: float, height: float, pixel: tuple[float, float]
    ) -> EventMark | None:
        """The symbol under the mouse, if there is one.

        Args:
            time_s: Where the mouse is.
            height: Where the mouse is.
            pixel: Width and height of one pixel in seconds and MB.
        """
        nearest, distance = None, float(REACH_PX**2)
        for mark, mark_s, mark_height in self._shown:
            across = (mark_s - time_s) / pixel[0]
            up = (mark_height - height) / pixel[1]
            if across * across + up * up <= distance:
                nearest, distance = mark, across * across + up * up
        return nearest


def _height_at(
    history: MemoryHistory, curve: Floats, mark: EventMark, heights: tuple[float, float]
) -> float:
    """On the curve; half-way up where the curve is not known."""
    row = history.row_at(history.time_of(mark))
    if row is None or not np.isfinite(curve[row]):
        return sum(heights) / 2
    return float(curve[row])
