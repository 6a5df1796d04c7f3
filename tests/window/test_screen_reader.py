"""What a screen reader is given, asked for as Qt's bridge asks."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QTreeWidget
from pytestqt.qtbot import QtBot

from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.library_panel import LibraryPanel


def test_a_long_line_is_described_in_words_without_marks(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.show_line("a <b>name</b>", "the whole\n<b>name</b>")
    interface = QAccessible.queryAccessibleInterface(label)
    assert interface.text(QAccessible.Text.Name) == "a <b>name</b>"
    assert interface.text(QAccessible.Text.Description) == "the whole\n<b>name</b>"


def test_the_columns_of_the_library_have_names(qtbot: QtBot) -> None:
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    header = panel.findChild(QTreeWidget).model()
    names = [header.headerData(at, Qt.Orientation.Horizontal) for at in (0, 1)]
    assert names == ["Folder", "Files"]
