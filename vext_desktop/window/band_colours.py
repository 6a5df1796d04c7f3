"""How each owner band is painted: a hue for the owner, a pattern for what is only held."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPalette, QPen, QPixmap

from vext_desktop.readings import Band
from vext_desktop.window.tones import is_dark

SWATCH_PX = 16
# Drawn at this many times the size, for screens of any density.
SWATCH_RATIO = 3

_Solid, _Held, _Lines, _Cross = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.HorPattern,
    Qt.BrushStyle.DiagCrossPattern,
)


@dataclass(frozen=True, slots=True)
class BandPaint:
    """Ground, edge and pattern of one band; the pattern is drawn in the colour of the edge."""

    ground: str
    edge: str
    pattern: Qt.BrushStyle = _Solid

    def brushes(self) -> list[QBrush]:
        """What an area is filled with, one after the other."""
        brushes = [QBrush(QColor(self.ground))]
        if self.pattern is not _Solid:
            brushes.append(QBrush(QColor(self.edge), self.pattern))
        return brushes


# An owner's bands share a hue; what is free but held is hatched. So nothing hangs on colour
# alone, and wide bands carry their name besides.
LIGHT = {
    Band.PYTHON_OBJECTS: BandPaint("#7fb3df", "#2f6ea8"),
    Band.PYTHON_HELD: BandPaint("#e1eefa", "#2f6ea8", _Held),
    Band.NATIVE_IN_USE: BandPaint("#f0a368", "#b1560f"),
    Band.NATIVE_HELD: BandPaint("#fdeadb", "#b1560f", _Held),
    Band.LARGE_BLOCKS: BandPaint("#f8d58c", "#8a6200", _Lines),
    Band.ARROW_LANCE: BandPaint("#74c9a5", "#16724e"),
    Band.MODEL_FILE: BandPaint("#ddb0d2", "#8c4a7c"),
    Band.LIBRARIES: BandPaint("#ccd3de", "#66728a"),
    Band.STACKS_JIT: BandPaint("#a9b3c3", "#4c566a"),
    Band.UNEXPLAINED: BandPaint("#ffffff", "#7a7a7a", _Cross),
}
DARK = {
    Band.PYTHON_OBJECTS: BandPaint("#2c679d", "#8cc4f2"),
    Band.PYTHON_HELD: BandPaint("#1b2f42", "#5fa0d8", _Held),
    Band.NATIVE_IN_USE: BandPaint("#a85a1c", "#ffb77a"),
    Band.NATIVE_HELD: BandPaint("#3b2818", "#d9812f", _Held),
    Band.LARGE_BLOCKS: BandPaint("#6b5218", "#c9a24a", _Lines),
    Band.ARROW_LANCE: BandPaint("#1f6f52", "#6fdcb2"),
    Band.MODEL_FILE: BandPaint("#7a4a6e", "#e3b0d6"),
    Band.LIBRARIES: BandPaint("#454e5e", "#a3afc4"),
    Band.STACKS_JIT: BandPaint("#323946", "#828ea5"),
    Band.UNEXPLAINED: BandPaint("#1b1d20", "#8f949b", _Cross),
}


def paints_for(palette: QPalette) -> dict[Band, BandPaint]:
    """The set that goes with a window's palette."""
    return DARK if is_dark(palette) else LIGHT


def swatch(paint: BandPaint) -> QIcon:
    """A small sample of a band, for legends and tables."""
    pixmap = QPixmap(SWATCH_PX * SWATCH_RATIO, SWATCH_PX * SWATCH_RATIO)
    pixmap.setDevicePixelRatio(SWATCH_RATIO)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    area = QRectF(1.5, 2.5, SWATCH_PX - 3, SWATCH_PX - 5)
    for brush in paint.brushes():
        painter.fillRect(area, brush)
    painter.setPen(QPen(QColor(paint.edge), 1))
    painter.drawRect(area)
    painter.end()
    return QIcon(pixmap)
