"""Asks what a report shall be: its format, with or without paths and names, and where it goes."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.errors import VextError
from vext_desktop.memory.report import ReportFormat, write_report
from vext_desktop.window.plain_text import shown_text
from vext_desktop.window.run_job import RunJob

# (what to write, without paths and names) -> the text of the report
ReportWriter = Callable[[ReportFormat, bool], str]
REDACTION_MEANING = (
    "For somebody who helps you: files become “file 12 (.pdf)”, and no text of a document, no "
    "name and no log is in it."
)


class RunExportDialog(QDialog):
    """Writes a report; the work is done beside the window.

    Args:
        title: What is exported.
        file_stem: The name proposed for the file, without its suffix.
        make: Makes the text; called in another thread.
        parent: The window that it belongs to.
    """

    written = Signal(object)  # the Path of the report

    def __init__(
        self, title: str, file_stem: str, make: ReportWriter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._file_stem = file_stem
        self._make = make
        self.job: RunJob | None = None
        self.formats = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        for number, form in enumerate(ReportFormat):
            choice = QRadioButton(form.label)
            choice.setChecked(form is ReportFormat.HTML)
            self.formats.addButton(choice, number)
            column.addWidget(choice)
        self.redacts = QCheckBox("&Leave out paths and names")
        self.redacts.setToolTip(REDACTION_MEANING)
        self.redacts.setAccessibleDescription(REDACTION_MEANING)
        meaning = QLabel(REDACTION_MEANING)
        meaning.setWordWrap(True)
        meaning.setEnabled(False)
        self.state = QLabel()
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setWordWrap(True)
        self.state.hide()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save = self._buttons.addButton("Save as…", QDialogButtonBox.ButtonRole.ActionRole)
        self.save.setDefault(True)
        self.save.clicked.connect(self._on_save)
        self._buttons.rejected.connect(self.close)
        column.addSpacing(8)
        for widget in (self.redacts, meaning, self.state, self._buttons):
            column.addWidget(widget)
        self.setMinimumWidth(460)

    def showEvent(self, event: QShowEvent) -> None:
        """Show all lines."""
        super().showEvent(event)
        self._fit_height()

    @property
    def form(self) -> ReportFormat:
        """The chosen format."""
        return list(ReportFormat)[self.formats.checkedId()]

    def write_to(self, path: Path) -> None:
        """Make the report and write it there; `written` follows, or a sentence in the dialog."""
        form, redacts, make = self.form, self.redacts.isChecked(), self._make
        self.save.setEnabled(False)
        self._say("The report is being written…")

        def work() -> Path:
            write_report(make(form, redacts), path)
            return path

        self.job = RunJob(work, self)
        self.job.done.connect(self._on_written)
        self.job.failed.connect(self._on_failed)
        self.job.start()

    @Slot()
    def _on_save(self) -> None:
        suffix = self.form.value
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "Save the report", place)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{suffix.upper()} (*.{suffix})")
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{self._file_stem}.{suffix}")
        dialog.fileSelected.connect(self._on_place_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_place_chosen(self, path: str) -> None:
        self.write_to(Path(path))

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        self.job = None
        self.save.setEnabled(True)
        self._say(f"Written to {path}.")
        self.written.emit(path)

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        self.job = None
        self.save.setEnabled(True)
        self._say(f"{error.message} {error.hint}".strip())

    def _say(self, text: str) -> None:
        self.state.setText(shown_text(text))
        self.state.show()
        self._fit_height()

    def _fit_height(self) -> None:
        """As high as its wrapped lines need; a layout alone does not see to it."""
        self.resize(self.width(), max(self.height(), self.heightForWidth(self.width())))
