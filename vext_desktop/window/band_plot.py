"""Who owned the memory over time: stacked bands, with the curve of RSS above them."""

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, Signal, Slot
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QToolTip, QWidget

from vext_desktop.memory.band_history import BandCurves
from vext_desktop.memory.curves import Measure
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.readings import Band
from vext_desktop.window.band_colours import paints_for
from vext_desktop.window.band_stack import BandStack
from vext_desktop.window.fast_curve import FastCurve
from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.time_plot import TimePlot
from vext_desktop.window.time_view import TimeView

KEYS = (
    "Up and Down choose an owner, Ctrl with Left and Right goes from one measurement to the next, "
    "Left and Right from mark to mark. Plus and minus zoom, Shift with Left and Right moves the "
    "view, P finds the peak, F follows the newest samples."
)


class BandPlot(TimePlot):
    """The owner bands of one process, or of all, over time.

    Args:
        view: Its frame, still empty; None to make it here and now.
        parent: The owner.
    """

    band_chosen = Signal(object, float)  # Band; seconds since the origin

    def __init__(self, view: TimeView | None = None, parent: QWidget | None = None) -> None:
        super().__init__("Owners", view, parent)
        self._heading.hide()  # the choice of the process stands there
        self.view.setAccessibleDescription(f"The table beside has the same numbers. {KEYS}")
        self.stack = BandStack(self._small_font())
        self._rss = FastCurve(is_thick=True)
        for item in (self.stack, self._rss):
            self.view.add(item)
        self._add_overlays()
        self.place_clicked.connect(self._on_place_clicked)
        self.view.scene().sigMouseMoved.connect(self._on_mouse_moved)

    def set_colours(self, colours: PlotColours) -> None:
        """Paint everything for a light or a dark window."""
        super().set_colours(colours)
        self.stack.set_colours(paints_for(self.palette()), colours.text)
        self._rss.set_pen(pyqtgraph.mkPen(colours.text))

    def show_bands(
        self,
        history: MemoryHistory,
        drawn: BandCurves,
        line: str,
        marks: list[EventMark],
        time_range: tuple[float, float],
        *,
        absent_words: str,
        fits_height: bool,
    ) -> None:
        """Draw a stretch of time.

        Args:
            history: Has RSS, which is known also where nobody measured the owners.
            drawn: The bands in view, thinned.
            line: The process, or all of them.
            marks: The marks in view, thinned.
            time_range: The moments at the edges.
            absent_words: Why no band is drawn, if none is.
            fits_height: Whether the height follows the data, or stays as the user zoomed it.
        """
        bands, heights = drawn.stack(line)
        self.stack.set_data(drawn.times_s, bands, heights, drawn.pieces() if bands else [])
        points = max(200, round(self.box.width()))
        curves = history.curves_between(*time_range, points)
        rss = curves.values_mb(Measure.RSS, line)
        self._rss.set_data(curves.times_s, rss)
        known = rss[np.isfinite(rss)]
        highest = max(float(known.max()) if len(known) else 0.0, float(heights.max(initial=0.0)))
        if fits_height:
            self._fit_height(highest)
        self._show_absent("" if bands else absent_words)
        all_rss = history.curves.values_mb(Measure.RSS, line)
        self._marks.show(history, all_rss, marks, tuple(self.box.viewRange()[1]))
        self._paint_soon()

    def choose(self, band: Band | None) -> None:
        """Frame one band."""
        self.stack.choose(band)
        self._paint_soon()

    @Slot(float, float)
    def _on_place_clicked(self, time_s: float, height_mb: float) -> None:
        found = self.stack.place_at(time_s, height_mb)
        if found is not None:
            self.band_chosen.emit(found[0], time_s)

    @Slot(object)
    def _on_mouse_moved(self, place: QPointF) -> None:
        point = self.box.mapSceneToView(place)
        found = self.stack.place_at(point.x(), point.y())
        if found is None or not self.box.sceneBoundingRect().contains(place):
            QToolTip.hideText()
            return
        band, size_mb = found
        QToolTip.showText(
            QCursor.pos(), f"{band.label}: {size_mb:.0f} MB\n{band.meaning}", self.view
        )
