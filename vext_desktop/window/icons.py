"""Icons: SVG files drawn in the colour of the palette in force, light or dark."""

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from vext_desktop.window.tones import is_dark

APP_ICON = "vext-desktop"


def load_icon(name: str) -> QIcon:
    """The icon of `resources/icons/NAME.svg`, tinted each time it is drawn.

    A change between dark and light needs no reloading. A name without a file is a mistake of
    ours and raises FileNotFoundError.
    """
    return QIcon(_TintedSvg(read_svg(name)))


def load_app_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    return QIcon(_TintedSvg(read_svg(APP_ICON)))


def draw_app_icon(size: int, palette: QPalette, scale: float = 1.0) -> QPixmap:
    """The program's own icon for a label, lighter where the palette is dark."""
    name = f"{APP_ICON}-dark" if is_dark(palette) else APP_ICON
    return _render(read_svg(name), "", QSize(size, size), scale)


def draw_icon(name: str, size: int, colour: str, scale: float = 1.0) -> QPixmap:
    """A square pixmap of `size` logical pixels in one colour, for labels."""
    return _render(read_svg(name), colour, QSize(size, size), scale)


@cache
def read_svg(name: str) -> str:
    """The text of an icon's file."""
    place = resources.files("vext_desktop.resources") / "icons" / f"{name}.svg"
    return place.read_text(encoding="utf-8")


class _TintedSvg(QIconEngine):
    """Draws an SVG with `currentColor` taken from the application's palette."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self._svg = svg

    def paint(
        self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State, /
    ) -> None:
        scale = painter.device().devicePixelRatio()
        painter.drawPixmap(rect, _render(self._svg, _colour(mode), rect.size(), scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, /) -> QPixmap:
        return _render(self._svg, _colour(mode), size, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float, /
    ) -> QPixmap:
        return _render(self._svg, _colour(mode), size, scale)

    def clone(self) -> QIconEngine:
        return _TintedSvg(self._svg)


def _colour(mode: QIcon.Mode) -> str:
    palette = QApplication.palette()
    group = QPalette.ColorGroup.Active
    role = QPalette.ColorRole.ButtonText
    if mode is QIcon.Mode.Disabled:
        group = QPalette.ColorGroup.Disabled
    elif mode is QIcon.Mode.Selected:
        role = QPalette.ColorRole.HighlightedText
    return palette.color(group, role).name()


def _render(svg: str, colour: str, size: QSize, scale: float) -> QPixmap:
    """Draw an SVG once for each size and colour; Qt's own bounded cache keeps the result."""
    pixels = QSize(round(size.width() * scale), round(size.height() * scale))
    key = f"vext:{hash(svg)}:{colour}:{pixels.width()}x{pixels.height()}@{scale}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(QPointF(), pixels.toSizeF()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    QPixmapCache.insert(key, pixmap)
    return pixmap
