"""What all plots over time have in common: axes, heading, cursor, heights, focus and clicks."""

import numpy as np
import pyqtgraph
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QGraphicsView, QVBoxLayout, QWidget

from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.plot_heading import PlotHeading
from vext_desktop.window.plot_limits import PlotLimits
from vext_desktop.window.plot_marks import PlotMarks
from vext_desktop.window.range_link import RangeLink
from vext_desktop.window.time_view import TimeView, smaller

# Room between the highest thing in view and the upper edge, for labels.
HEADROOM = 1.18


class TimePlot(QWidget):
    """Megabytes over seconds.

    Subclasses add their items once and only ever give them new data: creating and removing items
    leaks (https://github.com/pyqtgraph/pyqtgraph/issues/2672).

    Args:
        title: Its name, in front of the present value.
        view: Its frame, still empty; None to make it here and now.
        parent: The owner.
    """

    mark_clicked = Signal(object)  # EventMark
    place_clicked = Signal(float, float)  # seconds since the origin of the history; MB

    def __init__(self, title: str, view: TimeView | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = PlotHeading(title)
        font = self._small_font()
        self.view = TimeView() if view is None else view
        self.view.setAccessibleName(f"Plot of {title} over time")
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.setFrameShape(QFrame.Shape.StyledPanel)
        self.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self._prepare_axes()
        self._overlay = PlotLimits(font)
        self._absent = pyqtgraph.TextItem("", anchor=(0.5, 0.5))
        self._absent.hide()
        self._paint_delay = QTimer(self)
        self._paint_delay.setSingleShot(True)
        self._paint_delay.timeout.connect(self._on_paint_due)
        self._wanted_top_mb = 0.0
        self._colours: PlotColours | None = None
        self._twin: TimePlot | None = None
        self._heights = RangeLink(Qt.Orientation.Vertical, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._heading)
        layout.addWidget(self.view, 1)
        self.view.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.box.sigRangeChanged.connect(self._paint_soon)

    @property
    def box(self) -> pyqtgraph.ViewBox:
        """The part of the plot that holds the data, for linking and for signals of its range."""
        return self.view.box

    def paint_later(self, delay_ms: int) -> None:
        """Paint so long after a change: plots that take turns hold up nobody for long."""
        self._paint_delay.setInterval(delay_ms)

    def hide_view(self) -> None:
        """Leave its place empty until somebody shows `view`."""
        policy = self.view.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.view.setSizePolicy(policy)
        self.view.hide()

    def link_to(self, other: "TimePlot") -> None:
        """Have the same height as the plot of another history from now on."""
        self._twin, other._twin = other, self
        self._heights.add(self.box)
        self._heights.add(other.box)

    def set_colours(self, colours: PlotColours) -> None:
        """Paint everything for a light or a dark window."""
        if colours == self._colours:
            return
        self._colours = colours
        self.view.setBackground(colours.ground)
        self.view.setStyleSheet(
            "QGraphicsView { border: 1px solid transparent; }"
            f"QGraphicsView:focus {{ border: 1px solid {colours.focus}; }}"
        )
        for name in ("left", "bottom"):
            self.view.axis(name).set_colours(colours)
        self._overlay.set_colours(colours)
        self._absent.setColor(colours.text)
        self._marks.set_colours(colours)
        self._paint_soon()

    def show_cursor(self, time_s: float) -> None:
        """Put the dashed upright line at a moment."""
        self._overlay.show_cursor(time_s)
        self._paint_soon()

    def _add_overlays(self) -> None:
        """Add what lies above the data; for subclasses, when they have added theirs."""
        for item in (self._overlay, self._absent):
            self.view.add(item)
        self._marks = PlotMarks(self.view)

    @Slot()
    def _paint_soon(self) -> None:
        """Have all of the plot painted, once.

        Left alone, Qt paints at once what has moved and a moment later what has changed.
        """
        self.view.is_outdated = True
        if self._paint_delay.interval():
            self._paint_delay.start()
        else:
            self._on_paint_due()

    @Slot()
    def _on_paint_due(self) -> None:
        if self.view.is_outdated:  # and not painted meanwhile, because it has come into view
            self.view.viewport().update()

    def _prepare_axes(self) -> None:
        self.box.setDefaultPadding(0)
        self.box.disableAutoRange()
        self.box.setLimits(xMin=0, yMin=0, minXRange=0.5, minYRange=0.5)
        self.box.setYRange(0, 100)

    def _small_font(self) -> QFont:
        return smaller(self.font())

    def _show_absent(self, words: str) -> None:
        """Say in the middle of the plot why nothing is drawn; "" when something is."""
        (start, end), (bottom, top) = self.box.viewRange()
        self._absent.setVisible(bool(words))
        if words:
            self._absent.setText(words)
            self._absent.setPos((start + end) / 2, (bottom + top) / 2)

    def _fit_height(self, highest_mb: float) -> None:
        """Have room for this height and, where another history is compared, for its."""
        self._wanted_top_mb = round_up(max(highest_mb, 1.0) * HEADROOM)
        top = max(self._wanted_top_mb, self._twin._wanted_top_mb if self._twin else 0.0)
        if self.box.viewRange()[1] != [0, top]:
            self.box.setYRange(0, top)

    @Slot(object)
    def _on_mouse_clicked(self, event: MouseClickEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.scenePos()
        if not self.box.sceneBoundingRect().contains(place):
            return
        point = self.box.mapSceneToView(place)
        mark = self._marks.mark_near(point.x(), point.y(), self.box.viewPixelSize())
        if mark is not None:
            self.mark_clicked.emit(mark)
        else:
            self.place_clicked.emit(point.x(), point.y())


def round_up(value: float) -> float:
    """The next of 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    steps = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)
    return float(next(step * power for step in steps if value <= step * power * (1 + 1e-9)))
