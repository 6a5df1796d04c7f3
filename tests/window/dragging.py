"""Drags things over a window and drops them, through Qt's own delivery of such events."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

COPY = Qt.DropAction.CopyAction
BUTTON = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def mime_of(paths: Sequence[Path]) -> QMimeData:
    """What a file manager hands over for these paths, whatever bytes their names hold."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromEncoded(path.as_uri().encode()) for path in paths])
    return mime


def drag_over(widget: QWidget, mime: QMimeData) -> bool:
    """Bring a drag over the middle of a widget; whether its window would take the drop.

    The event goes to the native window, so that Qt itself finds who is to have it.
    """
    window = widget.window()
    at = widget.mapTo(window, widget.rect().center())
    event = _enter_event(at, mime)
    QApplication.sendEvent(window.windowHandle(), event)
    return event.isAccepted()


def drop_on(widget: QWidget, mime: QMimeData) -> bool:
    """Drag over the middle of a widget and drop; whether it was taken."""
    if not drag_over(widget, mime):
        return False
    window = widget.window()
    at = widget.mapTo(window, widget.rect().center())
    event = QDropEvent(QPointF(at), COPY, mime, BUTTON, NO_KEY)
    QApplication.sendEvent(window.windowHandle(), event)
    return event.isAccepted()


def leave(widget: QWidget) -> None:
    """Take the drag away again."""
    QApplication.sendEvent(widget.window().windowHandle(), QDragLeaveEvent())


def _enter_event(at: QPoint, mime: QMimeData) -> QDragEnterEvent:
    with warnings.catch_warnings():
        # Deprecated in Qt 6.12 in favour of one that 6.11 does not have; as an error, the
        # warning would crash the binding.
        warnings.simplefilter("ignore", DeprecationWarning)
        return QDragEnterEvent(at, COPY, mime, BUTTON, NO_KEY)
