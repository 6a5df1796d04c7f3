"""What is in a backup, and where its folders are on this computer."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from vext_desktop.readings import format_bytes
from vext_desktop.window.folder_dialog import FolderDialog
from vext_desktop.window.plain_text import shown_line

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
        self.list = QTreeWidget()
        self.list.setHeaderLabels(["Folder in the backup", "Place here", ""])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName("Folders in the backup")
        for root in contents.roots:
            item = QTreeWidgetItem([shown_line(root)])
            item.setData(0, _OLD, root)
            self.list.addTopLevelItem(item)
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

    def _fill(self) -> None:
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is None:
                continue
            place = self._find_place(item.data(0, _OLD), self.places)
            item.setText(1, shown_line(place))
            item.setText(2, "found" if Path(place).exists() else "not found here")
        for column in range(3):
            self.list.resizeColumnToContents(column)

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
