"""A window that lets a folder be dragged out of it, as a file manager does: `... PATH`.

It runs beside the minimal system, with the Python of the workshop, and speaks the display server's
own protocol of dragging to the program inside.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

TITLE = "A folder to drag"


class FolderLabel(QLabel):
    """Shows a folder's path, and hands it over to whoever it is dropped on."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.setWindowTitle(TITLE)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedSize(240, 90)
        self._path = path

    def mousePressEvent(self, _event: QMouseEvent, /) -> None:
        """Begin to drag."""
        mime = QMimeData()
        mime.setUrls([QUrl(Path(self._path).as_uri())])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    label = FolderLabel(sys.argv[1])
    label.show()
    sys.exit(app.exec())
