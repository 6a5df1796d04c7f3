"""The memory panel: curves, owners, timeline and receipts; the content of the details dock."""

import gc
import importlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vext_desktop.events import (
    BatchFinished,
    CleanupFinished,
    IndexEvent,
    MemoryPictured,
    RunStarted,
)
from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.readings import CleanupReceipt, ProgramBands, ProgramReading
from vext_desktop.window.growth_lines import GrowthLines
from vext_desktop.window.in_turns import InTurns, Steps
from vext_desktop.window.memory_table import MemoryTable
from vext_desktop.window.plot_thresholds import Thresholds
from vext_desktop.window.receipt_list import MOST_ENTRIES, ReceiptList

if TYPE_CHECKING:
    from vext_desktop.window.memory_plots import MemoryPlots

IMPORT_POLL_MS = 30
# With everything that it imports, above all pyqtgraph.
PLOTS_MODULE = "vext_desktop.window.memory_plots"
TABLE_REDRAW_MS = 500
LEAST_NUMBERS_PX = 330


class MemoryPanel(QWidget):
    """Where the memory is, and where it was.

    pyqtgraph takes up to two seconds to import from a cold disk. A thread of its own does it when
    the panel is first shown, so that neither the first painting nor this showing waits for it.
    Then the plots are made one by one, for they take longer together than a key may wait.

    Args:
        clock: The monotonic clock that readings are stamped with.
        wall_clock: The time of day, for the list.
    """

    mark_chosen = Signal(str)  # where the user stands on the plots, in a sentence
    picture_requested = Signal()  # who owns the memory now
    owners_shown = Signal(bool)  # whether somebody looks at the owners

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = datetime.now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._wall_clock = wall_clock
        self.history = MemoryHistory(clock())
        self.bands = BandHistory(self.history.origin_s)
        self._writer = MarkWriter()
        self._thresholds = Thresholds()
        self._growth = GrowthLines()
        self.plots: MemoryPlots | None = None
        self.table = MemoryTable()
        self.receipts = ReceiptList()
        self._last_reading: ProgramReading | None = None
        self._receipts: dict[EventMark, CleanupReceipt] = {}
        self._shows_owners = False
        self._import_thread: threading.Thread | None = None
        self._import_timer = QTimer(self)
        self._import_timer.setInterval(IMPORT_POLL_MS)
        self._import_timer.timeout.connect(self._on_import_polled)
        # However fast samples and events come, drawing keeps to its own pace.
        self._redraw_timer = QTimer(self)
        self._redraw_timer.setSingleShot(True)
        self._redraw_timer.timeout.connect(self._on_redraw_due)
        self.receipts.mark_activated.connect(self._on_mark_activated)
        self._lay_out()

    @property
    def shows_owners(self) -> bool:
        """Whether somebody looks at the owners."""
        return self._shows_owners

    def set_thresholds(
        self,
        budget_bytes: int,
        soft_bytes: int,
        warn_rss_bytes: int,
        warn_heap_growth_bytes: int,
        warn_native_growth_bytes: int,
    ) -> None:
        """Show these limits on the plots.

        Args:
            budget_bytes: What all our processes together may hold.
            soft_bytes: From here on indexing slows down.
            warn_rss_bytes: A warning is given above it.
            warn_heap_growth_bytes: By how much the heap may grow from one batch to the next.
            warn_native_growth_bytes: How far native buffers may rise above their settled level.
        """
        self._thresholds = Thresholds(budget_bytes, soft_bytes, warn_rss_bytes)
        self._growth.heap_growth_bytes = warn_heap_growth_bytes
        self._growth.native_growth_bytes = warn_native_growth_bytes
        self._draw_soon()

    @Slot(object)
    def add_sample(self, reading: ProgramReading) -> None:
        """Keep a reading, and show it if anybody can see it."""
        self.history.add(reading)
        self._last_reading = reading
        self._draw_soon()

    @Slot(object)
    def add_picture(self, picture: ProgramBands | None) -> None:
        """Keep a picture of the owners; None says that this system tells none."""
        if picture is not None:
            self.bands.add(picture)
        elif self.plots is not None and self.plots.owners is not None:
            self.plots.owners.show_unmeasurable()
        self._draw_soon()

    @Slot(object)
    def add_event(self, event: IndexEvent) -> None:
        """Turn an event into marks on the plots, receipts and warnings."""
        match event:
            case RunStarted():
                self._growth.begin_run()
            case BatchFinished(reading=reading):
                self._growth.note_batch(reading)
                self.table.note_held(reading)
            case CleanupFinished(receipt=receipt):
                self.table.note_held(receipt.after)
                for picture in (receipt.bands_before, receipt.bands_after):
                    if picture is not None:
                        self.bands.add(picture)
            case MemoryPictured(bands=picture):
                self.bands.add(picture)
        for mark in self._writer.marks_for(event, self._clock()):
            self.history.add_mark(mark)
            if isinstance(event, CleanupFinished):
                self._keep_receipt(mark, event.receipt)
            self.receipts.add(mark, self._wall_clock())
        self._draw_soon()

    def showEvent(self, event: QShowEvent) -> None:
        """Prepare the plots when they are seen for the first time."""
        super().showEvent(event)
        if self.plots is not None:
            self._on_redraw_due()
        elif self._import_thread is None:
            # Not joined here: it ends by itself, and the interpreter waits for it at exit.
            self._import_thread = threading.Thread(
                target=importlib.import_module, args=(PLOTS_MODULE,), name="import of the plots"
            )
            self._import_thread.start()
            self._import_timer.start()
        self._tell_owners_shown()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._tell_owners_shown()

    def _keep_receipt(self, mark: EventMark, receipt: CleanupReceipt) -> None:
        """Remember what a mark of a cleanup stands for, as long as it can be in the list."""
        self._receipts[mark] = receipt
        if len(self._receipts) > MOST_ENTRIES:
            del self._receipts[next(iter(self._receipts))]

    @Slot()
    def _tell_owners_shown(self) -> None:
        shows_owners = self.isVisible() and self.plots is not None and self.plots.shows_owners
        if shows_owners != self._shows_owners:
            self._shows_owners = shows_owners
            self.owners_shown.emit(shows_owners)

    def _lay_out(self) -> None:
        self._waiting = QLabel("The plots are being prepared\N{HORIZONTAL ELLIPSIS}")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._numbers = QWidget()
        self._numbers.setMinimumWidth(LEAST_NUMBERS_PX)
        column = QVBoxLayout(self._numbers)
        column.setContentsMargins(0, 0, 0, 0)
        title = QLabel("Receip&ts and warnings")
        title.setBuddy(self.receipts)
        column.addWidget(self.table)
        column.addWidget(title)
        column.addWidget(self.receipts, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.addWidget(self._waiting, 1)
        row.addWidget(self._numbers)

    def _draw_soon(self) -> None:
        if self.isVisible() and not self._redraw_timer.isActive():
            plots = self.plots
            self._redraw_timer.start(plots.redraw_interval_ms if plots else TABLE_REDRAW_MS)

    @Slot()
    def _on_redraw_due(self) -> None:
        if self._last_reading is not None:
            self.table.show_reading(self._last_reading)
        if self.plots is not None:
            self.plots.set_thresholds(
                replace(
                    self._thresholds,
                    heap_line_bytes=self._growth.heap_line_bytes,
                    native_line_bytes=self._growth.native_line_bytes,
                )
            )
            self.plots.redraw()

    @Slot()
    def _on_import_polled(self) -> None:
        if self._import_thread is None or self._import_thread.is_alive():
            return
        self._import_timer.stop()
        from vext_desktop.window.memory_plots import memory_plots  # noqa: PLC0415 - see the class

        plots = memory_plots(self.history, self.bands, self, is_live=True)
        InTurns(self._plots_shown(plots), self).start()

    def _plots_shown(self, steps: "Steps[MemoryPlots]") -> "Steps[None]":
        """Make the plots and put them in their place, in steps."""
        plots = yield from steps
        plots.set_receipts(self._receipts)
        plots.mark_chosen.connect(self.mark_chosen)
        plots.measure_requested.connect(self.picture_requested)
        plots.page_changed.connect(self._tell_owners_shown)
        plots.put_beside_curves(self._numbers)
        yield
        layout = self.layout()
        if layout is not None:
            layout.addWidget(plots)
            plots.show()
        self._waiting.hide()
        yield
        self.plots = plots
        self._on_redraw_due()
        # All of this stays. Looked through with each full collection, it would cost tens of ms.
        gc.freeze()

    @Slot(object)
    def _on_mark_activated(self, mark: EventMark) -> None:
        if self.plots is not None:
            self.plots.show_mark(mark)
