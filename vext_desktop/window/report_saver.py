"""Where a report of the window goes: a file that the user names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget


class ReportSaver(QFileDialog):
    """Asks where a report goes, and writes it there as JSON.

    Args:
        report: Plain JSON values.
        parent: The window that it belongs to.
    """

    failed = Signal(str)

    def __init__(self, report: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent, "Export the report", "memory-test.json", "JSON (*.json)")
        self._report = dict(report)
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setDefaultSuffix("json")
        self.fileSelected.connect(self.write)
        self.finished.connect(self.deleteLater)

    @Slot(str)
    def write(self, path: str) -> None:
        """Write the report."""
        try:
            Path(path).write_text(json.dumps(self._report, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            self.failed.emit(f"The report could not be written ({error.strerror or error}).")
