"""The passages found for a query, grouped by file."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.index.search_request import SearchAnswer, SearchHit, SearchMode
from vext_desktop.readings import format_seconds
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.plain_text import shown_line, shown_text
from vext_desktop.window.results_delegate import ResultsDelegate
from vext_desktop.window.results_model import ResultsModel

# From so many seconds on, waiting is told apart from the search itself.
FELT_S = 0.5
_MODE_WORDS = {
    SearchMode.HYBRID: "by meaning and words",
    SearchMode.VECTOR: "by meaning",
    SearchMode.TEXT: "by words",
}
START_MESSAGE = (
    "Type what you are looking for.\nA question, a topic or the exact words: all of them work."
)


class ResultsPanel(QWidget):
    """A list of hits, or a message in its place."""

    hit_chosen = Signal(object)
    """The SearchHit to preview; None when there is none any more."""
    open_requested = Signal(object)
    """The SearchHit whose file is to be opened."""
    show_in_folder_requested = Signal(object)
    """The SearchHit whose file is to be shown in its folder."""
    query_focus_requested = Signal()
    """The user wants back to the query box (Escape, or Up on the first hit)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ResultsModel(self)
        self._summary = QLabel()
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._notice = _create_notice()
        self._so_far = QLabel()
        self._so_far.setObjectName("quiet")
        self._so_far.setTextFormat(Qt.TextFormat.PlainText)
        self._so_far.setWordWrap(True)
        self._so_far.setContentsMargins(12, 0, 12, 6)
        self._so_far.hide()
        self._message = EmptyMessage("search")
        self._list = self._create_list()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._list)
        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 12, 6)
        header.addWidget(self._summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._so_far)
        column.addWidget(self._notice)
        column.addWidget(self._stack, 1)
        self._actions = self._create_actions()
        self.show_message(START_MESSAGE)

    def show_answer(self, answer: SearchAnswer, waited_s: float = 0.0) -> None:
        """Show the hits of an answer, the best one chosen; say so when there are none.

        Args:
            answer: What was found.
            waited_s: How long the question waited for its turn beside other work.
        """
        if not answer.hits:
            query = shown_line(answer.query)
            self.show_message(
                f"Nothing found for “{query}”.\nTry other words, another mode, or fewer filters."
            )
        else:
            self._model.show_hits(answer.hits)
            self._stack.setCurrentWidget(self._list)
            self._summary.setText(_summary_of(answer) + _waiting(waited_s))
            self._so_far.setVisible(bool(self._so_far.text()))
            self._list.setCurrentIndex(self._model.index(0, 0))
            self._list.scrollToTop()
        self._notice.setText(shown_text(answer.notice))
        self._notice.setVisible(bool(answer.notice))

    def show_so_far(self, words: str) -> None:
        """Say above the hits how much can be found by now; nothing where that is everything."""
        self._so_far.setText(words)
        self._so_far.setVisible(bool(words) and self._stack.currentWidget() is self._list)

    def show_searching(self, query: str) -> None:
        """Say that an answer is on its way; what is shown stays until it comes."""
        words = f"Searching for “{shown_line(query)}”..."
        self._summary.setText(words)
        if self._stack.currentWidget() is self._message:
            self._message.show_text(words)

    def show_message(self, text: str) -> None:
        """Show a plain sentence in place of the hits."""
        had_hits = self._model.rowCount() > 0
        self._model.show_hits(())
        self._message.show_text(text)
        self._stack.setCurrentWidget(self._message)
        self._summary.clear()
        self._notice.hide()
        self._so_far.hide()
        if had_hits:
            self.hit_chosen.emit(None)

    def focus_results(self) -> None:
        """Put the keyboard focus on the chosen hit."""
        if self._model.rowCount():
            self._list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def chosen_hit(self) -> SearchHit | None:
        """The hit that the keyboard or the mouse has chosen."""
        row = self._model.row_at(self._list.currentIndex())
        return None if row is None else row.hit

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens, Space previews, Escape and Up on the first hit go back to the query."""
        if (
            watched is self._list
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and self._take_key(event.key())
        ):
            return True
        return super().eventFilter(watched, event)

    def _take_key(self, key: int) -> bool:
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._request_open()
        elif key == Qt.Key.Key_Space:
            self.hit_chosen.emit(self.chosen_hit())
        elif key == Qt.Key.Key_Escape or (
            key == Qt.Key.Key_Up and self._list.currentIndex().row() <= 0
        ):
            self.query_focus_requested.emit()
        else:
            return False
        return True

    def _create_list(self) -> QListView:
        view = QListView()
        view.setModel(self._model)
        view.setItemDelegate(ResultsDelegate(view))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setMouseTracking(True)
        view.setMinimumSize(QSize(280, 120))
        view.setAccessibleName("Results")
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._on_menu_requested)
        view.doubleClicked.connect(self._request_open)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.installEventFilter(self)
        return view

    def _create_actions(self) -> list[QAction]:
        # Return and Space are taken by the event filter; Enter is written in the menu for reading.
        verbs = (
            ("Open", "", self._request_open),
            ("Show in folder", "Ctrl+Shift+O", self._request_show_in_folder),
            ("Copy path", "Ctrl+Shift+C", self._copy_path),
            ("Copy passage", "Ctrl+C", self._copy_passage),
        )
        actions = []
        for words, keys, slot in verbs:
            action = QAction(words, self._list)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            actions.append(action)
        self._list.addActions(actions)
        return actions

    def _on_menu_requested(self, position: QPoint) -> None:
        if self.chosen_hit() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions)
        menu.popup(self._list.viewport().mapToGlobal(position))

    def _on_current_changed(self, current: QModelIndex) -> None:
        row = self._model.row_at(current)
        if row is not None:
            self.hit_chosen.emit(row.hit)

    def _request_open(self) -> None:
        hit = self.chosen_hit()
        if hit is not None:
            self.open_requested.emit(hit)

    def _request_show_in_folder(self) -> None:
        hit = self.chosen_hit()
        if hit is not None:
            self.show_in_folder_requested.emit(hit)

    def _copy_path(self) -> None:
        hit = self.chosen_hit()
        if hit is not None:
            QGuiApplication.clipboard().setText(hit.path)

    def _copy_passage(self) -> None:
        hit = self.chosen_hit()
        if hit is not None:
            QGuiApplication.clipboard().setText(hit.text)


def _create_notice() -> QLabel:
    notice = QLabel()
    notice.setTextFormat(Qt.TextFormat.PlainText)
    notice.setWordWrap(True)
    notice.setStyleSheet(
        "background: palette(alternate-base); border-left: 3px solid palette(highlight);"
        " padding: 6px 9px;"
    )
    notice.hide()
    return notice


def _waiting(seconds: float) -> str:
    """Said where it is felt: a batch was in hand, or the model was being loaded."""
    return f", after {format_seconds(seconds)} of waiting" if seconds >= FELT_S else ""


def _summary_of(answer: SearchAnswer) -> str:
    passages, files = len(answer.hits), len({hit.path for hit in answer.hits})
    found = f"{passages} passage{'s' if passages != 1 else ''}"
    if files != passages:
        found += f" in {files} file{'s' if files != 1 else ''}"
    return f"{found} found {_MODE_WORDS[answer.mode]} in {format_seconds(answer.seconds)}"
