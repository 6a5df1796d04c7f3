"""The search box and its filters; says what to search for and when."""

import os
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from vext_desktop.documents.kinds import file_kinds
from vext_desktop.index.search_request import SearchMode, SearchRequest
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_line, shown_tooltip

TYPING_PAUSE_MS = 350
RESULT_LIMIT = 30
CONTROL_HEIGHT = 30
DAY_S = 86_400.0

_MODES = (
    ("Meaning and words", SearchMode.HYBRID, "Find passages by their meaning and by their words"),
    ("Meaning only", SearchMode.VECTOR, "Find passages that mean something similar"),
    ("Words only", SearchMode.TEXT, "Find passages that contain these words"),
)
# Label, days back from now, whether the files older than that are meant.
_DATES = (
    ("Any date", 0, False),
    ("Last 24 hours", 1, False),
    ("Last 7 days", 7, False),
    ("Last 30 days", 30, False),
    ("Last 12 months", 365, False),
    ("Older than a year", 365, True),
)


class SearchBar(QWidget):
    """A query box with mode, type, folder and date beside it.

    Args:
        parent: The owning widget.
        clock: Seconds since the epoch, for the date filter.
    """

    search_requested = Signal(object)
    """A SearchRequest: on Enter, when typing pauses, when a filter changes."""
    cleared = Signal()
    """The query box has become empty."""
    results_focus_requested = Signal()
    """The user wants to go on in the results (Down)."""

    def __init__(
        self, parent: QWidget | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        # Beside the combo box, since Qt would drop undecodable bytes out of its item data.
        self._roots: list[str] = []
        self._types = [("All types", ()), *file_kinds()]
        self._asked: tuple[object, ...] | None = None
        self._query = QLineEdit()
        self._query.setPlaceholderText("Search your documents...")
        self._query.setClearButtonEnabled(True)
        self._query.setAccessibleName("Search your documents")
        self._query.setMinimumSize(220, CONTROL_HEIGHT)
        self._query.addAction(load_icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._query.textChanged.connect(self._on_text_changed)
        self._query.returnPressed.connect(self._ask)
        self._query.installEventFilter(self)
        self._mode = self._filter_box("Search mode", [label for label, _, _ in _MODES])
        for row, (_, _, explanation) in enumerate(_MODES):
            self._mode.setItemData(row, explanation, Qt.ItemDataRole.ToolTipRole)
        self._type = self._filter_box("Type of file", [label for label, _ in self._types])
        self._type.setMaxVisibleItems(len(self._types))
        self._folder = self._filter_box("Folder", ["All folders"])
        self._folder.setMaximumWidth(220)
        self._date = self._filter_box("Date of last change", [label for label, _, _ in _DATES])
        self._typing_pause = QTimer(self)
        self._typing_pause.setSingleShot(True)
        self._typing_pause.setInterval(TYPING_PAUSE_MS)
        self._typing_pause.timeout.connect(self._ask_if_new)
        row_layout = QHBoxLayout(self)
        row_layout.setContentsMargins(0, 0, 0, 0)
        row_layout.setSpacing(6)
        row_layout.addWidget(self._query, 1)
        for box in (self._mode, self._type, self._folder, self._date):
            row_layout.addWidget(box)
        self.setFocusProxy(self._query)

    @property
    def last_field(self) -> QWidget:
        """The last part that takes the keyboard."""
        return self._date

    def focus_query(self) -> None:
        """Put the cursor into the query box, with its text selected."""
        self._query.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._query.selectAll()

    def set_query(self, text: str) -> None:
        """Put a text into the query box and search for it at once."""
        self._query.setText(text)
        self._ask()

    def set_roots(self, paths: Sequence[str]) -> None:
        """Offer these folders in the folder filter; the choice stays if it is among them."""
        if list(paths) == self._roots:
            return
        chosen = self._chosen_folder()
        self._roots = list(paths)
        blocker = QSignalBlocker(self._folder)
        self._folder.clear()
        self._folder.addItem("All folders")
        for row, path in enumerate(self._roots, start=1):
            self._folder.addItem(_folder_label(path, self._roots))
            self._folder.setItemData(row, shown_tooltip(path), Qt.ItemDataRole.ToolTipRole)
        kept = self._roots.index(chosen) + 1 if chosen in self._roots else 0
        self._folder.setCurrentIndex(kept)
        blocker.unblock()
        if chosen is not None and not kept:
            self._on_filter_changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes on to the results, Escape empties the box."""
        if watched is self._query and isinstance(event, QKeyEvent):
            is_press = event.type() == QEvent.Type.KeyPress
            if is_press and event.key() == Qt.Key.Key_Down:
                self.results_focus_requested.emit()
                return True
            if is_press and event.key() == Qt.Key.Key_Escape and self._query.text():
                self._query.clear()
                return True
        return super().eventFilter(watched, event)

    def _filter_box(self, name: str, labels: Sequence[str]) -> QComboBox:
        box = QComboBox()
        box.addItems(labels)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setMinimumHeight(CONTROL_HEIGHT)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.currentIndexChanged.connect(self._on_filter_changed)
        return box

    def _on_text_changed(self, text: str) -> None:
        if text.strip():
            self._typing_pause.start()
            return
        self._typing_pause.stop()
        self._asked = None
        self.cleared.emit()

    def _on_filter_changed(self) -> None:
        if self._query.text().strip():
            self._ask()

    def _ask_if_new(self) -> None:
        if self._choices() != self._asked:
            self._ask()

    def _ask(self) -> None:
        self._typing_pause.stop()
        query = shown_line(self._query.text())
        if not query:
            return
        self._asked = self._choices()
        _, days, is_older = _DATES[self._date.currentIndex()]
        limit_s = self._clock() - days * DAY_S if days else None
        self.search_requested.emit(
            SearchRequest(
                query=query,
                limit=RESULT_LIMIT,
                mode=_MODES[self._mode.currentIndex()][1],
                folder=self._chosen_folder(),
                suffixes=self._types[self._type.currentIndex()][1],
                modified_after=None if is_older else limit_s,
                modified_before=limit_s if is_older else None,
            )
        )

    def _choices(self) -> tuple[object, ...]:
        boxes = (self._mode, self._type, self._date)
        chosen = tuple(box.currentIndex() for box in boxes)
        return shown_line(self._query.text()), self._chosen_folder(), chosen

    def _chosen_folder(self) -> str | None:
        row = self._folder.currentIndex()
        return self._roots[row - 1] if row > 0 else None


def _folder_label(path: str, roots: Sequence[str]) -> str:
    """The folder's own name, with its parent where two of them are called the same."""
    name = os.path.basename(path) or path  # noqa: PTH119 - a path may hold undecodable bytes
    twins = [root for root in roots if os.path.basename(root) == name]  # noqa: PTH119 - as above
    if len(twins) > 1:
        parent = os.path.basename(os.path.dirname(path))  # noqa: PTH119, PTH120 - as above
        name = f"{name} ({parent})"
    return shown_line(name)
