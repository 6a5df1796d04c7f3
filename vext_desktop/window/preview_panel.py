"""The passage of one hit, as plain text, with the matched words marked."""

import os
import re

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.index.search_request import SearchHit
from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.plain_text import (
    Ranges,
    qt_ranges,
    shown_folder,
    shown_line,
    shown_place,
    shown_text,
)
from vext_desktop.window.tones import mark_background

EMPTY_MESSAGE = "Preview\nChoose a result to read its passage here."
LINE_HEIGHT_PERCENT = 125
# More marks than anybody looks at; each costs time at every repaint.
MAX_MARKS = 500


class PreviewPanel(QWidget):
    """File name, place and path of a hit above its passage, and what can be done with the file."""

    open_requested = Signal(object)
    """The SearchHit whose file is to be opened."""
    show_in_folder_requested = Signal(object)
    """The SearchHit whose file is to be shown in its folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hit: SearchHit | None = None
        self._name = ElidedLabel()
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self._name.setFont(font)
        self._place = ElidedLabel(is_muted=True)
        self._folder = ElidedLabel(is_muted=True)
        self._folder.setAccessibleDescription("Folder of the file")
        self._passage = _create_passage()
        self._open = QPushButton("Open")
        self._open.setToolTip("Open the file with its usual program")
        self._open.clicked.connect(self._on_open)
        self._show = QPushButton("Show in folder")
        self._show.clicked.connect(self._on_show)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(EmptyMessage("preview", EMPTY_MESSAGE))
        self._stack.addWidget(self._create_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setMinimumWidth(240)

    def show_hit(self, hit: SearchHit | None) -> None:
        """Show the passage of a hit from its beginning; None empties the panel."""
        self._hit = hit
        self._stack.setCurrentIndex(0 if hit is None else 1)
        if hit is None:
            self._passage.clear()
            return
        self._name.show_line(os.path.basename(hit.path))  # noqa: PTH119 - may hold undecodable bytes
        place = shown_place(hit.page, hit.heading)
        self._place.show_line(place)
        self._place.setVisible(bool(place))
        self._folder.show_line(shown_folder(hit.path), hit.path)
        self._passage.setPlainText(shown_text(hit.text))
        self._spread_lines()
        self._mark()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._hit is not None:
            self._mark()

    def _spread_lines(self) -> None:
        spread = QTextBlockFormat()
        spread.setLineHeight(
            LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        cursor = QTextCursor(self._passage.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spread)

    def _mark(self) -> None:
        if self._hit is None:
            return
        text = shown_text(self._hit.text)
        words = find_words(text, matched_words(self._hit))
        matched = QTextCharFormat()
        matched.setBackground(mark_background(self.palette()))
        matched.setFontUnderline(True)
        selections = []
        for start, length in qt_ranges(text, words):
            cursor = QTextCursor(self._passage.document())
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            selection = QTextEdit.ExtraSelection()
            selection.cursor, selection.format = cursor, matched
            selections.append(selection)
        self._passage.setExtraSelections(selections)
        if selections:
            self._show_position(selections[0].cursor.selectionStart())

    def _show_position(self, position: int) -> None:
        cursor = QTextCursor(self._passage.document())
        cursor.setPosition(position)
        self._passage.setTextCursor(cursor)
        self._passage.ensureCursorVisible()

    def _create_page(self) -> QWidget:
        buttons = QHBoxLayout()
        buttons.addWidget(self._open)
        buttons.addWidget(self._show)
        buttons.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        for label in (self._name, self._place, self._folder):
            column.addWidget(label)
        column.addSpacing(4)
        column.addLayout(buttons)
        column.addSpacing(4)
        column.addWidget(self._passage, 1)
        return page

    def _on_open(self) -> None:
        if self._hit is not None:
            self.open_requested.emit(self._hit)

    def _on_show(self) -> None:
        if self._hit is not None:
            self.show_in_folder_requested.emit(self._hit)


def matched_words(hit: SearchHit) -> tuple[str, ...]:
    """The different words of a hit's snippet that its marks cover, in small letters."""
    marked = " ".join(shown_line(hit.snippet[start:end]) for start, end in hit.marks)
    return tuple(dict.fromkeys(marked.casefold().split()))


def find_words(text: str, words: tuple[str, ...]) -> Ranges:
    """Where these words stand in a text, whatever their case; letters of an alphabet only whole."""
    if not words:
        return ()
    # A word of an alphabet must not be found inside of another one; Chinese has no such bounds.
    choices = [
        rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" if word.isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    ]
    found = re.finditer("|".join(choices), text, re.IGNORECASE)
    return tuple(match.span() for match, _ in zip(found, range(MAX_MARKS), strict=False))


def _create_passage() -> QTextEdit:
    passage = QTextEdit()
    passage.setReadOnly(True)
    passage.setAcceptRichText(False)
    passage.setUndoRedoEnabled(False)
    passage.setFrameShape(QFrame.Shape.NoFrame)
    passage.setTabChangesFocus(True)
    passage.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    passage.document().setDocumentMargin(8)
    passage.setAccessibleName("Passage")
    return passage
