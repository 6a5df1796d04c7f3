"""Banners: what happened, what to do, and a verb, above the documents until they are closed."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.errors import VextError
from vext_desktop.window.icons import load_icon
from vext_desktop.window.tones import blend, is_dark

MAX_BANNERS = 3


class NoticeKind(StrEnum):
    """How bad it is; told by icon and words as well as by colour."""

    INFO = "info"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know.

    Attributes:
        kind: How bad it is.
        what: What happened and what it means, in a sentence.
        hint: What to do; empty when there is nothing to do.
        verb: What the user can do about it right here; its text is the button's.
        others: What else they can do.
    """

    kind: NoticeKind
    what: str
    hint: str = ""
    verb: QAction | None = None
    others: tuple[QAction, ...] = ()


def notice_of(error: VextError, verb: QAction | None = None) -> Notice:
    """The notice of an error that stopped something."""
    return Notice(NoticeKind.FAILURE, error.message, error.hint, verb)


class Banner(QFrame):
    """One notice, with its verb and a button that closes it."""

    closed = Signal(object)  # itself

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setAccessibleName(f"{notice.kind.value}: {notice.what}")
        icon = QLabel()
        icon.setPixmap(load_icon(notice.kind.value).pixmap(QSize(20, 20)))
        icon.setAccessibleName(notice.kind.value)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 7, 7)
        row.setSpacing(10)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._words(), 1)
        for verb in filter(None, (notice.verb, *notice.others)):
            button = QPushButton(verb.text())
            button.clicked.connect(verb.trigger)
            button.clicked.connect(self._on_close)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        close = QToolButton()
        close.setIcon(load_icon("close"))
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        close.clicked.connect(self._on_close)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted ground in the palette of the moment."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, tint = self.palette().window().color(), _tint(self.notice.kind)
        dark = is_dark(self.palette())
        painter.setPen(blend(base, tint, 0.55))
        painter.setBrush(blend(base, tint, 0.2 if dark else 0.12))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 7, 7)
        painter.end()
        super().paintEvent(event)

    def _words(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(1)
        for text, name in ((self.notice.what, "strong"), (self.notice.hint, "")):
            if text:
                label = QLabel(text)
                label.setObjectName(name)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(label)
        return column

    def _on_close(self) -> None:
        self.closed.emit(self)


class BannerArea(QWidget):
    """Shows the latest notices, newest first; takes no room when there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banners: list[Banner] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown, newest first."""
        return tuple(banner.notice for banner in self._banners)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice on top; one with the same words is replaced, the oldest makes room."""
        for banner in [b for b in self._banners if b.notice.what == notice.what]:
            self._drop(banner)
        banner = Banner(notice)
        banner.closed.connect(self._drop)
        self._banners.insert(0, banner)
        self._column.insertWidget(0, banner)
        for old in self._banners[MAX_BANNERS:]:
            self._drop(old)
        self.show()

    def withdraw(self, beginning: str) -> None:
        """Take away the notices that begin with these words: they are no longer so."""
        for banner in [b for b in self._banners if b.notice.what.startswith(beginning)]:
            self._drop(banner)

    def _drop(self, banner: Banner) -> None:
        self._banners.remove(banner)
        self._column.removeWidget(banner)
        banner.hide()
        banner.deleteLater()
        self.setVisible(bool(self._banners))


def _tint(kind: NoticeKind) -> QColor:
    return {
        NoticeKind.INFO: QColor("#3b6cf0"),
        NoticeKind.WARNING: QColor("#d99000"),
        NoticeKind.FAILURE: QColor("#d6403a"),
    }[kind]
