"""The keys that explore a plot."""

from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

HINT = (
    "Left and Right go from mark to mark, with Ctrl from sample to sample, Home and End to the "
    "ends. Up and Down choose the kind of mark. Plus and minus zoom, Shift with Left and Right "
    "moves the view, P finds the peak, F follows the newest samples."
)


class PlotAction(Enum):
    """What a key asks of a plot."""

    NEXT = auto()
    PREVIOUS = auto()
    NEXT_SAMPLE = auto()
    PREVIOUS_SAMPLE = auto()
    FIRST = auto()
    LAST = auto()
    NEXT_KIND = auto()
    PREVIOUS_KIND = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    PAN_LEFT = auto()
    PAN_RIGHT = auto()
    PEAK = auto()
    FOLLOW = auto()


_NONE = Qt.KeyboardModifier.NoModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ACTIONS = {
    (Qt.Key.Key_Right, _NONE): PlotAction.NEXT,
    (Qt.Key.Key_Left, _NONE): PlotAction.PREVIOUS,
    (Qt.Key.Key_Right, _CONTROL): PlotAction.NEXT_SAMPLE,
    (Qt.Key.Key_Left, _CONTROL): PlotAction.PREVIOUS_SAMPLE,
    (Qt.Key.Key_Right, _SHIFT): PlotAction.PAN_RIGHT,
    (Qt.Key.Key_Left, _SHIFT): PlotAction.PAN_LEFT,
    (Qt.Key.Key_Home, _NONE): PlotAction.FIRST,
    (Qt.Key.Key_End, _NONE): PlotAction.LAST,
    (Qt.Key.Key_Down, _NONE): PlotAction.NEXT_KIND,
    (Qt.Key.Key_Up, _NONE): PlotAction.PREVIOUS_KIND,
    (Qt.Key.Key_Minus, _NONE): PlotAction.ZOOM_OUT,
    (Qt.Key.Key_P, _NONE): PlotAction.PEAK,
    (Qt.Key.Key_F, _NONE): PlotAction.FOLLOW,
}
# On some keyboards plus needs Shift, on others it is the unshifted "=" key.
_ZOOM_IN_KEYS = {Qt.Key.Key_Plus, Qt.Key.Key_Equal}


class PlotKeys(QObject):
    """Turns key presses on the widgets that it is installed on into actions."""

    action_asked = Signal(object)  # PlotAction

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that mean something here, and leave all others."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            action = _action_of(event)
            if action is not None:
                self.action_asked.emit(action)
                return True
        return super().eventFilter(watched, event)


def _action_of(event: QKeyEvent) -> PlotAction | None:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = Qt.Key(event.key())
    if key in _ZOOM_IN_KEYS and modifiers in (_NONE, _SHIFT):
        return PlotAction.ZOOM_IN
    return _ACTIONS.get((key, modifiers))
