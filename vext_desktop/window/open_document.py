"""Opens documents with the system's own programs."""

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from vext_desktop.window.plain_text import shown_line


def open_document(path: str) -> str:
    """Open a file or folder with its usual program; a sentence if that failed, else empty."""
    if QDesktopServices.openUrl(_address(path)):
        return ""
    return f"“{shown_line(Path(path).name)}” could not be opened: no program has taken it."


def show_in_folder(path: str) -> str:
    """Show a file in its folder; a sentence if that failed, else empty."""
    if sys.platform == "win32":
        has_begun = bool(QProcess.startDetached("explorer.exe", ["/select,", path]))
    elif sys.platform == "darwin":
        has_begun = bool(QProcess.startDetached("open", ["-R", path]))
    else:
        has_begun = QDesktopServices.openUrl(_address(str(Path(path).parent)))
    if has_begun:
        return ""
    return f"The folder of “{shown_line(Path(path).name)}” could not be opened."


def _address(path: str) -> QUrl:
    # `QUrl.fromLocalFile` would drop bytes of the name that are not UTF-8.
    return QUrl.fromEncoded(Path(path).as_uri().encode())
