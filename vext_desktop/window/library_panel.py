"""The library: the folders and files that were added, and how many documents are in each."""

import os
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.index.records import RootRecord
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_line, shown_tooltip
from vext_desktop.window.run_sentences import say_count, say_number
from vext_desktop.window.sizes import scrolling

INVITATION = (
    "Drop a folder here\n"
    "Its documents become searchable by meaning. They stay where they are, on this computer."
)
OPENING = (
    "Your index is being opened...\nYour folders and files are listed here as soon as it is open."
)
LEAST_HEIGHT = 120
SHUT = (
    "The index is not open\n"
    "Your folders cannot be listed. What is the matter, and what to do, is said beside this."
)


class LibraryPanel(QFrame):
    """Lists the roots of the index, and invites to add the first."""

    add_folder_requested = Signal()
    add_files_requested = Signal()
    index_requested = Signal(object)
    """A root to look at again: its path, a str."""
    open_requested = Signal(object)
    """A root to open in the file manager: its path, a str."""
    leave_out_requested = Signal(object)
    """A root of which something is to be left out: its path, a str."""
    remove_requested = Signal(object)
    """A root to take out of the index: its RootRecord. Nothing has been asked yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._roots: tuple[RootRecord, ...] = ()
        self._words = EmptyMessage("drop", OPENING)
        self._can_remove = True
        self._tree = self._create_tree()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._create_invitation())
        self._stack.addWidget(self._tree)
        self._hint = QLabel("Drop more folders anywhere.")
        self._hint.setObjectName("quiet")
        self._hint.setWordWrap(True)
        self._hint.setMargin(8)
        self._hint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._create_header())
        column.addWidget(self._stack, 1)
        column.addWidget(self._hint)
        self._create_actions()
        self.setMinimumWidth(170)

    @property
    def roots(self) -> tuple[RootRecord, ...]:
        """What is listed."""
        return self._roots

    def show_roots(self, roots: Sequence[RootRecord]) -> None:
        """List these roots; the chosen one stays chosen. Where there is none, invite to add one."""
        self._words.show_text(INVITATION)
        self._adding.show()
        if tuple(roots) == self._roots:
            return
        chosen = self.chosen_root()
        self._roots = tuple(roots)
        self._tree.clear()
        for root in self._roots:
            item = _item_of(root)
            self._tree.addTopLevelItem(item)
            if chosen is not None and chosen.path == root.path:
                self._tree.setCurrentItem(item)
        self._stack.setCurrentIndex(1 if self._roots else 0)
        self._hint.setVisible(bool(self._roots))

    @Slot()
    def show_shut(self) -> None:
        """Nothing can be listed or added; there is no room here to say why."""
        self._words.show_text(SHUT)
        self._adding.hide()
        self._hint.hide()

    def set_can_remove(self, *, can_remove: bool) -> None:
        """Whether a root can be taken out now: not in the middle of a run."""
        self._can_remove = can_remove
        self._update_actions()

    def focus_list(self) -> None:
        """Put the keyboard focus on the list, or on the way to fill it."""
        if self._roots:
            self._tree.setFocus(Qt.FocusReason.ShortcutFocusReason)
            first = self._tree.topLevelItem(0)
            if first is not None and self.chosen_root() is None:
                self._tree.setCurrentItem(first)
        else:
            self._add_first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def chosen_root(self) -> RootRecord | None:
        """The root that the keyboard or the mouse has chosen."""
        item = self._tree.currentItem()
        return None if item is None else self._roots[self._tree.indexOfTopLevelItem(item)]

    def _create_header(self) -> QHBoxLayout:
        title = QLabel("Library")
        title.setObjectName("strong")
        add = QToolButton()
        add.setIcon(load_icon("folder-add"))
        add.setToolTip("Add a folder (Ctrl+O)")
        add.setAccessibleName("Add a folder")
        add.clicked.connect(self.add_folder_requested)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 6, 6)
        row.addWidget(title, 1)
        row.addWidget(add)
        return row

    def _create_invitation(self) -> QWidget:
        page = QWidget()
        self._add_first = QPushButton("Add folder...")
        self._add_first.setIcon(load_icon("folder-add"))
        self._add_first.clicked.connect(self.add_folder_requested)
        files = QPushButton("Add files...")
        files.setIcon(load_icon("file-add"))
        files.clicked.connect(self.add_files_requested)
        self._adding = QWidget()
        buttons = QVBoxLayout(self._adding)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self._add_first)
        buttons.addWidget(files)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 0, 12, 16)
        column.addWidget(self._words, 1)
        column.addWidget(self._adding)
        column.addStretch(1)
        return scrolling(page, LEAST_HEIGHT)

    def _create_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setObjectName("library")
        tree.setColumnCount(2)
        tree.setHeaderLabels(["Folder", "Files"])  # for screen readers
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setIconSize(QSize(18, 18))
        tree.setFrameShape(QFrame.Shape.NoFrame)
        tree.setAccessibleName("Library")
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._on_menu_requested)
        tree.itemActivated.connect(self._on_open)
        tree.itemSelectionChanged.connect(self._update_actions)
        return tree

    def _create_actions(self) -> None:
        self._again = QAction(load_icon("reload"), "Look for changes", self._tree)
        self._again.triggered.connect(self._on_again)
        self._open = QAction(load_icon("folder-open"), "Open in file manager", self._tree)
        self._open.triggered.connect(self._on_open)
        self._leave_out = QAction(load_icon("ignore"), "Leave out...", self._tree)
        self._leave_out.triggered.connect(self._on_leave_out)
        self._remove = QAction(load_icon("remove"), "Remove from library...", self._tree)
        self._remove.setShortcut("Del")
        self._remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._remove.triggered.connect(self._on_remove)
        self._verbs = [self._again, self._open, self._leave_out, self._remove]
        self._tree.addActions(self._verbs)
        self._update_actions()

    def _update_actions(self) -> None:
        root = self.chosen_root()
        for action in (self._again, self._open, self._leave_out):
            action.setEnabled(root is not None and not root.is_offline)
        self._remove.setEnabled(root is not None and self._can_remove)
        self._remove.setToolTip(
            "Its documents leave the index; your files stay"
            if self._can_remove
            else "Stop indexing first, then it can be removed"
        )

    def _on_menu_requested(self, position: QPoint) -> None:
        if self._tree.itemAt(position) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(self._verbs)
        menu.popup(self._tree.viewport().mapToGlobal(position))

    def _on_again(self) -> None:
        root = self.chosen_root()
        if root is not None:
            self.index_requested.emit(root.path)

    def _on_open(self) -> None:
        root = self.chosen_root()
        if root is not None:
            self.open_requested.emit(root.path)

    def _on_leave_out(self) -> None:
        root = self.chosen_root()
        if root is not None:
            self.leave_out_requested.emit(root.path)

    def _on_remove(self) -> None:
        root = self.chosen_root()
        if root is not None:
            self.remove_requested.emit(root)


def _item_of(root: RootRecord) -> QTreeWidgetItem:
    name = shown_line(os.path.basename(root.path) or root.path)  # noqa: PTH119 - undecodable bytes
    item = QTreeWidgetItem([name, "offline" if root.is_offline else say_number(root.files)])
    item.setIcon(0, load_icon("folder-offline" if root.is_offline else "folder"))
    item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    words = _say_root(root)
    item.setToolTip(0, shown_tooltip(f"{root.path}\n{words}"))
    item.setToolTip(1, shown_tooltip(words))
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}, {words}")
    return item


def _say_root(root: RootRecord) -> str:
    parts = [f"{say_count(root.files, 'file')}: {say_number(root.indexed)} indexed"]
    if root.set_aside:
        parts.append(f"{say_number(root.set_aside)} set aside")
    waiting = root.files - root.indexed - root.set_aside
    if waiting > 0:
        parts.append(f"{say_number(waiting)} waiting or left out")
    text = ", ".join(parts) + "."
    return f"{text} Not connected now; its passages are kept." if root.is_offline else text
