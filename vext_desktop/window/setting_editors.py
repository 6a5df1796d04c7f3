"""One editor for each kind of setting, made from its declaration."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from vext_desktop.settings.info import SettingInfo
from vext_desktop.window.icons import load_icon
from vext_desktop.window.sizes import indent_number

# The largest number that a spin box holds. Limits are told in a sentence, never forced: a number
# that changes while one is typing it is a riddle.
_LARGEST = 2**31 - 1
_LINES_HEIGHT = 96
_HEIGHT = 30


class SettingEditor(QWidget):
    """Shows the value of one setting and lets it be changed."""

    changed = Signal()

    def __init__(self, field: QWidget, info: SettingInfo) -> None:
        super().__init__()
        self.field = field
        field.setAccessibleName(info.label)
        field.setAccessibleDescription(info.help_text)
        # Tab and click only: whoever scrolls past must not change a value with the wheel.
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)
        field.setMinimumHeight(_HEIGHT)
        self.setFocusProxy(field)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)
        self.row.addWidget(field, 1)

    @property
    def value(self) -> object:
        """What is shown, as the setting's own type."""
        raise NotImplementedError

    def show_value(self, value: object) -> None:
        """Show a value."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page, unless the field has the focus."""
        if event.type() == QEvent.Type.Wheel and not self.field.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class ChoiceEditor(SettingEditor):
    """One of some words."""

    def __init__(self, info: SettingInfo) -> None:
        self._box = QComboBox()
        self._box.addItems(info.choices)
        super().__init__(self._box, info)
        self._box.currentIndexChanged.connect(self.changed)

    @property
    def value(self) -> object:
        """The chosen word."""
        return self._box.currentText()

    def show_value(self, value: object) -> None:
        """Choose a word."""
        self._box.setCurrentText(str(value))


class SwitchEditor(SettingEditor):
    """Yes or no."""

    def __init__(self, info: SettingInfo) -> None:
        self._box = QCheckBox("Yes")
        super().__init__(self._box, info)
        self._box.toggled.connect(self.changed)

    @property
    def value(self) -> object:
        """Whether it is on."""
        return self._box.isChecked()

    def show_value(self, value: object) -> None:
        """Switch it."""
        self._box.setChecked(bool(value))


class NumberEditor(SettingEditor):
    """A whole number."""

    def __init__(self, info: SettingInfo) -> None:
        self._box = QSpinBox()
        indent_number(self._box)
        self._box.setRange(0, _LARGEST)
        self._box.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        super().__init__(self._box, info)
        self._box.valueChanged.connect(self.changed)

    @property
    def value(self) -> object:
        """The number."""
        return self._box.value()

    def show_value(self, value: object) -> None:
        """Show a number."""
        self._box.setValue(min(_LARGEST, int(str(value))))


class DecimalEditor(SettingEditor):
    """A number with decimals."""

    def __init__(self, info: SettingInfo) -> None:
        self._box = QDoubleSpinBox()
        indent_number(self._box)
        self._box.setRange(0, _LARGEST)
        self._box.setDecimals(2)
        self._box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        super().__init__(self._box, info)
        self._box.valueChanged.connect(self.changed)

    @property
    def value(self) -> object:
        """The number."""
        return round(self._box.value(), 2)

    def show_value(self, value: object) -> None:
        """Show a number."""
        self._box.setValue(float(str(value)))


class TextEditor(SettingEditor):
    """A line of text; with a button beside it where a folder can be picked."""

    def __init__(self, info: SettingInfo) -> None:
        self._line = QLineEdit()
        super().__init__(self._line, info)
        self._line.textChanged.connect(self.changed)
        if info.picks == "folder":
            button = QToolButton()
            button.setIcon(load_icon("folder-open"))
            button.setToolTip("Choose a folder")
            button.setAccessibleName(f"Choose a folder for: {info.label}")
            button.clicked.connect(self._on_pick)
            self.row.addWidget(button)

    @property
    def value(self) -> object:
        """The text, without white space around it."""
        return self._line.text().strip()

    def show_value(self, value: object) -> None:
        """Show a text, from its beginning."""
        self._line.setText(str(value))
        self._line.setCursorPosition(0)

    @Slot()
    def _on_pick(self) -> None:
        dialog = QFileDialog(self, "Choose a folder", self._line.text() or str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._line.setText)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class LinesEditor(SettingEditor):
    """Some words, one on each line."""

    def __init__(self, info: SettingInfo) -> None:
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setFixedHeight(_LINES_HEIGHT)
        super().__init__(self._text, info)
        self._text.textChanged.connect(self.changed)

    @property
    def value(self) -> object:
        """The lines that are not empty."""
        lines = self._text.toPlainText().splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    def show_value(self, value: object) -> None:
        """Show the words."""
        words = value if isinstance(value, tuple) else ()
        self._text.setPlainText("\n".join(map(str, words)))


class PatternsEditor(LinesEditor):
    """Patterns of what is left out, with a button to see what they do."""

    preview_requested = Signal(object)  # this editor

    def __init__(self, info: SettingInfo) -> None:
        super().__init__(info)
        self.button = QToolButton()
        self.button.setIcon(load_icon("preview"))
        self.button.setToolTip("See what they would leave out")
        self.button.setAccessibleName("See what these patterns would leave out")
        self.button.clicked.connect(self._on_clicked)
        self.row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    @Slot()
    def _on_clicked(self) -> None:
        self.preview_requested.emit(self)


def create_editor(info: SettingInfo) -> SettingEditor:
    """The editor for this kind of setting."""
    if info.choices:
        return ChoiceEditor(info)
    if info.picks == "patterns":
        return PatternsEditor(info)
    editors: dict[type, type[SettingEditor]] = {
        bool: SwitchEditor,
        int: NumberEditor,
        float: DecimalEditor,
        tuple: LinesEditor,
    }
    editor = editors.get(info.kind, TextEditor)
    return editor(info)  # type: ignore[call-arg,arg-type]
