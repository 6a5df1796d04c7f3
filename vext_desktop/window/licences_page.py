"""The licences of the packages that the program is made of: a list, and the texts beside it."""

from typing import cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.about.licences import PackageLicence, read_licences, shipped_licences
from vext_desktop.errors import VextError
from vext_desktop.window.plain_text import shown_line, shown_tooltip
from vext_desktop.window.run_job import RunJob
from vext_desktop.window.run_sentences import say_count

COLUMNS = ("Package", "Version", "Licence")
UNNAMED = "see its text"


class LicencesPage(QWidget):
    """Reads the licences when it is first shown, beside the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._packages: tuple[PackageLicence, ...] = ()
        self.job: RunJob | None = None
        self.words = QLabel("Looking for the licences…")
        self.words.setWordWrap(True)
        self.list = _create_list()
        self.list.currentItemChanged.connect(self._on_chosen)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName("Text of the licence")
        self.text.setTabChangesFocus(True)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.list)
        parts.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 12, 4, 0)
        column.addWidget(self.words)
        column.addWidget(parts, 1)

    def load(self) -> None:
        """Begin to read them, once."""
        if self.job is None:
            self.job = RunJob(_read, self)
            self.job.done.connect(self._on_read)
            self.job.failed.connect(self._on_failed)
            self.job.start()

    @Slot(object)
    def _on_read(self, result: object) -> None:
        self._packages = cast("tuple[PackageLicence, ...]", result)
        self.words.setText(
            f"Vext Desktop stands on {say_count(len(self._packages), 'package')}. Choose one to "
            "read its licence."
        )
        for package in self._packages:
            licence = shown_line(package.licence) or UNNAMED
            item = QTreeWidgetItem([shown_line(package.name), shown_line(package.version), licence])
            item.setToolTip(2, shown_tooltip(package.licence or UNNAMED))
            self.list.addTopLevelItem(item)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        self.words.setText(f"{error.message} {error.hint}")

    @Slot()
    def _on_chosen(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.text.setPlainText(self._packages[self.list.indexOfTopLevelItem(item)].read())


def _read() -> tuple[PackageLicence, ...]:
    return read_licences(shipped_licences())


def _create_list() -> QTreeWidget:
    view = QTreeWidget()
    view.setColumnCount(len(COLUMNS))
    view.setHeaderLabels(COLUMNS)
    view.setRootIsDecorated(False)
    view.setUniformRowHeights(True)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setAccessibleName("Packages and their licences")
    header = view.header()
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return view
