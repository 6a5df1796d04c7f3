"""The heading of a plot: what it shows in bold, and what that means."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP_PX = 8


class PlotHeading(QWidget):
    """One line that changes with every sample.

    Not a QLabel: each change of its text would have all layouts around it arranged anew, and
    the plots painted a second time.

    Args:
        title: Shown in bold.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._explanation = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    @property
    def text(self) -> str:
        """The whole line."""
        return f"{self._title} {self._explanation}".strip()

    def show_words(self, title: str, explanation: str) -> None:
        """Show other words."""
        if (title, explanation) != (self._title, self._explanation):
            self._title, self._explanation = title, explanation
            self.setAccessibleName(self.text)
            self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(100, self.fontMetrics().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what fits."""
        bold = QFont(self.font())
        bold.setBold(True)
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.setFont(bold)
        left_side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), left_side, self._title)
        painter.setFont(self.font())
        room = self.rect().adjusted(
            QFontMetrics(bold).horizontalAdvance(self._title) + GAP_PX, 0, 0, 0
        )
        shown = self.fontMetrics().elidedText(
            self._explanation, Qt.TextElideMode.ElideRight, max(0, room.width())
        )
        painter.drawText(room, left_side, shown)
        painter.end()
