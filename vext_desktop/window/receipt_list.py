"""The list of receipts, warnings and crashes, newest first, for reading and for finding."""

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from vext_desktop.memory.event_marks import EventKind, EventMark, describe_file
from vext_desktop.window.icons import load_icon
from vext_desktop.window.plain_text import shown_line, shown_tooltip

MOST_ENTRIES = 500
SHOWN_KINDS = {
    EventKind.CLEANUP: "free-memory",
    EventKind.RELOAD: "reload",
    EventKind.PROCESS_START: "info",
    EventKind.WARNING: "warning",
    EventKind.VERDICT: "check",
    EventKind.CRASH: "failure",
}
# In words too, for who does not see or know the icon; receipts begin with their name anyway.
LEADS = {EventKind.WARNING: "Warning: ", EventKind.CRASH: "Crash: "}


class ReceiptList(QListWidget):
    """Sentences with their time of day; Enter or a double click finds one on the plots."""

    mark_activated = Signal(object)  # EventMark

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Receipts and warnings")
        self.setAccessibleDescription("Newest first. Enter shows one on the plots.")
        self.setWordWrap(True)
        self.setIconSize(QSize(16, 16))
        self.setAlternatingRowColors(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(self._on_item_activated)

    def add(self, mark: EventMark, now: datetime) -> None:
        """Put a mark on top if its kind belongs here; the oldest one goes when there are many."""
        icon = SHOWN_KINDS.get(mark.kind)
        if icon is None:
            return
        item = QListWidgetItem(load_icon(icon), shown_line(_sentence(mark, now)))
        item.setData(Qt.ItemDataRole.UserRole, mark)
        if mark.path:
            item.setToolTip(shown_tooltip(f"Batch {mark.batch}, {mark.path}"))
        self.insertItem(0, item)
        if self.count() > MOST_ENTRIES:
            self.takeItem(self.count() - 1)

    def sentences(self) -> list[str]:
        """What the list says, newest first."""
        return [self.item(row).text() for row in range(self.count())]

    @Slot(QListWidgetItem)
    def _on_item_activated(self, item: QListWidgetItem) -> None:
        self.mark_activated.emit(item.data(Qt.ItemDataRole.UserRole))


def _sentence(mark: EventMark, now: datetime) -> str:
    lead = LEADS.get(mark.kind, "")
    place = ""
    if mark.kind in (EventKind.CLEANUP, EventKind.RELOAD) and mark.batch:
        file = f", {describe_file(mark.path)}" if mark.path else ""
        place = f" (batch {mark.batch}{file})"
    return f"{now:%H:%M:%S} {lead}{mark.sentence}{place}"
