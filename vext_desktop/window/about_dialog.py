"""About: what this program is, its versions, licences, data folder, and diagnostics for helpers."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from vext_desktop import __version__
from vext_desktop.window.diagnostics_page import DiagnosticsPage
from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.icons import draw_app_icon, load_icon
from vext_desktop.window.licences_page import LicencesPage
from vext_desktop.window.text_table import TextTable

WHAT_IT_IS = "Search your own documents by meaning, and see where the memory goes."
STAYS_HERE = "Your documents are read and searched on this computer. Nothing leaves it."
GOES_OUT = (
    "You have chosen an online service for the meaning of your documents: their passages and your "
    "questions are sent there, once you have agreed to it."
)
LICENCE = (
    "Free software under the MIT licence. What it stands on has licences of its own, in the tab "
    "Licences."
)
ICON_SIZE = 72


class AboutDialog(QDialog):
    """Four pages about the program.

    Args:
        data_dir: The data folder.
        versions: Names and versions of what the program stands on; "not there" included.
        update_words: How the question for a newer version stands.
        uses_service: Whether text goes to an online service.
        write_diagnostics: Makes their text, with or without names; called when the page is shown.
        parent: The window that it belongs to.
    """

    open_data_folder_requested = Signal()

    def __init__(
        self,
        data_dir: Path,
        versions: list[tuple[str, str]],
        update_words: str,
        write_diagnostics: Callable[[bool], str],
        *,
        uses_service: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Vext Desktop")
        self.updates = QLabel(update_words)
        self.licences = LicencesPage()
        self.diagnostics = DiagnosticsPage(write_diagnostics)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("About")
        self.tabs.addTab(self._create_front(data_dir, uses_service=uses_service), "About")
        self.tabs.addTab(_versions_page(versions), "Versions")
        self.tabs.addTab(self.licences, "Licences")
        self.tabs.addTab(self.diagnostics, "Diagnostics")
        self.tabs.currentChanged.connect(self._on_tab_changed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(10)
        column.addWidget(self.tabs, 1)
        column.addWidget(buttons)
        self.resize(660, 460)

    @Slot(str)
    def show_update(self, words: str) -> None:
        """Another word about newer versions."""
        self.updates.setText(words)

    def _create_front(self, data_dir: Path, *, uses_service: bool) -> QWidget:
        icon = QLabel()
        icon.setPixmap(draw_app_icon(ICON_SIZE, self.palette(), self.devicePixelRatioF()))
        title = QLabel(f"Vext Desktop {__version__}")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addStretch(1)
        words.addWidget(title)
        words.addWidget(_wrapped(WHAT_IT_IS))
        words.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(18)
        head.addWidget(icon)
        head.addLayout(words, 1)
        self.updates.setWordWrap(True)
        self.updates.setTextFormat(Qt.TextFormat.PlainText)
        self.updates.setAccessibleName("Newer versions")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(12)
        form.addRow(_strong("Privacy"), _wrapped(GOES_OUT if uses_service else STAYS_HERE))
        form.addRow(_strong("Data folder"), self._folder_row(data_dir))
        form.addRow(_strong("Newer versions"), self.updates)
        form.addRow(_strong("Licence"), _wrapped(LICENCE))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(20)
        column.addLayout(head)
        column.addLayout(form)
        column.addStretch(1)
        return page

    def _folder_row(self, data_dir: Path) -> QHBoxLayout:
        path = ElidedLabel()
        path.show_line(str(data_dir))
        self.open_folder = QPushButton(load_icon("folder-open"), "Open")
        self.open_folder.setAccessibleName("Open the data folder")
        self.open_folder.setAutoDefault(False)
        self.open_folder.clicked.connect(self.open_data_folder_requested)
        row = QHBoxLayout()
        row.addWidget(path, 1)
        row.addWidget(self.open_folder)
        return row

    @Slot()
    def _on_tab_changed(self) -> None:
        page = self.tabs.currentWidget()
        if page is self.licences:
            self.licences.load()
        elif page is self.diagnostics:
            self.diagnostics.write()


def _versions_page(versions: list[tuple[str, str]]) -> QWidget:
    table = TextTable(("Part", "Version"), "Versions")
    table.show_rows(versions, [f"{name}: {version}" for name, version in versions])
    return table


def _strong(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("strong")
    return label


def _wrapped(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label
