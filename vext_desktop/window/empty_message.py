"""What stands where there is nothing to show: an icon, one line, and what to do about it."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from vext_desktop.window.icons import draw_icon
from vext_desktop.window.plain_text import shown_text
from vext_desktop.window.tones import muted_text

ICON_SIZE = 40


class EmptyMessage(QWidget):
    """A centred message; the first line of its text stands out.

    Args:
        icon: Name of the icon above it.
        text: The message; its first line is the heading.
        parent: The owning widget.
    """

    def __init__(self, icon: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel()
        self._heading = _centred_label()
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setWeight(QFont.Weight.DemiBold)
        self._heading.setFont(font)
        self._text = _centred_label()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 8)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._heading)
        column.addWidget(self._text)
        column.addStretch(3)
        self._take_colours()
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show a message that may quote a document or a query: it is plain text."""
        heading, _, rest = shown_text(text).partition("\n")
        self._heading.setText(heading)
        self._text.setText(rest)
        self._text.setVisible(bool(rest))
        self.setAccessibleName(f"{heading} {rest}".strip())

    def text(self) -> str:
        """What is shown."""
        return "\n".join(part for part in (self._heading.text(), self._text.text()) if part)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_colours()

    def _take_colours(self) -> None:
        colour = muted_text(self.palette())
        self._icon.setPixmap(
            draw_icon(self._icon_name, ICON_SIZE, colour.name(), self.devicePixelRatioF())
        )
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self._text.setPalette(palette)


def _centred_label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
