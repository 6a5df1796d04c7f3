"""The first page: what the program does, what it never does, where its data lies, how to begin."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.icons import draw_app_icon, draw_icon, load_icon
from vext_desktop.window.tones import muted_text

TITLE = "Find your documents by what they mean"
INVITATION = (
    "Drop a folder anywhere on this window, or choose one. Then ask a question, name a topic, or "
    "type the exact words."
)
DOES = (
    "It reads the documents in the folders that you give it, and finds the passages that answer "
    "your question, also where they use other words. All of it is computed on this computer, and "
    "you see at any time how much memory that takes."
)
NEVER_DOES = (
    "It never uses the network, unless you choose an online service or switch on the check for "
    "new versions. It reports nothing to anybody. It changes none of your files, and writes "
    "nothing beside them."
)
LIES = "Everything that it keeps is in one folder. Delete that folder, and it has forgotten all:"
WIDEST = 900
APP_ICON_SIZE = 64


class WelcomePage(QScrollArea):
    """Stands where library and results would, until there is something in the library.

    Args:
        data_folder: Where the data lies; as text, for reading.
        parent: The owning widget.
    """

    folder_requested = Signal()
    samples_requested = Signal()
    open_data_folder_requested = Signal()
    left = Signal()
    """The user wants back to where they were."""

    def __init__(self, data_folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Welcome")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.choose = _button("Choose a folder...", "", self.folder_requested)
        self.choose.setObjectName("primary")
        self.choose.setDefault(True)
        self.samples = _button(
            "Try it with the sample documents", "library", self.samples_requested
        )
        self.open_folder = _button(
            "Open this folder", "folder-open", self.open_data_folder_requested
        )
        self.back = _button("Back to my documents", "undo", self.left)
        self.back.hide()
        path = ElidedLabel()
        path.show_line(data_folder)
        path.setAccessibleName(f"The data folder: {data_folder}")
        cards = QHBoxLayout()
        cards.setSpacing(10)
        cards.addWidget(_Card("search", "What it does", DOES), 1)
        cards.addWidget(_Card("shield", "What it never does", NEVER_DOES), 1)
        cards.addWidget(_Card("folder", "Where its data lies", LIES, path, self.open_folder), 1)
        self.setWidget(_centred(self._create_zone(), cards))

    @property
    def fields(self) -> tuple[QWidget, ...]:
        """What takes the keyboard, in order."""
        return (self.choose, self.samples, self.back, self.open_folder)

    def set_can_leave(self, *, can_leave: bool) -> None:
        """Whether there is something behind this page to go back to."""
        self.back.setVisible(can_leave)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the page where that is possible."""
        if event.key() == Qt.Key.Key_Escape and self.back.isVisible():
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _create_zone(self) -> QWidget:
        title = _centred_label(TITLE)
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.choose, self.samples, self.back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        zone = _DashedZone()
        column = QVBoxLayout(zone)
        column.setContentsMargins(20, 18, 20, 20)
        column.setSpacing(9)
        column.addWidget(_AppIcon(), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(title)
        column.addWidget(_centred_label(INVITATION))
        column.addSpacing(4)
        column.addLayout(buttons)
        return zone


class _DashedZone(QWidget):
    """A dashed frame, as around every place where things are dropped."""

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        """The frame, in the palette of the moment."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().dark().color(), 1.4, Qt.PenStyle.DashLine))
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)
        painter.end()


class _AppIcon(QLabel):
    """The program's icon, for light or dark."""

    def __init__(self) -> None:
        super().__init__()
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        scale = self.devicePixelRatioF()
        self.setPixmap(draw_app_icon(APP_ICON_SIZE, self.palette(), scale))


class _Card(QFrame):
    """An icon with a heading, a few sentences below, and what belongs to them."""

    def __init__(self, icon: str, heading: str, text: str, *more: QWidget) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._icon_name = icon
        self._icon = QLabel()
        title = QLabel(heading)
        title.setObjectName("strong")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(title, 1)
        self._text = QLabel(text)
        self._text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._text)
        for widget in more:
            is_button = isinstance(widget, QPushButton)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if is_button else _ANYWHERE)
        column.addStretch(1)
        self._take_colours()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_colours()

    def _take_colours(self) -> None:
        accent = self.palette().accent().color().name()
        self._icon.setPixmap(draw_icon(self._icon_name, 22, accent, self.devicePixelRatioF()))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, muted_text(palette))
        self._text.setPalette(palette)


_ANYWHERE = Qt.AlignmentFlag(0)


def _button(words: str, icon: str, request: SignalInstance) -> QPushButton:
    button = QPushButton(words)
    if icon:
        button.setIcon(load_icon(icon))
    button.setAutoDefault(True)
    button.clicked.connect(request)
    return button


def _centred(zone: QWidget, cards: QHBoxLayout) -> QWidget:
    """Both in a column that does not grow wider than is good to read."""
    column_widget = QWidget()
    column_widget.setMaximumWidth(WIDEST)
    column = QVBoxLayout(column_widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    column.addStretch(2)
    column.addWidget(zone)
    column.addLayout(cards)
    column.addStretch(3)
    ground = QWidget()
    row = QHBoxLayout(ground)
    row.setContentsMargins(0, 0, 0, 0)
    row.addStretch(1)
    row.addWidget(column_widget, 1000)
    row.addStretch(1)
    return ground


def _centred_label(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
