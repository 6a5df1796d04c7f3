"""All settings on one page: groups at the left, a filter above, rows made while one looks."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.settings import LoadedSettings
from vext_desktop.settings.declaration import Group
from vext_desktop.settings.info import describe_settings
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.icons import load_icon
from vext_desktop.window.in_turns import Steps
from vext_desktop.window.setting_editors import PatternsEditor
from vext_desktop.window.setting_row import SettingRow

_GROUPS_WIDTH = 170


class SettingsPage(QWidget):
    """Shows the settings; its rows come into being in the steps of `rows_made`.

    Args:
        loaded: The settings in force, and where they come from.
    """

    changed = Signal()
    preview_requested = Signal(object)  # a PatternsEditor

    def __init__(self, loaded: LoadedSettings) -> None:
        super().__init__()
        self._loaded = loaded
        self.rows: dict[str, SettingRow] = {}
        self._headings: dict[Group, QLabel] = {}
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Search the settings...")
        self.filter.setAccessibleName("Search the settings")
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(load_icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self.show_matching)
        self.groups = QListWidget()
        self.groups.setAccessibleName("Groups of settings")
        self.groups.setObjectName("groups")
        self.groups.setFixedWidth(_GROUPS_WIDTH)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(4, 0, 8, 8)
        self._column.setSpacing(0)
        self._nothing = EmptyMessage("search", "No setting has these words.")
        self._nothing.hide()
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._content)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(self.groups)
        middle.addWidget(self._area, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.filter)
        column.addLayout(middle, 1)

    def rows_made(self) -> Steps[None]:
        """Make the rows one by one: all at once they would hold up the window.

        A group is shown when all of it is there: for each row that comes into view, everything
        above it is laid out again.
        """
        infos = describe_settings()
        before: QWidget = self.groups
        for group in Group:
            members = [info for info in infos if info.group == group]
            if not members:
                continue
            section, rows = self._hidden_section()
            heading = QLabel(group.value)
            heading.setObjectName("heading")
            self._headings[group] = heading
            rows.addWidget(heading)
            for info in members:
                value = getattr(self._loaded.settings, info.name)
                row = SettingRow(info, value, self._loaded.origins.get(info.name))
                row.changed.connect(self._on_row_changed)
                if isinstance(row.editor, PatternsEditor):
                    row.editor.preview_requested.connect(self.preview_requested)
                self.rows[info.name] = row
                rows.addWidget(row)
                self._prepare(row)
                # Else the keyboard would come to the dialog's buttons first, which are older.
                for part in row.focus_parts:
                    QWidget.setTabOrder(before, part)
                    before = part
                yield
            self.groups.addItem(group.value)
            section.show()
            yield
        # Qt would choose the first one when the list gets the focus, as if the user had.
        self.groups.setCurrentRow(0)
        self.groups.currentTextChanged.connect(self._on_group_chosen)
        self.show_matching(self.filter.text())

    def rows_removed(self) -> Steps[None]:
        """Delete the rows one by one."""
        rows = list(self.rows.values())
        self.rows.clear()
        for row in rows:
            row.deleteLater()
            yield

    def values(self) -> dict[str, object]:
        """Every value as it would be after applying."""
        in_force = {name: getattr(self._loaded.settings, name) for name in self.rows}
        return in_force | self.edited()

    def edited(self) -> dict[str, object]:
        """What the user has changed and not yet applied."""
        return {name: row.value for name, row in self.rows.items() if row.is_edited}

    def show_wrong(self, wrong: Mapping[str, str]) -> None:
        """Say below each setting what is wrong with it."""
        for name, row in self.rows.items():
            row.show_trouble(wrong.get(name, ""))

    def note_saved(self, loaded: LoadedSettings) -> None:
        """What was edited counts now."""
        self._loaded = loaded
        for row in self.rows.values():
            if row.is_edited:
                row.note_saved()

    def reveal(self, name: str) -> None:
        """Bring a setting into view, and the focus to it."""
        self.filter.clear()
        row = self.rows[name]
        self._area.ensureWidgetVisible(row)
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def show_matching(self, words: str) -> None:
        """Show the settings with these words, and those of the chosen provider only."""
        provider = self.rows["provider"].value if "provider" in self.rows else None
        seen: set[Group] = set()
        for row in self.rows.values():
            fits = row.info.provider in {"", provider} or row.is_edited or bool(words.strip())
            is_shown = fits and row.matches(words)
            row.setVisible(is_shown)
            if is_shown:
                seen.add(row.info.group)
        for group, heading in self._headings.items():
            heading.setVisible(group in seen)
        self._nothing.setVisible(bool(self.rows) and not seen)
        if words.strip():
            self.groups.clearSelection()  # what is shown may be of all groups

    def _prepare(self, row: SettingRow) -> None:
        """Style a row and break its lines now, and not together with all of its group."""
        margins = self._column.contentsMargins()
        width = self._area.viewport().width() - margins.left() - margins.right()
        row.ensurePolished()
        row.resize(width, row.heightForWidth(width))
        layout = row.layout()
        if layout is not None:
            layout.activate()

    def _hidden_section(self) -> tuple[QWidget, QVBoxLayout]:
        """A place for a group, below the others."""
        section = QWidget()
        section.hide()
        rows = QVBoxLayout(section)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self._column.insertWidget(self._column.count() - 1, section)
        return section, rows

    @Slot()
    def _on_row_changed(self) -> None:
        if self.sender() is self.rows.get("provider"):
            self.show_matching(self.filter.text())
        self.changed.emit()

    @Slot(str)
    def _on_group_chosen(self, group: str) -> None:
        heading = self._headings.get(Group(group)) if group else None
        if heading is not None:
            self.filter.clear()
            top = heading.mapTo(self._content, QPoint(0, 0)).y()
            self._area.verticalScrollBar().setValue(top)
