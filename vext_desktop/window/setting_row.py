"""One setting in the dialog: its name, its editor, and everything there is to know about it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from vext_desktop.settings import Origin, Source
from vext_desktop.settings.errors import number_words
from vext_desktop.settings.info import SettingInfo
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.setting_editors import create_editor

EDITOR_WIDTH = 250
_BAR_WIDTH = 3


class SettingRow(QWidget):
    """Shows one setting, lets it be changed, and says what is wrong with the change.

    Args:
        info: The setting.
        value: The value in force.
        origin: Where that comes from; None for the default.
    """

    changed = Signal()

    def __init__(self, info: SettingInfo, value: object, origin: Origin | None) -> None:
        super().__init__()
        self.info = info
        self.origin = origin
        self.error = ""
        self.editor = create_editor(info)
        self.editor.setFixedWidth(EDITOR_WIDTH)
        self.editor.setEnabled(not self.is_held)
        self.reset = QToolButton()
        self.reset.setIcon(load_icon("undo"))
        self.reset.setToolTip(f"Back to the default: {value_words(info.default)}")
        self.reset.setAccessibleName(f"Back to the default: {info.label}")
        self.reset.clicked.connect(self.show_default)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self._name = _label(info.label, "strong")
        self._name.setBuddy(self.editor)
        self.words = _label("", "quiet")
        self.trouble = _label("", "trouble")
        self.trouble.hide()
        self._column = QVBoxLayout()
        self._column.setSpacing(1)
        for part in (self._name, self.words, self.trouble):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 6, 4, 6)
        self._grid.setHorizontalSpacing(12)
        self._grid.addLayout(self._column, 0, 0)
        self._grid.addWidget(self.editor, 0, 1, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self.reset, 0, 2, Qt.AlignmentFlag.AlignTop)
        self._grid.setColumnStretch(0, 1)
        self.show_value(value)
        self.editor.changed.connect(self._on_changed)

    @property
    def value(self) -> object:
        """What the editor shows."""
        return self.editor.value

    @property
    def is_edited(self) -> bool:
        """Whether the user has changed it since it was last shown."""
        return self.editor.value != self._shown

    @property
    def is_held(self) -> bool:
        """Whether a stronger source than the settings file has the value."""
        return self.origin is not None and self.origin.is_held

    @property
    def focus_parts(self) -> tuple[QWidget, ...]:
        """What the keyboard stops at, in its order."""
        return (self.editor.field, *self.editor.findChildren(QToolButton), self.reset)

    def show_value(self, value: object) -> None:
        """Show the value in force."""
        self.editor.show_value(value)
        self._shown = self.editor.value
        self._show_words()

    @Slot()
    def show_default(self) -> None:
        """Put the default into the editor; it counts when it is applied."""
        if not self.is_held:
            self.editor.show_value(self.info.default)

    def note_saved(self) -> None:
        """What is shown has been applied and saved."""
        self._shown = self.editor.value
        is_default = self._shown == self.info.default
        self.origin = None if is_default else Origin(Source.FILE, "your settings")
        self._show_words()

    def show_trouble(self, sentence: str) -> None:
        """Say what is wrong with the value; "" when nothing is."""
        self.error = sentence
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))
        self.editor.field.setAccessibleDescription(sentence or self.info.help_text)

    def add_below(self, widget: QWidget, stop: QWidget) -> None:
        """Put more about this setting below it, over the whole width.

        Args:
            widget: What is put there.
            stop: The part of it that the keyboard stops at, after those of the row.
        """
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 3)
        QWidget.setTabOrder(self.reset, stop)

    def matches(self, words: str) -> bool:
        """Whether each of these words stands somewhere in its name, label or help."""
        info = self.info
        text = f"{info.name} {info.label} {info.help_text} {info.group} {' '.join(info.choices)}"
        return all(word in text.casefold() for word in words.casefold().split())

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bar at the left of what is not the default; the words say so too."""
        super().paintEvent(event)
        if self.editor.value != self.info.default:
            painter = QPainter(self)
            painter.fillRect(0, 8, _BAR_WIDTH, self.height() - 16, self.palette().accent().color())
            painter.end()

    def _show_words(self) -> None:
        info, is_default = self.info, self.editor.value == self.info.default
        costs = "A change indexes everything again." if info.reindexes else str(info.acts)
        parts = [info.help_text, costs]
        if self.is_held and self.origin is not None:
            parts.append(f"Held by {shown_line(self.origin.words)}; change it there.")
        elif self.is_edited:
            parts.append(f"Changed, not applied yet; the default is {value_words(info.default)}.")
        elif not is_default:
            parts.append(f"Changed in your settings; the default is {value_words(info.default)}.")
        self.words.setText(" ".join(filter(None, parts)))
        self.reset.setVisible(not is_default and not self.is_held)
        self.update()

    @Slot()
    def _on_changed(self) -> None:
        self._show_words()
        self.changed.emit()


def value_words(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_words(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"“{value}”" if value else "empty"


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label
