"""The numbers of the plots as a table, for the keyboard and for screen readers."""

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView, QWidget

from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading, format_bytes
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.column_model import ColumnModel, Index
from vext_desktop.window.table_style import colour_header, prepare_table

ROWS = ("Total", "Window", "Engine", "Reader")
COLUMNS = ("Process", "RSS", "Heap", "Native", "Held")
COLUMN_MEANINGS = (
    "Which of our processes.",
    "Resident memory, as the system counts it.",
    "What Python's own allocator has given to live objects.",
    "What native libraries have allocated and not freed.",
    "What the allocator keeps although nothing uses it: what a cleanup can give back.",
)
NOT_READABLE = "cannot be read now"  # a child that starts, or a system that cannot tell
NOT_RUNNING = "not running"
NOT_MEASURED = "not measured yet"
DASH = "\N{EN DASH}"
# There is room for short numbers only: tool tip and screen reader say the whole of it.
SHOWN_SHORT = {NOT_MEASURED: DASH, NOT_READABLE: DASH, NOT_RUNNING: "off"}
ROW_PADDING_PX = 4
LEAST_COLUMN_PX = 40

TEXT_ROLES = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)


class MemoryTableModel(ColumnModel):
    """One row for the sum and each process, one column for each number.

    What is held is costly to measure, so most readings do not say it: the last known figure
    stays until a newer one comes or the process ends.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, parent=parent)
        self._cells = [[name] + [NOT_MEASURED] * (len(COLUMNS) - 1) for name in ROWS]
        self._held: dict[int, int] = {}

    def note_held(self, reading: ProgramReading) -> None:
        """Remember what is held where a reading says it, and forget processes that are gone."""
        alive = {process.pid for process in reading.processes}
        self._held = {pid: held for pid, held in self._held.items() if pid in alive}
        for process in reading.processes:
            if process.held_bytes is not None:
                self._held[process.pid] = process.held_bytes

    def show_reading(self, reading: ProgramReading) -> None:
        """Take over a reading; only cells whose text changes are announced."""
        self.note_held(reading)
        before = self._cells
        self._cells = [self._row(0, reading, sum(self._held.values()) if self._held else None)]
        for row, role in enumerate(ProcessRole, start=1):
            process = reading.of(role)
            held = None if process is None else self._held.get(process.pid)
            self._cells.append(self._row(row, process, held))
        self.announce_changes(before, self._cells)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Always the same four rows."""
        return 0 if parent.isValid() else len(ROWS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text in short, its alignment, or the whole of it for a screen reader."""
        text = self._cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return SHOWN_SHORT.get(text, text)
        if role in TEXT_ROLES:
            row, column = ROWS[index.row()], COLUMNS[index.column()]
            return text if index.column() == 0 else f"{row}, {column}: {text}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.side_of(index.column())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The names of the numbers, and what they mean."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return COLUMN_MEANINGS[section]
        return super().headerData(section, orientation, role)

    def _row(
        self, row: int, source: ProgramReading | MemoryReading | None, held_bytes: int | None
    ) -> list[str]:
        if source is None:
            return [ROWS[row], NOT_RUNNING] + [DASH] * (len(COLUMNS) - 2)
        counts = (source.rss_bytes, source.heap_bytes, source.native_bytes)
        texts = [NOT_READABLE if count is None else format_bytes(count) for count in counts]
        held = NOT_MEASURED if held_bytes is None else format_bytes(held_bytes)
        return [ROWS[row], *texts, held]


class MemoryTable(QTableView):
    """The table itself, as high as its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = MemoryTableModel(self)
        self.setModel(self._model)
        self.setAccessibleName("Memory of each process")
        self.setAccessibleDescription("The numbers that the plots show.")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        prepare_table(self)
        self.setItemDelegate(CellDelegate((), self))
        colour_header(self, self.palette())
        columns = self.horizontalHeader()
        columns.setStretchLastSection(False)
        columns.setMinimumSectionSize(LEAST_COLUMN_PX)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)  # its names never change
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit_height()

    def note_held(self, reading: ProgramReading) -> None:
        """Remember what is held where a reading says it."""
        self._model.note_held(reading)

    def show_reading(self, reading: ProgramReading) -> None:
        """Show the numbers of a reading."""
        self._model.show_reading(reading)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            colour_header(self, self.palette())
        elif event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit_height()

    def showEvent(self, event: QShowEvent) -> None:
        """Now the header's style is known, and with it its height."""
        super().showEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        columns, rows = self.horizontalHeader(), self.verticalHeader()
        rows.setDefaultSectionSize(self.fontMetrics().lineSpacing() + ROW_PADDING_PX)
        columns.resizeSection(0, max(columns.sectionSizeHint(0), self.sizeHintForColumn(0)))
        height = columns.sizeHint().height() + len(ROWS) * rows.defaultSectionSize()
        self.setFixedHeight(height + 2 * self.frameWidth())
