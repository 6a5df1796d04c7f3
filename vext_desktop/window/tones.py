"""Colours derived from the palette in force, so that every panel follows dark and light."""

from PySide6.QtGui import QColor, QPalette


def blend(back: QColor, front: QColor, share: float) -> QColor:
    """A colour between two others; `share` of the front one, 0 to 1."""
    return QColor(
        round(back.red() + (front.red() - back.red()) * share),
        round(back.green() + (front.green() - back.green()) * share),
        round(back.blue() + (front.blue() - back.blue()) * share),
    )


def is_dark(palette: QPalette) -> bool:
    """Whether text is lighter than what it stands on."""
    return palette.base().color().lightness() < palette.text().color().lightness()


def muted_text(palette: QPalette) -> QColor:
    """For what is read second: paths, counts. At least 4.5 : 1 on usual palettes."""
    return blend(palette.base().color(), palette.text().color(), 0.66)


def faint_line(palette: QPalette) -> QColor:
    """For separators and empty tracks."""
    return blend(palette.base().color(), palette.text().color(), 0.14)


def mark_background(palette: QPalette) -> QColor:
    """Behind a word that was searched for; the text on it keeps its own colour."""
    return QColor("#6b5310") if is_dark(palette) else QColor("#ffe69a")
