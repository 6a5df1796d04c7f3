"""One memory plot: a curve for each process and their sum, limits, and marks of events."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from vext_desktop.memory.curves import LINES, TOTAL, Floats, Measure, MemoryCurves
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.window.fast_curve import FastCurve
from vext_desktop.window.plot_colours import LINE_STYLES, PlotColours
from vext_desktop.window.plot_keys import HINT, PlotAction, PlotKeys
from vext_desktop.window.plot_thresholds import ThresholdLine
from vext_desktop.window.time_plot import TimePlot
from vext_desktop.window.time_view import TimeView

# A limit this many times higher than everything drawn would squash the curves: it stays above.
FARTHEST_LIMIT = 2.5
# A click so near to the curve of the sum is meant for it.
REACH_PX = 10
NOT_READABLE = "Not readable on this system"


class MemoryPlot(TimePlot):
    """One measure over time.

    Args:
        measure: What is drawn.
        title: Its name, in front of the present value.
        explanation: What it means, in a few plain words.
        limits_explanation: What its lines mean, in sentences.
        view: Its frame, still empty; None to make it here and now.
        parent: The owner.
    """

    moment_clicked = Signal(str, float)  # measure; seconds since the origin of the history
    action_asked = Signal(str, object)  # measure; PlotAction

    def __init__(
        self,
        measure: Measure,
        title: str,
        explanation: str,
        limits_explanation: str,
        view: TimeView | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, view, parent)
        self.measure = measure
        self._title = title
        self._explanation = explanation
        self._history: MemoryHistory | None = None
        self._heading.setToolTip(f"{title}: {explanation}. {limits_explanation}")
        self.view.setAccessibleDescription(f"A table has the same numbers. {HINT}")
        # The sum is drawn last, above the others.
        self._curves = {line: FastCurve(is_thick=line == TOTAL) for line in reversed(LINES)}
        for curve in self._curves.values():
            self.view.add(curve)
        self._add_overlays()
        self._keys = PlotKeys(self)
        self.view.installEventFilter(self._keys)
        self._keys.action_asked.connect(self._on_action_asked)
        self.place_clicked.connect(self._on_place_clicked)

    def set_colours(self, colours: PlotColours) -> None:
        """Paint everything for a light or a dark window."""
        if colours == self._colours:
            return
        super().set_colours(colours)
        for line, curve in self._curves.items():
            curve.set_pen(pyqtgraph.mkPen(colours.lines[line], style=LINE_STYLES[line]))

    def show_history(
        self,
        history: MemoryHistory,
        drawn: MemoryCurves,
        marks: Sequence[EventMark],
        limits: Sequence[ThresholdLine],
        *,
        fits_height: bool,
    ) -> None:
        """Draw part of the history.

        Args:
            history: What there is.
            drawn: Its curves in view, thinned.
            marks: The marks in view, already thinned.
            limits: The lines of this measure, the most serious first.
            fits_height: Whether the height follows the data, or stays as the user zoomed it.
        """
        self._history = history
        for line, curve in self._curves.items():
            values = drawn.values_mb(self.measure, line)
            curve.set_data(drawn.times_s, values)
        total = history.curves.values_mb(self.measure, TOTAL)
        known = f" {total[-1]:.0f} MB" if len(total) and np.isfinite(total[-1]) else ""
        self._heading.show_words(f"{self._title}{known}", self._explanation)
        if fits_height:
            self._fit_height(_highest(drawn.values_mb(self.measure, TOTAL), limits))
        self._overlay.show_limits(limits)
        is_absent = len(total) > 0 and not np.isfinite(total).any()
        self._show_absent(NOT_READABLE if is_absent else "")
        self._marks.show(history, total, marks, tuple(self.box.viewRange()[1]))
        self._paint_soon()

    @Slot(object)
    def _on_action_asked(self, action: PlotAction) -> None:
        self.action_asked.emit(self.measure.value, action)

    @Slot(float, float)
    def _on_place_clicked(self, time_s: float, height_mb: float) -> None:
        if self._history is not None:
            width, height = self.box.viewPixelSize()
            reach = (REACH_PX * width, REACH_PX * height)
            time_s = self._history.time_near(self.measure, (time_s, height_mb), reach)
        self.moment_clicked.emit(self.measure.value, time_s)


def _highest(total: Floats, limits: Sequence[ThresholdLine]) -> float:
    known = total[np.isfinite(total)]
    highest = float(known.max()) if len(known) else 0.0
    farthest = highest * FARTHEST_LIMIT
    return max([highest, *(limit.height_mb for limit in limits if limit.height_mb <= farthest)])
