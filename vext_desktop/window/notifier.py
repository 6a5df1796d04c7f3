"""Desktop notifications, for whoever is looking at something else."""

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

SHOWN_MS = 8000


class Notifier(QObject):
    """Shows notifications where the desktop has a place for them; else it does nothing.

    Args:
        icon: The program's icon.
        parent: The owner.
    """

    def __init__(self, icon: QIcon, parent: QObject) -> None:
        super().__init__(parent)
        self._icon = icon
        self._tray: QSystemTrayIcon | None = None
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(SHOWN_MS)
        self._leave.timeout.connect(self.hide)

    def notify(self, title: str, text: str) -> bool:
        """Show a notification for some seconds; False where the desktop has no place for it."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        if self._tray is None:
            # It stands in the tray only as long as its message: we do not live there.
            self._tray = QSystemTrayIcon(self._icon, self)
        self._tray.show()
        self._tray.showMessage(title, text, self._icon, SHOWN_MS)
        self._leave.start()
        return True

    @Slot()
    def hide(self) -> None:
        """Leave the tray."""
        if self._tray is not None:
            self._tray.hide()
