"""Keeps the time lines, or the heights, of several plots equal."""

import pyqtgraph
from PySide6.QtCore import QObject, Qt, Slot


class RangeLink(QObject):
    """Gives every plot the range that one of them takes.

    pyqtgraph's own link goes one way, and lines plots up by their place on the screen, which a
    plot on a hidden page does not have.

    Args:
        orientation: Horizontal for time, vertical for heights.
        parent: The owner.
    """

    def __init__(self, orientation: Qt.Orientation, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_horizontal = orientation is Qt.Orientation.Horizontal
        self._boxes: list[pyqtgraph.ViewBox] = []
        self._is_busy = False

    def add(self, box: pyqtgraph.ViewBox) -> None:
        """Link one more plot; it takes the range of the others with the next change."""
        self._boxes.append(box)
        changed = box.sigXRangeChanged if self._is_horizontal else box.sigYRangeChanged
        changed.connect(self._on_range_changed)

    @Slot(object, object)
    def _on_range_changed(self, source: object, limits: object) -> None:
        if self._is_busy or not isinstance(limits, list | tuple):
            return
        self._is_busy = True
        try:
            for box in self._boxes:
                if box is not source and self._is_horizontal:
                    box.setXRange(*limits, padding=0)
                elif box is not source:
                    box.setYRange(*limits, padding=0)
        finally:
            self._is_busy = False
