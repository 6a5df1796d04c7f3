"""What a person can open in the window, for `bench_stalls.py`: each with its name."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog

from vext_desktop.index.ledger import Ledger
from vext_desktop.index.ledger_paths import to_bytes
from vext_desktop.index.search_request import SearchAnswer, SearchHit, SearchMode
from vext_desktop.paths import Paths
from vext_desktop.window.main_window import MainWindow

HITS = 200
LISTED_ROOT = "/nowhere/many documents"
WORDS = "a passage about cells, dark matter and the price of bread "
_NO_KEY, _LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


class Openings:
    """Opens and closes things, as clicks would.

    Args:
        window: Whose things.
        dropped: The folder that is dropped on it.
    """

    def __init__(self, window: MainWindow, dropped: Path) -> None:
        self._window = window
        self._dropped = dropped

    def all(self) -> list[tuple[str, Callable[[], None]]]:
        """The names, and what they do, in order."""
        window, verbs = self._window, self._window.menus
        return [
            ("memory details", verbs.show_memory.trigger),
            ("owners", lambda: self._show_page(1)),
            ("timeline of now", lambda: self._show_page(2)),
            ("documents", verbs.show_documents.trigger),
            ("end of the documents", self._scroll_to_end),
            ("documents filtered", lambda: window.panes.documents._filter.setText("4 7")),
            ("runs", verbs.show_runs.trigger),
            ("timeline of a run", lambda: self._act_on_runs(1, "open")),
            ("close it", self._close_dialogs),
            ("two runs compared", lambda: self._act_on_runs(2, "compare")),
            ("close it", self._close_dialogs),
            ("export of a run", lambda: self._act_on_runs(1, "export")),
            ("close it", self._close_dialogs),
            ("settings", verbs.open_settings.trigger),
            ("settings filtered", self._filter_settings),
            ("close them", self._close_dialogs),
            ("memory test", verbs.memory_test.trigger),
            ("close it", self._close_dialogs),
            ("allocation trace", verbs.allocation_trace.trigger),
            ("close it", self._close_dialogs),
            (f"{HITS} hits", self._show_hits),
            ("the last hit", self._choose_last_hit),
            ("a real search", lambda: window.panes.search.set_query("cells and their death")),
            ("drop of a folder", self._drop),
            ("dark to light", self._change_colours),
        ]

    def _show_page(self, number: int) -> None:
        if self._window.memory_panel.plots is not None:
            self._window.memory_panel.plots._tabs.setCurrentIndex(number)

    def _scroll_to_end(self) -> None:
        self._window.panes.documents._table.scrollToBottom()

    def _act_on_runs(self, rows: int, verb: str) -> None:
        runs = self._window.panes.runs
        recorded = [
            row
            for row in range(runs._model.rowCount())
            if (listed := runs._model.listed_at(row)) is not None and listed.record is not None
        ]
        runs._table.clearSelection()
        for row in recorded[-rows:]:
            runs._table.selectionModel().select(
                runs._model.index(row, 0),
                runs._table.selectionModel().SelectionFlag.Select
                | runs._table.selectionModel().SelectionFlag.Rows,
            )
        getattr(runs.verbs, verb).trigger()

    def _close_dialogs(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.close()

    def _filter_settings(self) -> None:
        if self._window.settings_flow.dialog is not None:
            self._window.settings_flow.dialog.page.filter.setText("engine")

    def _show_hits(self) -> None:
        self._window.menus.show_results.trigger()
        text = WORDS * 18
        hits = tuple(
            SearchHit(
                number, f"/documents/folder {number // 3}/file {number}.pdf", number, "Heading",
                0, len(text), 1 / (number + 1), text[:300], ((2, 9), (16, 21)), text,
            )
            for number in range(HITS)
        )  # fmt: skip
        self._window.panes.results.show_answer(SearchAnswer("cells", SearchMode.HYBRID, 0.1, hits))

    def _choose_last_hit(self) -> None:
        results = self._window.panes.results
        results._list.setCurrentIndex(results._model.index(results._model.rowCount() - 1, 0))

    def _drop(self) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(self._dropped))])
        at, copy = QPoint(600, 400), Qt.DropAction.CopyAction
        for event in (
            QDragEnterEvent(at, copy, mime, _LEFT, _NO_KEY),
            QDropEvent(QPointF(at), copy, mime, _LEFT, _NO_KEY, QEvent.Type.Drop),
        ):
            QApplication.sendEvent(self._window.windowHandle(), event)

    def _change_colours(self) -> None:
        QApplication.styleHints().setColorScheme(Qt.ColorScheme.Dark)


def list_documents(paths: Paths, count: int) -> None:
    """Write documents into the ledger that are on no disk, as a large library has them."""
    ledger = Ledger(paths.ledger)
    ledger.add_roots([LISTED_ROOT])
    now_ns = time.time_ns()
    rows = [
        (
            to_bytes(f"{LISTED_ROOT}/folder {number // 500}/document {number}.pdf"),
            ".pdf", 80_000 + number, now_ns, "indexed" if number % 20 else "locked", 12, 0, 1, 0,
        )
        for number in range(count)
    ]  # fmt: skip
    with ledger._file.transaction() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO files (path, suffix, size_bytes, mtime_ns, state, chunks,"
            " needs_reading, generation, seen_run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    ledger.close()
