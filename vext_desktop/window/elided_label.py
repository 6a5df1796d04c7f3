"""A line of text that is shortened to the room there is."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from vext_desktop.window.plain_text import shown_line, shown_text, shown_tooltip
from vext_desktop.window.tones import muted_text


class ElidedLabel(QLabel):
    """Plain text on one line; the whole of it is in the tool tip and for screen readers.

    Args:
        parent: The owning widget.
        is_muted: Whether it is painted in the colour of what is read second.
        is_sentence: Whether its end is left out; otherwise its middle, as names and paths need it.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        is_muted: bool = False,
        is_sentence: bool = False,
    ) -> None:
        super().__init__(parent)
        self._is_muted = is_muted
        self._left_out = (
            Qt.TextElideMode.ElideRight if is_sentence else Qt.TextElideMode.ElideMiddle
        )
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_line(self, text: str, whole: str = "") -> None:
        """Show a text that may come from a document; `whole` is its tool tip, if not itself."""
        self.setText(shown_line(text))
        self.setToolTip(shown_tooltip(whole or text))
        # Else a screen reader is given the tool tip, with its marks.
        self.setAccessibleDescription(shown_text(whole or text))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(40, self.fontMetrics().lineSpacing())

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.lineSpacing())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits, in the colours of the palette in force."""
        painter = QPainter(self)
        palette = self.palette()
        painter.setPen(muted_text(palette) if self._is_muted else palette.windowText().color())
        shown = self.fontMetrics().elidedText(self.text(), self._left_out, self.width())
        painter.drawText(event.rect() | self.rect(), self.alignment(), shown)
        painter.end()
