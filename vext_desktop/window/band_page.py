"""Where the memory is: owner bands stacked over time, and the present ones as a table."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.band_sentences import describe_band, describe_picture
from vext_desktop.memory.curves import LINES, TOTAL
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.readings import Band, CleanupReceipt, ProgramBands
from vext_desktop.window.band_plot import BandPlot
from vext_desktop.window.band_table import BandTable
from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.in_turns import Steps
from vext_desktop.window.plot_colours import PlotColours
from vext_desktop.window.plot_explorer import PlotExplorer
from vext_desktop.window.plot_keys import PlotAction, PlotKeys
from vext_desktop.window.time_view import TimeView

LINE_TITLES = {TOTAL: "All processes", **{line: line.capitalize() for line in LINES[1:]}}
MOST_MARKS = 100
# Areas need fewer points than lines: nobody sees a slope of two pixels in ten of them.
PIXELS_PER_POINT = 3
FEWEST_POINTS = 100
PLOT_SHARE = 6
TABLE_SHARE = 5
TABLE_DELAY_MS = 15
FIRST_SHARE_PX = 100
MEASURING = "The owners are being measured\N{HORIZONTAL ELLIPSIS}"
NOT_MEASURED = "The owners have not been measured here"
CANNOT_TELL = "This system does not tell who owns memory"


class BandPage(QWidget):
    """The stack, its table, and what can be chosen of them.

    Args:
        history: For RSS, marks, batches and files.
        bands: The owners.
        explorer: Knows where the user stands, on this page as on the others.
        is_live: Whether the owners can be measured now.
        parts: The stack and its table, as `band_page` makes them.
    """

    told = Signal(str)
    measure_requested = Signal()
    redraw_needed = Signal()

    def __init__(
        self,
        history: MemoryHistory,
        bands: BandHistory,
        explorer: PlotExplorer,
        *,
        is_live: bool,
        parts: tuple[BandPlot, BandTable],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._bands = bands
        self._explorer = explorer
        self._is_live = is_live
        self._absent_words = MEASURING if is_live else NOT_MEASURED
        self._outdated: ProgramBands | None = None
        self.plot, self.table = parts
        self._line = QComboBox()
        self._explained = ElidedLabel(is_muted=True)
        self._measure = QPushButton("Measure now")
        self._back = QPushButton("Back to the present")
        self._keys = PlotKeys(self)
        self._table_delay = QTimer(self)
        self._table_delay.setSingleShot(True)
        self._table_delay.setInterval(TABLE_DELAY_MS)
        self._table_delay.timeout.connect(self._show_table)
        self._prepare_controls()
        self._lay_out()
        self._connect()

    def set_colours(self, colours: PlotColours) -> None:
        """Paint everything for a light or a dark window."""
        self.plot.set_colours(colours)

    def draw(self, time_range: tuple[float, float], *, fits_height: bool) -> None:
        """Draw a stretch of time, and the present beside it.

        Args:
            time_range: Its moments in view, in seconds since the origin of the history.
            fits_height: Whether the height follows the data, or stays as the user zoomed it.
        """
        most = max(FEWEST_POINTS, round(float(self.plot.box.width()) / PIXELS_PER_POINT))
        self.plot.show_bands(
            self._history,
            self._bands.curves_between(*time_range, most),
            self._line.currentData(),
            self._history.marks_between(*time_range, MOST_MARKS),
            time_range,
            absent_words=self._absent_words,
            fits_height=fits_height,
        )
        if self.table.picture is None:
            self._show_table()
        elif self._bands.latest is not self.table.picture:
            # Not painted in one go with the plot.
            self._table_delay.start()
        if self._bands.latest is not self._outdated:
            self._measure.setEnabled(True)
        self._show_words()

    def show_receipt(self, receipt: CleanupReceipt) -> bool:
        """Show the owners before and after a cleanup; False where they were not measured."""
        if receipt.bands_before is None or receipt.bands_after is None:
            return False
        self.table.show_receipt(receipt)
        self._back.show()
        self._show_words()
        return True

    def show_unmeasurable(self) -> None:
        """Say that this system tells no owners."""
        self._absent_words = CANNOT_TELL
        self._measure.hide()

    def _prepare_controls(self) -> None:
        for line, title in LINE_TITLES.items():
            self._line.addItem(title, line)
        self._line.setAccessibleName("Process whose memory is stacked")
        self._explained.setAccessibleName("How much is explained")
        self._measure.setToolTip(
            "Look now which owner has how much. While this page is open, it is done by itself "
            "every ten to thirty seconds."
        )
        self._measure.setVisible(self._is_live)
        self._back.setToolTip("Show what is owned now instead of before and after a cleanup.")
        self._back.hide()
        for button in (self._measure, self._back):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(QLabel("Owners of the memory of"))
        top.addWidget(self._line)
        top.addSpacing(8)
        top.addWidget(self._explained, 1)
        top.addWidget(self._back)
        top.addWidget(self._measure)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(12)
        for part, share in ((self.plot, PLOT_SHARE), (self.table, TABLE_SHARE)):
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.count() - 1, share)
        splitter.setSizes([PLOT_SHARE * FIRST_SHARE_PX, TABLE_SHARE * FIRST_SHARE_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.plot.view.installEventFilter(self._keys)
        self._keys.action_asked.connect(self._on_action_asked)
        self.plot.band_chosen.connect(self._on_band_clicked)
        self.plot.mark_clicked.connect(self._explorer.show_mark)
        self.table.band_chosen.connect(self._on_row_chosen)
        self._line.activated.connect(self.redraw_needed)
        self._measure.clicked.connect(self._on_measure_clicked)
        self._back.clicked.connect(self._on_back_clicked)

    @Slot()
    def _show_table(self) -> None:
        if self._bands.latest is not None:
            self.table.show_picture(self._bands.latest)

    def _show_words(self) -> None:
        receipt = self.table.receipt
        if receipt is not None:
            self._explained.show_line(receipt.sentence)
        elif not self._measure.isEnabled():
            self._explained.show_line(MEASURING)
        elif self._bands.latest is not None:
            times = self._history.curves.times_s
            now_s = self._history.origin_s + float(times[-1]) if len(times) else 0.0
            self._explained.show_line(
                describe_picture(self._bands.latest, now_s if self._is_live else None)
            )

    def _tell_band(self, band: Band, time_s: float | None) -> None:
        latest = self._bands.latest
        if time_s is None:
            time_s = latest.at_s - self._bands.origin_s if latest else 0.0
        line = self._line.currentData()
        sentence = describe_band(self._history, self._bands, line, band, time_s)
        self._explorer.stand_at(time_s, sentence)

    @Slot(object)
    def _on_action_asked(self, action: PlotAction) -> None:
        match action:
            case PlotAction.NEXT_KIND | PlotAction.PREVIOUS_KIND:
                band = self.table.step(1 if action is PlotAction.NEXT_KIND else -1)
                if band is not None:
                    self._tell_band(band, self._explorer.time_s)
            case PlotAction.NEXT_SAMPLE | PlotAction.PREVIOUS_SAMPLE:
                self._step_picture(forward=action is PlotAction.NEXT_SAMPLE)
            case _:
                self._explorer.carry_out(action)

    def _step_picture(self, *, forward: bool) -> None:
        time_s = self._bands.beside(self._explorer.time_s, forward=forward)
        band = self.table.chosen_band or self.table.step(1)
        if time_s is None or band is None:
            self.told.emit(f"There is no {'later' if forward else 'earlier'} measurement.")
        else:
            self._tell_band(band, time_s)

    @Slot(object, float)
    def _on_band_clicked(self, band: Band, time_s: float) -> None:
        self.table.choose(band)
        self._tell_band(band, time_s)

    @Slot(object, str)
    def _on_row_chosen(self, band: Band | None, meaning: str) -> None:
        self.plot.choose(band)
        self.told.emit(meaning if band is None else f"{band.label}: {meaning}")

    @Slot()
    def _on_measure_clicked(self) -> None:
        self._outdated = self._bands.latest
        self._measure.setEnabled(False)
        self._on_back_clicked()
        self.measure_requested.emit()

    @Slot()
    def _on_back_clicked(self) -> None:
        self.table.show_receipt(None)
        self._back.hide()
        self._show_words()


def band_page(
    history: MemoryHistory, bands: BandHistory, explorer: PlotExplorer, *, is_live: bool
) -> Steps[BandPage]:
    """Make the page in steps; the arguments are those of `BandPage`."""
    view = TimeView()
    yield
    plot = BandPlot(view)
    yield
    table = BandTable()
    yield
    return BandPage(history, bands, explorer, is_live=is_live, parts=(plot, table))
