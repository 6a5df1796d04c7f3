"""What is in a backup, and where its folders are on this computer."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QPushButton,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_bytes
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.folder_dialog import FolderDialog
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_line, shown_tooltip
from vext_desktop.window.state_icons import draw_state_icon, state_icon_name
from vext_desktop.window.table_style import ROW_PADDING, colour_header

if TYPE_CHECKING:
    from vext_desktop.assembly.backups import BackupContents

# (old folder, new places by old ones) -> where it is looked for
PlaceFinder = Callable[[str, dict[str, str]], str]
_ASIDE = "The index that is open now is moved aside into a folder of its own; it is not deleted. "
_OLD = Qt.ItemDataRole.UserRole


class RestoreDialog(FolderDialog):
    """Lists the folders of a backup; each can be given another place.

    Args:
        file: The backup.
        contents: What it says of itself.
        would_replace: Whether there is an index that gives way.
        find_place: Says where a folder is looked for.
        parent: The window that it belongs to.
    """

    def __init__(
        self,
        file: Path,
        contents: "BackupContents",
        find_place: PlaceFinder,
        parent: QWidget,
        *,
        would_replace: bool,
    ) -> None:
        day = dt.datetime.fromtimestamp(contents.created_at).astimezone().date().isoformat()
        words = (
            f"{file.name} was written on {day}. It holds {contents.passages} passages of "
            f"{contents.files} files, made with {contents.model or 'no model'}, and takes "
            f"{format_bytes(contents.size_bytes)}. {_ASIDE if would_replace else ''}"
            "Folders that are not found here are shown as offline until they are."
        )
        super().__init__("Restore a backup", words, "Restore", parent)
        self.places: dict[str, str] = {}
        self._find_place = find_place
        self.list = _create_list()
        for root in contents.roots:
            item = QTreeWidgetItem([shown_line(root)])
            item.setData(0, _OLD, root)
            item.setIcon(0, load_icon("folder"))
            item.setToolTip(0, shown_tooltip(root))
            self.list.addTopLevelItem(item)
        self._take_colours()
        self.place_button = QPushButton("Choose another &place...")
        self.place_button.setAutoDefault(False)
        self.place_button.clicked.connect(self._on_choose)
        self.column.insertWidget(1, self.list)
        self.column.insertWidget(2, self.place_button, 0, Qt.AlignmentFlag.AlignLeft)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        self.place_button.setEnabled(first is not None)
        self.resize(720, 440)
        self._fill()

    def set_place(self, old: str, new: str) -> None:
        """Look for a folder of the backup at another place."""
        self.places[old] = new
        self._fill()

    def begin(self, *, can_give_up: bool) -> None:
        """The places count as they are now."""
        self.place_button.hide()
        super().begin(can_give_up=can_give_up)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between dark and light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "list"):
            self._take_colours()
            self._fill()

    def _fill(self) -> None:
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is None:
                continue
            place = self._find_place(item.data(0, _OLD), self.places)
            is_found = Path(place).exists()
            item.setText(1, shown_line(place))
            item.setToolTip(1, shown_tooltip(place))
            item.setText(2, "found" if is_found else "not found here")
            state = Outcome.INDEXED if is_found else Outcome.OFFLINE
            item.setIcon(2, draw_state_icon(state_icon_name(state), self.palette()))

    def _take_colours(self) -> None:
        colour_header(self.list, self.palette())

    @Slot()
    def _on_choose(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        dialog = QFileDialog(self, "Where is this folder now?")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, place: str) -> None:
        item = self.list.currentItem()
        if item is not None and place:
            self.set_place(item.data(0, _OLD), place)


class _RoomyDelegate(CellDelegate):
    """A tree asks the delegate for the height that a table sets by itself."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """With the room of a table's row."""
        size = super().sizeHint(option, index)
        return size.expandedTo(QSize(0, option.fontMetrics.lineSpacing() + ROW_PADDING))


def _create_list() -> QTreeWidget:
    """Rows like those of the library; long paths give way in their middle."""
    tree = QTreeWidget()
    tree.setObjectName("places")
    tree.setHeaderLabels(["Folder in the backup", "Place here", "Is it there?"])
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setIconSize(QSize(18, 18))
    tree.setItemDelegate(_RoomyDelegate((0, 1), tree))
    tree.setAccessibleName("Folders in the backup")
    header = tree.header()
    header.setSectionsClickable(False)
    header.setStretchLastSection(False)
    for column in (0, 1):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
    return tree
