"""The stacked owner bands, as one item of a plot."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from vext_desktop.memory.curves import Floats
from vext_desktop.readings import Band
from vext_desktop.window.band_colours import LIGHT, BandPaint

# A single moment is drawn as wide as this, so that it can be seen at all.
LEAST_WIDTH_PX = 6.0
LABEL_GAP_PX = 5.0


class BandStack(pyqtgraph.GraphicsObject):  # type: ignore[misc]  # pyqtgraph ships no types
    """Areas that stand on each other, with the names of those that have room for them.

    One item with its own painting, because pyqtgraph's filled curves scale patterns with the
    plot, need two items for each area, and fill across gaps.

    Args:
        font: For the names.
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font = font
        self._times: Floats = np.zeros(0)
        self._bands: list[Band] = []
        self._heights: Floats = np.zeros((0, 0))
        self._pieces: Sequence[slice] = ()
        self._paints: dict[Band, BandPaint] = LIGHT
        self._text = QColor()
        self._chosen: Band | None = None

    def set_colours(self, paints: dict[Band, BandPaint], text: str) -> None:
        """Paint for a light or a dark window."""
        self._paints, self._text = paints, QColor(text)
        self.update()

    def choose(self, band: Band | None) -> None:
        """Frame one band."""
        self._chosen = band
        self.update()

    def set_data(
        self, times_s: Floats, bands: list[Band], heights: Floats, pieces: Sequence[slice]
    ) -> None:
        """Draw other areas.

        Args:
            times_s: Moments, rising.
            bands: From the ground up.
            heights: Upper edge of each in MB; shape (bands, moments).
            pieces: Stretches of moments without a gap.
        """
        self._times, self._bands, self._heights, self._pieces = times_s, bands, heights, pieces
        self.update()

    def place_at(self, time_s: float, height_mb: float) -> tuple[Band, float] | None:
        """The band that is drawn at a place and its MB there; None where there is none."""
        if height_mb < 0:
            return None
        reach_s = LEAST_WIDTH_PX / 2 * float(self.pixelWidth() or 0.0)
        for piece in self._pieces:
            times = self._times[piece]
            margin_s = reach_s if len(times) == 1 else 0.0
            if not times[0] - margin_s <= time_s <= times[-1] + margin_s:
                continue
            edges = [float(np.interp(time_s, times, row[piece])) for row in self._heights]
            number = int(np.searchsorted(edges, height_mb))
            if number < len(edges):
                return self._bands[number], edges[number] - (edges[number - 1] if number else 0.0)
        return None

    def boundingRect(self) -> QRectF:
        """All of the view: what is drawn outside of it is cut off anyway."""
        rect = self.viewRect()
        return QRectF() if rect is None else rect

    @Slot()
    def viewTransformChanged(self) -> None:
        """The view has moved, and with it the edges of this item."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Paint in pixels, so that patterns and letters keep their size."""
        if not self._bands:
            return
        transform = painter.worldTransform()
        right = transform.map(self.boundingRect().topRight()).x()
        across = self._times * transform.m11() + transform.dx()
        ground = np.full((1, len(self._times)), transform.dy())
        edges = np.vstack((ground, self._heights * transform.m22() + transform.dy()))
        painter.save()
        painter.resetTransform()
        painter.setFont(self._font)
        for piece in self._pieces:
            places, levels = _widened(across[piece], edges[:, piece])
            for number, band in enumerate(self._bands):
                self._paint_area(painter, band, places, levels[number], levels[number + 1])
            self._paint_names(painter, places, levels, right)
        painter.restore()

    def _paint_area(
        self, painter: QPainter, band: Band, places: Floats, lower: Floats, upper: Floats
    ) -> None:
        area = _polygon(
            np.concatenate((places, places[::-1])), np.concatenate((upper, lower[::-1]))
        )
        # Only the edges are smoothed, which hide the steps of the areas under them.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for brush in self._paints[band].brushes():
            painter.setBrush(brush)
            painter.drawPolygon(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._paints[band].edge), 1))
        painter.drawPolyline(_polygon(places, upper))
        if band is self._chosen:
            for shift in (0.0, 1.0):
                painter.setPen(QPen(self._text, 1))
                painter.drawPolyline(_polygon(places, upper + shift))
                painter.drawPolyline(_polygon(places, lower - shift))

    def _paint_names(self, painter: QPainter, places: Floats, levels: Floats, right: float) -> None:
        """Write a band's name at its right end, where it is high enough for a line."""
        metrics = QFontMetricsF(self._font)
        end = min(float(places[-1]), right) - LABEL_GAP_PX
        painter.setPen(self._text)
        for number, band in enumerate(self._bands):
            width = metrics.horizontalAdvance(band.label)
            if width + 2 * LABEL_GAP_PX > end - max(0.0, float(places[0])):
                continue
            # The lowest roof and the highest floor over the length of the name.
            spots = np.linspace(end - width, end, 9)
            roof = float(np.interp(spots, places, levels[number + 1]).max())
            floor = float(np.interp(spots, places, levels[number]).min())
            if floor - roof >= metrics.height():
                base = (floor + roof) / 2 + metrics.ascent() / 2 - metrics.descent() / 2
                painter.drawText(QPointF(end - width, base), band.label)


def _widened(places: Floats, levels: Floats) -> tuple[Floats, Floats]:
    if len(places) > 1:
        return places, levels
    half = LEAST_WIDTH_PX / 2
    return np.array([places[0] - half, places[0] + half]), np.repeat(levels, 2, axis=1)


def _polygon(places: Floats, levels: Floats) -> QPolygonF:
    polygon: QPolygonF = create_qpolygonf(len(places))
    points = ndarray_from_qpolygonf(polygon)
    points[:, 0], points[:, 1] = places, levels
    return polygon
