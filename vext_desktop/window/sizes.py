"""Sizes that depend on something else than the widget itself."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

# Of the screen, so that frame and title are in sight too.
_SCREEN_SHARE = 0.94
_TEXT_MARGIN = 8


def fit_to_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window its usual size, or less where the screen is smaller."""
    room = window.screen().availableSize()
    window.resize(QSize(width, height).boundedTo(room * _SCREEN_SHARE))


def indent_number(box: QAbstractSpinBox) -> None:
    """Have a number begin where texts do: the padding of a style sheet does not reach it."""
    box.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)
