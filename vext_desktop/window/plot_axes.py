"""The axes of the memory plots: time since the window opened, and megabytes."""

import math
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.tones import blend

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200)
LABEL_WIDTH_PX = 50
LABEL_HEIGHT_PX = 34
TICK_PX = 4
GRID_SHARE = 0.2
OPAQUE = 255

Spec = tuple[QPen, QPointF, QPointF]
Specs = tuple[Spec, list[Spec], list[tuple[QRectF, Qt.AlignmentFlag, str]]]


class PlainAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """An axis of few ticks, each with its label, painted without detours.

    While samples are followed, every redraw moves the axis. pyqtgraph's own then measures all
    labels, records a picture and plays it: half of what a redraw of a plot costs.

    Args:
        orientation: "bottom" or "left"; on the left, ticks go on as lines across the plot.
        font: Of the labels.
    """

    def __init__(self, orientation: str, font: QFont) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)  # labels name their unit themselves
        self._font = font
        self._line_height = QFontMetricsF(font).height()
        self.picture: object = None  # as pyqtgraph has it: whether ticks are laid out
        self._specs: Specs | None = None
        self._grid_pen = QPen()
        self._is_flat = orientation == "bottom"
        if self._is_flat:
            self.setHeight(self._line_height + 2 * TICK_PX)
        else:
            self.setGrid(OPAQUE)  # its bounds then take in the plot

    def set_colours(self, colours: PlotColours) -> None:
        """Paint for a light or a dark window; the grid in an opaque colour, 20 times as fast."""
        ground, line = QColor(colours.ground), QColor(colours.faint)
        self._grid_pen = pyqtgraph.mkPen(blend(ground, line, GRID_SHARE))
        self.setPen(colours.faint)
        self.setTextPen(colours.text)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint at once; ticks are laid out only when pyqtgraph has dropped its picture."""
        if self.picture is None or self._specs is None:
            self._specs = self.generateDrawSpecs(painter)
            self.picture = self._specs
        axis, ticks, labels = self._specs
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for pen, start, end in (*ticks, axis):
            painter.setPen(pen)
            painter.drawLine(start, end)
        painter.setFont(self._font)
        painter.setPen(self.textPen())
        for area, side, text in labels:
            painter.drawText(area, side, text)
        painter.restore()

    def generateDrawSpecs(self, _painter: Any) -> Specs:
        """Where the axis, its ticks and its labels are, in pixels."""
        area = self.mapRectFromParent(self.geometry())
        low, high = self.range
        length = area.width() if self._is_flat else area.height()
        step = self.step_between(low, high, length)
        values = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
        places = (values - low) / (high - low) * length
        texts = self.tickStrings(values.tolist(), 1.0, step)
        if self._is_flat:
            return self._flat_specs(area, places.tolist(), texts)
        return self._upright_specs(area, places.tolist(), texts)

    def step_between(self, low: float, high: float, length_px: float) -> float:
        """The distance of two ticks; for subclasses."""
        raise NotImplementedError

    def _flat_specs(self, area: QRectF, places: list[float], texts: list[str]) -> Specs:
        top, left = area.top(), area.left()
        axis = (self.pen(), area.topLeft(), area.topRight())
        ticks: list[Spec] = []
        labels = []
        for place, text in zip(places, texts, strict=True):
            ticks.append(
                (self.pen(), QPointF(left + place, top), QPointF(left + place, top + TICK_PX))
            )
            start = left + place - LABEL_WIDTH_PX / 2
            # A label that would be cut off says nothing.
            if place >= LABEL_WIDTH_PX / 4 and place + LABEL_WIDTH_PX / 3 <= area.width():
                room = QRectF(start, top + TICK_PX, LABEL_WIDTH_PX, self._line_height)
                labels.append((room, Qt.AlignmentFlag.AlignHCenter, text))
        return axis, ticks, labels

    def _upright_specs(self, area: QRectF, places: list[float], texts: list[str]) -> Specs:
        right, bottom = area.right(), area.bottom()
        view = self.linkedView()
        far = right + (view.boundingRect().width() if view is not None else 0.0)
        axis = (self.pen(), area.topRight(), area.bottomRight())
        ticks: list[Spec] = []
        labels = []
        for place, text in zip(places, texts, strict=True):
            height = bottom - place
            if place > 0:
                ticks.append((self._grid_pen, QPointF(right, height), QPointF(far, height)))
            if place >= self._line_height and height >= area.top() + self._line_height / 4:
                top = height - self._line_height / 2
                room = QRectF(area.left(), top, area.width() - TICK_PX - 1, self._line_height)
                labels.append((room, Qt.AlignmentFlag.AlignRight, text))
        return axis, ticks, labels


class TimeAxis(PlainAxis):
    """An axis whose ticks stand on whole seconds, minutes and hours."""

    def step_between(self, low: float, high: float, length_px: float) -> float:
        """The smallest step that leaves room for its labels."""
        shortest_s = (high - low) / max(1.0, length_px / LABEL_WIDTH_PX)
        step_s = next((step for step in STEPS_S if step >= shortest_s), None)
        return float(step_s) if step_s is not None else (shortest_s // 86400 + 1) * 86400.0

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002 - Qt-like override
        """One label for each tick, as exact as the spacing asks for."""
        return [describe_tick(value, spacing) for value in values]


class MegabyteAxis(PlainAxis):
    """An axis whose every label names the unit."""

    def step_between(self, low: float, high: float, length_px: float) -> float:
        """The smallest of 1, 2, 5, 10, 20, 50 ... MB (or tenths) that leaves room for labels."""
        least = (high - low) / max(1.0, length_px / LABEL_HEIGHT_PX)
        power = 10.0 ** math.floor(math.log10(least))
        return next(power * step for step in (1, 2, 5, 10) if power * step >= least)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002 - pyqtgraph's
        """Whole numbers, with decimals only where ticks are nearer than 1 MB."""
        places = max(0, math.ceil(-math.log10(spacing)))
        return [f"{value:.{places}f} MB" for value in values]


def describe_tick(time_s: float, spacing_s: float) -> str:
    """A tick's label: 30 s, 2:30, 12 min, 1 h, 1:30 h."""
    whole = round(time_s)
    if whole < 60:
        return f"{whole} s"
    if spacing_s < 60:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 3600:
        return f"{whole // 60} min"
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d} h" if minutes else f"{hours} h"
