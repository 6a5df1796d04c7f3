"""Folders and files dropped anywhere on the window, and the overlay that shows that they may."""

from PySide6.QtCore import QEvent, QMimeData, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from vext_desktop.window.dropped_paths import dropped_paths
from vext_desktop.window.icons import draw_icon
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_sentences import say_count

ICON_SIZE = 56


class DropOverlay(QWidget):
    """Covers a window while something is dragged over it, and takes the drop.

    Args:
        window: The window to cover; its children need not know of drops.
    """

    paths_dropped = Signal(object)
    """The dropped files and folders: tuple[Path, ...], never empty."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._words = ""
        self.setAccessibleName("Drop zone")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.claim_drops()

    def claim_drops(self) -> None:
        """Let drops over every child go to the window; call again after adding children."""
        for child in self._window.findChildren(QWidget):
            # Text boxes take files for text, lists take drops for sorting.
            child.setAcceptDrops(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's drags and size."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        elif isinstance(event, QDropEvent) and not isinstance(event, QDragMoveEvent):
            self._on_drop(event)
            return True
        elif isinstance(event, QDragEnterEvent | QDragMoveEvent):
            self._on_drag(event)
            return True
        elif isinstance(event, QDragLeaveEvent):
            self.hide()
            return True
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """A veil, a dashed frame, an icon and what a drop will do."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = self.palette().window().color()
        veil.setAlphaF(0.93)
        painter.fillRect(self.rect(), veil)
        accent = self.palette().accent().color()
        pen = QPen(accent, 2.5, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(18, 18, -18, -18), 16, 16)
        middle = self.rect().center()
        icon = draw_icon("drop", ICON_SIZE, accent.name(), self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - ICON_SIZE // 2, middle.y() - ICON_SIZE - 12, icon)
        painter.setPen(self.palette().windowText().color())
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        below = QRect(0, middle.y() + 6, self.width(), 40)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._words)
        painter.setFont(self.font())
        painter.setPen(self.palette().placeholderText().color())
        painter.drawText(
            below.translated(0, 42),
            Qt.AlignmentFlag.AlignHCenter,
            "Your files stay where they are; nothing is written into them.",
        )

    def _on_drag(self, event: QDragMoveEvent) -> None:
        paths = dropped_paths(event.mimeData())
        if not paths:
            event.ignore()
            return
        # A copy in the file manager's eyes: it must not remove what it gave us.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if self.isHidden():
            self._words = _say_drop(event.mimeData())
            self.setGeometry(self._window.rect())
            self.raise_()
            self.show()

    def _on_drop(self, event: QDropEvent) -> None:
        self.hide()
        paths = dropped_paths(event.mimeData())
        if not paths:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.paths_dropped.emit(paths)


def _say_drop(mime: QMimeData) -> str:
    paths = dropped_paths(mime)
    if len(paths) > 1:
        return f"Drop {say_count(len(paths), 'item')} to make them searchable"
    return f"Drop “{shown_line(paths[0].name or str(paths[0]))}” to make it searchable"
