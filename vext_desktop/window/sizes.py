"""Sizes that depend on something else than the widget itself."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QFrame, QScrollArea, QVBoxLayout, QWidget

# Of the screen, so that frame and title are in sight too.
_SCREEN_SHARE = 0.94
_TEXT_MARGIN = 8


def fit_to_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window its usual size, or less where the screen is smaller."""
    room = window.screen().availableSize()
    window.resize(QSize(width, height).boundedTo(room * _SCREEN_SHARE))


class _AnyHeight(QVBoxLayout):
    """Takes the height that it is given, where that is enough at all."""

    def hasHeightForWidth(self) -> bool:
        """A scroll area would otherwise give it the height that it would like best."""
        return False


def filling(part: QWidget) -> QWidget:
    """Let a part use whatever height there is in a scroll area, from its least upwards."""
    frame = QWidget()
    column = _AnyHeight(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(part)
    return frame


def scrolling(part: QWidget, least_height: int) -> QScrollArea:
    """Let a part be less high than it needs to be: then it scrolls."""
    area = QScrollArea()
    area.setWidget(part)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setMinimumHeight(least_height)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keys
    area.viewport().setAutoFillBackground(False)  # the ground is that of what it stands in
    part.setAutoFillBackground(False)
    return area


def indent_number(box: QAbstractSpinBox) -> None:
    """Have a number begin where texts do: the padding of a style sheet does not reach it."""
    box.lineEdit().setTextMargins(_TEXT_MARGIN, 0, 0, 0)
