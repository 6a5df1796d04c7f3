"""The panes of the window and where they stand: DESIGN's picture of it, without behaviour."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QFrame,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.paths import Paths
from vext_desktop.window.banner import BannerArea
from vext_desktop.window.documents_panel import DocumentsPanel
from vext_desktop.window.library_panel import LibraryPanel
from vext_desktop.window.memory_strip import MemoryStrip
from vext_desktop.window.preview_panel import PreviewPanel
from vext_desktop.window.progress_strip import ProgressStrip
from vext_desktop.window.results_panel import ResultsPanel
from vext_desktop.window.run_progress import RunProgress
from vext_desktop.window.runs_panel import RunsPanel
from vext_desktop.window.search_bar import SearchBar
from vext_desktop.window.window_state import WindowState

FIRST_WIDTHS = [220, 640, 340]


class Panes(QWidget):
    """Search above; library, tabs and preview in the middle; the two strips below.

    Args:
        paths: For the panels that look into the ledger.
        progress: What the progress strip shows.
        parent: The window.
    """

    def __init__(self, paths: Paths, progress: RunProgress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ledger_path = paths.ledger
        self.search = SearchBar()
        self.banners = BannerArea()
        self.library = LibraryPanel()
        self.results = ResultsPanel()
        self.documents = DocumentsPanel(paths.ledger)
        self.runs = RunsPanel(paths.ledger, paths.runs)
        self.preview = PreviewPanel()
        self.progress = ProgressStrip(progress)
        self.memory = MemoryStrip()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Results, documents and runs")
        self.tabs.tabBar().setAccessibleName("Results, documents and runs")
        for panel, title in (
            (self.results, "Results"),
            (self.documents, "Documents"),
            (self.runs, "Runs"),
        ):
            self.tabs.addTab(panel, title)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(8)
        self._splitter.setChildrenCollapsible(False)
        self._preview_frame = _framed(self.preview)
        for part in (self.library, _framed(self.tabs), self._preview_frame):
            self._splitter.addWidget(part)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes(FIRST_WIDTHS)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self._middle = QStackedWidget()
        self._middle.addWidget(self._splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.banners)
        column.addWidget(self._middle, 1)
        column.addWidget(self.progress)
        column.addWidget(_framed(self.memory))

    def add_page(self, page: QWidget, fields: Sequence[QWidget]) -> None:
        """Make room for a page; the keyboard goes through its fields after the search."""
        self._middle.addWidget(page)
        for before, after in pairwise((self.search.last_field, *fields)):
            QWidget.setTabOrder(before, after)

    def show_instead(self, page: QWidget | None) -> None:
        """Show a page that was added where library, tabs and preview are, or these again."""
        self._middle.setCurrentWidget(self._splitter if page is None else page)

    def shows_instead(self, page: QWidget) -> bool:
        """Whether this page stands where library, tabs and preview are."""
        return self._middle.currentWidget() is page

    @Slot()
    def _on_tab_changed(self) -> None:
        # Tables need the room, and a preview belongs to results.
        self._preview_frame.setVisible(self.tabs.currentWidget() is self.results)

    def restore(self, state: WindowState) -> None:
        """Give the panes the widths of last time."""
        self._splitter.restoreState(state.layout("panes"))

    def keep(self, state: WindowState) -> None:
        """Keep the widths of the panes."""
        state.keep_layout("panes", self._splitter.saveState())


def _framed(panel: QWidget) -> QFrame:
    frame = QFrame()
    frame.setObjectName("panel")
    column = QVBoxLayout(frame)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(panel)
    return frame
