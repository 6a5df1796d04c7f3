"""What is left out: patterns, and at once what they would do to the documents that are known."""

from collections.abc import Callable, Generator, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.documents.ignoring import bad_lines
from vext_desktop.index.ignore_preview import IgnorePreview
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_sentences import say_count, say_number, say_roots

Preview = Generator[IgnorePreview, None, None]
_SIZE = QSize(620, 560)
_TEXT_HEIGHT = 120
# Typing goes on: the last word counts.
_PATIENCE_MS = 200
_HELP = (
    "One pattern on each line, as in a .gitignore file. *.log: all files of that kind. drafts/: "
    "all folders of that name. /old/: only the one at the top. !keep.log: this one stays."
)
_AFTER = "What is left out leaves the index. Your files stay as they are."


class IgnoreDialog(QDialog):
    """Lets patterns be written, and shows what they would leave out.

    Args:
        place: Where they hold: "Reports", "all folders".
        lines: The patterns of now.
        preview: Compares the known files with such lines, in short steps.
        parent: The window.
    """

    chosen = Signal(object)
    """The patterns that the user wants: a tuple of lines."""

    def __init__(
        self,
        place: str,
        lines: Sequence[str],
        preview: Callable[[tuple[str, ...]], Preview],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Leave out")
        self._place = place
        self._preview = preview
        self._steps: Preview | None = None
        title = QLabel(f"Leave out of {shown_line(place)}")
        title.setObjectName("strong")
        self.text = QPlainTextEdit("\n".join(lines))
        self.text.setAccessibleName("Patterns of what is left out")
        self.text.setAccessibleDescription(_HELP)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(_TEXT_HEIGHT)
        self.text.textChanged.connect(self._on_text_changed)
        self.words = _words("", "strong")
        self.trouble = _words("", "trouble")
        self.examples = QListWidget()
        self.examples.setAccessibleName("Files that would be left out")
        self.examples.setUniformItemSizes(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = self.buttons.addButton("Leave out", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for part in (title, _words(_HELP, "quiet"), self.text, self.trouble, self.words):
            column.addWidget(part)
        column.addWidget(self.examples, 1)
        column.addWidget(_words(_AFTER, "quiet"))
        column.addWidget(self.buttons)
        self.resize(_SIZE)
        self._soon, self._turn = QTimer(self), QTimer(self)
        self._soon.timeout.connect(self._begin)
        self._turn.timeout.connect(self._on_turn)
        for timer in (self._soon, self._turn):
            timer.setSingleShot(True)
        self._on_text_changed()

    @property
    def lines(self) -> tuple[str, ...]:
        """The patterns as they stand there."""
        return tuple(line for line in self.text.toPlainText().splitlines() if line.strip())

    def done(self, result: int) -> None:
        """Leave nothing going on."""
        self._soon.stop()
        self._end()
        super().done(result)

    @Slot()
    def _on_text_changed(self) -> None:
        wrong = bad_lines(self.lines)
        self.trouble.setText(f"This is no pattern: {shown_line(wrong[0])}" if wrong else "")
        self.trouble.setVisible(bool(wrong))
        self.save.setEnabled(not wrong)
        self._soon.start(_PATIENCE_MS)

    @Slot()
    def _begin(self) -> None:
        self._end()
        self._steps = self._preview(self.lines)
        self._turn.start(0)

    def _end(self) -> None:
        self._turn.stop()
        if self._steps is not None:
            self._steps.close()
        self._steps = None

    @Slot()
    def _on_turn(self) -> None:
        found = next(self._steps, None) if self._steps is not None else None
        if found is None:
            self._steps = None
            return
        self.words.setText(self._say(found))
        if found.is_complete:
            self._show_examples(found)
        self._turn.start(0)

    def _say(self, found: IgnorePreview) -> str:
        if not found.files:
            return "No files are known there yet."
        ending = "" if found.is_complete else " so far..."
        total = say_count(found.files, "file")
        if not found.left_out:
            return f"Would leave out none of {total}{ending}"
        return f"Would leave out {say_number(found.left_out)} of {total}{ending}"

    def _show_examples(self, found: IgnorePreview) -> None:
        has_many_roots = len({root for root, _ in found.examples}) > 1
        self.examples.clear()
        for root, path in found.examples:
            name = f"{say_roots([root])}: {path}" if has_many_roots else path
            self.examples.addItem(shown_line(name))
        if found.left_out > len(found.examples):
            self.examples.addItem(f"and {say_number(found.left_out - len(found.examples))} more")

    @Slot()
    def _on_accepted(self) -> None:
        lines = self.lines
        self.accept()
        self.chosen.emit(lines)


def _words(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
