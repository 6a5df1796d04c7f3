"""A history of memory on three pages: its curves, who owned it, and all that happened.

Importing this module imports pyqtgraph: import it when the window has been painted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QLabel, QTabWidget, QVBoxLayout, QWidget

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.band_sentences import describe_changes
from vext_desktop.memory.curves import Measure
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.readings import CleanupReceipt
from vext_desktop.window.announce import announce
from vext_desktop.window.band_page import BandPage, band_page
from vext_desktop.window.curves_page import CurvesPage, curves_page
from vext_desktop.window.in_turns import Steps, at_once
from vext_desktop.window.memory_plot import MemoryPlot
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.plot_colours import colours_for
from vext_desktop.window.plot_explorer import PlotExplorer
from vext_desktop.window.plot_keys import PlotAction
from vext_desktop.window.plot_thresholds import Thresholds
from vext_desktop.window.time_controls import TimeControls
from vext_desktop.window.timeline_page import TimelinePage

# Drawing more often than the curves move by one pixel shows nothing new.
REDRAW_MS = (400, 1000)
INVITATION = "Click a symbol or a point to see its batch and file. With the keyboard: the arrows."


@dataclass(frozen=True, slots=True)
class PlotParts:
    """What the plots of one history are put together from; each takes long to make."""

    time: TimeControls
    explorer: PlotExplorer
    curves: CurvesPage
    owners: BandPage | None
    timeline: TimelinePage


def plot_parts(
    history: MemoryHistory, bands: BandHistory | None, *, is_live: bool
) -> Steps[PlotParts]:
    """Make the parts one by one; the arguments are those of `MemoryPlots`."""
    curves = yield from curves_page()
    time = TimeControls(is_live=is_live)
    explorer = PlotExplorer(history, time)
    yield
    owners = None
    if bands is not None:
        owners = yield from band_page(history, bands, explorer, is_live=is_live)
        yield
    return PlotParts(time, explorer, curves, owners, TimelinePage(history))


def memory_plots(
    history: MemoryHistory, bands: BandHistory | None, parent: QWidget, *, is_live: bool
) -> Steps["MemoryPlots"]:
    """Make the plots in steps, the last of which leaves nothing but to show them.

    Args:
        history: As for `MemoryPlots`, as are the others.
        bands: The owners.
        parent: Where they will be shown: all of them are styled anew when they change hands.
        is_live: Whether the history still grows.
    """
    parts = yield from plot_parts(history, bands, is_live=is_live)
    yield
    colours = colours_for(QApplication.palette())
    for plot in parts.curves.plots:
        plot.set_colours(colours)  # it keeps them, so that the whole need not take all at once
        yield
    if parts.owners is not None:
        parts.owners.set_colours(colours)
        yield
    plots = MemoryPlots(history, bands, is_live, parent, parts)
    plots.hide()
    yield
    yield from plots.pages_put_in()
    plots.apply_palette()
    yield
    return plots


class MemoryPlots(QWidget):
    """Everything that is known of one history, drawn.

    Args:
        history: What is drawn; whoever adds to it calls `redraw`.
        bands: The owners, where they were measured: without them there is no such page.
        is_live: Whether the history still grows, and can be followed.
        parts: What `plot_parts` has made of the same history; None to make them here and now.
    """

    mark_chosen = Signal(str)  # where the user stands now, in a sentence
    measure_requested = Signal()  # a picture of the owners, now
    page_changed = Signal()

    def __init__(
        self,
        history: MemoryHistory,
        bands: BandHistory | None = None,
        is_live: bool = True,
        parent: QWidget | None = None,
        parts: PlotParts | None = None,
    ) -> None:
        super().__init__(parent)
        self._history = history
        has_parts = parts is not None
        parts = parts or at_once(plot_parts(history, bands, is_live=is_live))
        self._thresholds = Thresholds()
        self._receipts: Mapping[EventMark, CleanupReceipt] = {}
        self._time, self._explorer = parts.time, parts.explorer
        self._explorer.setParent(self)
        self.curves, self.owners, self.timeline = parts.curves, parts.owners, parts.timeline
        self._tabs = QTabWidget()
        self._sentence = QLabel(INVITATION)
        self._lay_out()
        if not has_parts:  # who brings them does this in turns
            at_once(self.pages_put_in())
            self.apply_palette()

    @property
    def plots(self) -> list[MemoryPlot]:
        """The plots of RSS, heap and native buffers."""
        return self.curves.plots

    @property
    def is_following(self) -> bool:
        """Whether the newest samples are kept in view."""
        return self._time.is_following

    def set_following(self, is_following: bool) -> None:
        """Keep the newest samples in view, or leave the view to the user."""
        self._time.set_following(is_following)

    @property
    def time_range(self) -> tuple[float, float]:
        """The moments at the left and the right edge, in seconds since the origin."""
        return self._time.time_range

    @property
    def redraw_interval_ms(self) -> int:
        """How long to wait between two redraws: until the curves have moved by a pixel."""
        start, end = self._time.time_range
        pixel_ms = 1000 * (end - start) / max(1.0, float(self.plots[0].box.width()))
        return round(min(max(pixel_ms, REDRAW_MS[0]), REDRAW_MS[1]))

    @property
    def shows_owners(self) -> bool:
        """Whether the page of the owners is the one in front."""
        return self.owners is not None and self._tabs.currentWidget() is self.owners

    def pages_put_in(self) -> Steps[None]:
        """Put the pages into their place one by one."""
        pages = {"Curves": self.curves, "Where it is": self.owners, "Timeline": self.timeline}
        for title, page in pages.items():
            if page is not None:
                self._tabs.addTab(page, title)
                yield
        self._connect()

    def put_beside_curves(self, widget: QWidget) -> None:
        """Show something at the right of the curves."""
        self.curves.put_beside(widget)

    def link_to(self, other: "MemoryPlots") -> None:
        """Show the same stretch of time at the same heights as another history, for comparing."""
        self._time.link_to(other._time)
        for own, its in zip(self.plots, other.plots, strict=True):
            own.link_to(its)
        if self.owners is not None and other.owners is not None:
            self.owners.plot.link_to(other.owners.plot)
        # Twice: each must know of the other before both can fit.
        for plots in (self, other, self):
            plots.redraw()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Show other limits from the next redraw on."""
        self._thresholds = thresholds

    def set_receipts(self, receipts: Mapping[EventMark, CleanupReceipt]) -> None:
        """Know what the marks of cleanups stand for; the mapping may grow."""
        self._receipts = receipts

    @Slot(object)
    def show_mark(self, mark: EventMark) -> None:
        """Bring a mark into view, point at it and say what it stands for.

        Of a cleanup whose receipt has the owners before and after, these are shown beside.
        """
        receipt = self._receipts.get(mark)
        if receipt and self.owners is not None and self.owners.show_receipt(receipt):
            self._tabs.setCurrentWidget(self.owners)
            self.owners.plot.view.setFocus()
        elif self._tabs.currentWidget() is self.timeline:
            self._tabs.setCurrentWidget(self.curves)
            self.plots[0].view.setFocus()
        self._explorer.show_mark(mark)
        if receipt and (changes := describe_changes(receipt)):
            self._say(f"{self._sentence.text()} {changes}")

    @Slot()
    def redraw(self) -> None:
        """Draw what is in the history now, on the page in front."""
        times = self._history.curves.times_s
        if self.is_following and len(times):
            self._time.follow_to(float(times[-1]))
        page, time_range = self._tabs.currentWidget(), self._time.time_range
        if page is self.curves:
            self.curves.draw(
                self._history, time_range, self._thresholds, fits_height=self.is_following
            )
        elif page is self.owners and self.owners is not None:
            self.owners.draw(time_range, fits_height=self.is_following)
        else:
            self.timeline.refresh()

    def apply_palette(self) -> None:
        """Draw in the colours of the palette in force."""
        colours = colours_for(self.palette())
        self.curves.set_colours(colours)
        if self.owners is not None:
            self.owners.set_colours(colours)
        self.redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.apply_palette()

    def _lay_out(self) -> None:
        # From the outside in: all of a page is styled anew whenever it changes hands.
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._sentence)
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName("Curves, owners and timeline")
        self._tabs.setCornerWidget(self._time)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def _connect(self) -> None:
        for plot in self.plots:
            self._time.add(plot.box)
            plot.mark_clicked.connect(self._explorer.show_mark)
            plot.moment_clicked.connect(self._explorer.show_moment)
            plot.action_asked.connect(self._on_action_asked)
        self._explorer.place_chosen.connect(self._on_place_chosen)
        self._explorer.told.connect(self._say)
        self._time.redraw_needed.connect(self.redraw)
        self._time.peak_requested.connect(self._explorer.show_peak)
        self._tabs.currentChanged.connect(self._on_page_changed)
        self.timeline.mark_activated.connect(self.show_mark)
        if self.owners is not None:
            self._time.add(self.owners.plot.box)
            self.owners.redraw_needed.connect(self.redraw)
            self.owners.told.connect(self._say)
            self.owners.measure_requested.connect(self.measure_requested)

    @Slot(str, object)
    def _on_action_asked(self, measure: str, action: PlotAction) -> None:
        self._explorer.measure = Measure(measure)
        self._explorer.carry_out(action)

    @Slot(float, str)
    def _on_place_chosen(self, time_s: float, sentence: str) -> None:
        self.curves.show_cursor(time_s)
        if self.owners is not None:
            self.owners.plot.show_cursor(time_s)
        self._say(sentence)
        self.mark_chosen.emit(self._sentence.text())

    @Slot(str)
    def _say(self, sentence: str) -> None:
        self._sentence.setText(shown_line(sentence))
        announce(self._sentence, self._sentence.text())

    @Slot()
    def _on_page_changed(self) -> None:
        self.page_changed.emit()
        self.redraw()
