"""The table of the owner bands: the key to the stack, with its numbers."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from vext_desktop.readings import Band, CleanupReceipt, ProgramBands
from vext_desktop.window.band_model import NOW_COLUMNS, BandModel
from vext_desktop.window.cell_delegate import GRID_PX, PADDING, CellDelegate
from vext_desktop.window.table_style import colour_header, prepare_table

ROW_PADDING_PX = 1
LEAST_NUMBER_PX = 48
LEAST_WIDTH_PX = 290
# Below this width, the single processes would leave no room for the owners' names.
LEAST_WIDTH_FOR_PROCESSES_PX = 470


class BandTable(QTableView):
    """Owners and their megabytes; Enter on the libraries opens and closes their families."""

    band_chosen = Signal(object, str)  # Band or None; what the row means

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = BandModel(self.palette(), self)
        self._picture: ProgramBands | None = None
        self._receipt: CleanupReceipt | None = None
        self._shows_families = False
        self.setModel(self._model)
        self.setAccessibleName("Owners of the memory")
        self.setAccessibleDescription("In the order of the plot. Enter on Libraries lists them.")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        prepare_table(self)
        self.verticalHeader().setDefaultSectionSize(
            self.fontMetrics().lineSpacing() + ROW_PADDING_PX
        )
        self.setItemDelegate(_BandDelegate((), self))
        self.setMinimumWidth(LEAST_WIDTH_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit_columns()
        colour_header(self, self.palette())
        self._model.modelReset.connect(self._fit_columns)
        self._model.dataChanged.connect(self._widen_columns)
        self.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.activated.connect(self._on_activated)

    @property
    def picture(self) -> ProgramBands | None:
        """The present that is shown, or would be if no cleanup was."""
        return self._picture

    @property
    def receipt(self) -> CleanupReceipt | None:
        """The cleanup that is shown instead of the present, if one is."""
        return self._receipt

    def show_picture(self, picture: ProgramBands) -> None:
        """Show what is owned now, unless a cleanup is being looked at."""
        if picture is not self._picture:
            self._picture = picture
            self._refresh()

    def show_receipt(self, receipt: CleanupReceipt | None) -> None:
        """Show the owners before and after a cleanup; None goes back to the present."""
        self._receipt = receipt
        self._refresh()

    def choose(self, band: Band) -> None:
        """Select the row of a band."""
        row = self._model.row_of(band)
        if row is not None and row != self.currentIndex().row():
            self.selectRow(row)

    def step(self, step: int) -> Band | None:
        """Select the next band, or the one before (-1), and tell which it is."""
        row = self.currentIndex().row() + step
        while (found := self._model.row_at(row)) is not None and found.band is None:
            row += step
        if found is None:
            return self.chosen_band
        self.selectRow(row)
        return found.band

    @property
    def chosen_band(self) -> Band | None:
        """The band whose row is the current one."""
        row = self._model.row_at(self.currentIndex().row())
        return None if row is None else row.band

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open and close the libraries."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._on_activated()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, show all processes together only."""
        super().resizeEvent(event)
        self._show_processes()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._model.set_palette(self.palette())
            colour_header(self, self.palette())
        elif event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit_columns()

    def _refresh(self) -> None:
        band = self.chosen_band
        before_after = self._receipt and (self._receipt.bands_before, self._receipt.bands_after)
        match before_after:
            case (ProgramBands() as before, ProgramBands() as after):
                self._model.show_change(before, after)
            case _ if self._picture is not None:
                self._model.show_picture(self._picture, with_families=self._shows_families)
        if band is not None:
            self.choose(band)

    @Slot()
    def _fit_columns(self) -> None:
        """Give each column of numbers the room that its title and its widest number need."""
        columns = self.horizontalHeader()
        columns.setStretchLastSection(False)
        columns.setMinimumSectionSize(LEAST_NUMBER_PX)
        # Not Qt's "resize to contents": it measures every cell anew at every change of one.
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, self._model.columnCount()):
            columns.resizeSection(column, columns.sectionSizeHint(column))
        last = self._model.index(self._model.rowCount() - 1, self._model.columnCount() - 1)
        if last.isValid():
            self._widen_columns(self._model.index(0, 1), last)
        self._show_processes()

    @Slot(QModelIndex, QModelIndex)
    def _widen_columns(self, first: QModelIndex, last: QModelIndex) -> None:
        """Have room for other numbers; columns never get narrower, so that nothing jumps."""
        columns = self.horizontalHeader()
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        for column in range(max(1, first.column()), last.column() + 1):
            texts = {self._model.text_at(row, column) for row in range(self._model.rowCount())}
            needed = max(map(metrics.horizontalAdvance, texts)) + 2 * PADDING + GRID_PX
            if needed > columns.sectionSize(column):
                columns.resizeSection(column, needed)

    def _show_processes(self) -> None:
        """Show the single processes where there is room for them."""
        is_narrow = self.viewport().width() < LEAST_WIDTH_FOR_PROCESSES_PX
        count = self._model.columnCount()
        is_hidden = is_narrow and count == len(NOW_COLUMNS)
        for column in range(1, count - 2):
            if self.isColumnHidden(column) != is_hidden:
                self.setColumnHidden(column, is_hidden)

    @Slot()
    def _on_row_changed(self) -> None:
        row = self._model.row_at(self.currentIndex().row())
        if row is not None:
            self.band_chosen.emit(row.band, row.meaning)

    @Slot()
    def _on_activated(self) -> None:
        if self.chosen_band is Band.LIBRARIES:
            self._shows_families = not self._shows_families
            self._refresh()
            if self._shows_families:
                self.scrollTo(self.currentIndex(), self.ScrollHint.PositionAtTop)


class _BandDelegate(CellDelegate):
    """Takes the font out of the model too."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one cell."""
        font = index.data(Qt.ItemDataRole.FontRole)
        if isinstance(font, QFont):
            option.font = font
        super().paint(painter, option, index)
