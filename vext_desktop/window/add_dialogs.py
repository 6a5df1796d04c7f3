"""Choosing folders and files to add, and asking before one is taken out."""

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from vext_desktop.index.records import RootRecord
from vext_desktop.window.dropped_paths import paths_of
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_sentences import say_count, say_roots, say_time_left


class AddDialogs(QObject):
    """Opens the system's dialogs without keeping the program waiting.

    Args:
        window: The window that the dialogs belong to.
    """

    paths_chosen = Signal(object)
    """The chosen folders or files: tuple[Path, ...]."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def ask_for_folder(self) -> None:
        """Let the user choose a folder."""
        self._open("Add a folder", QFileDialog.FileMode.Directory)

    @Slot()
    def ask_for_files(self) -> None:
        """Let the user choose files."""
        self._open("Add files", QFileDialog.FileMode.ExistingFiles)

    def _open(self, title: str, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setFileMode(mode)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Add")
        dialog.urlsSelected.connect(self._on_urls_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_urls_selected(self, urls: list[QUrl]) -> None:
        paths = paths_of(urls)
        if paths:
            self.paths_chosen.emit(paths)


class RemoveDialog(QMessageBox):
    """Says what taking a root out of the library costs, and asks.

    Args:
        root: What is to be taken out.
        seconds_to_redo: How long indexing it again would take; None if not known.
        parent: The window that it belongs to.
    """

    confirmed = Signal(object)
    """The user wants it: the root's path, a str."""

    def __init__(self, root: RootRecord, seconds_to_redo: float | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._root = root
        name = shown_line(say_roots([root.path]))
        self.setWindowTitle("Remove from library")
        self.setIcon(QMessageBox.Icon.Question)
        self.setText(f"Remove “{name}” from the library?")
        self.setInformativeText(_say_cost(root, seconds_to_redo))
        self._remove = self.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        keep = self.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(keep)
        self.setEscapeButton(keep)
        self.buttonClicked.connect(self._on_clicked)
        self.finished.connect(self.deleteLater)

    @Slot()
    def _on_clicked(self) -> None:
        if self.clickedButton() is self._remove:
            self.confirmed.emit(self._root.path)


def _say_cost(root: RootRecord, seconds_to_redo: float | None) -> str:
    text = (
        f"{say_count(root.indexed, 'document')} can then no longer be found. "
        "Your files stay where they are."
    )
    if root.indexed and seconds_to_redo is not None:
        text += f" Adding it again would take {say_time_left(seconds_to_redo)}."
    return text
