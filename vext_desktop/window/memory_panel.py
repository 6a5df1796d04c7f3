"""The memory panel: plots, table, receipts and warnings; the content of the details dock."""

import importlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from vext_desktop.events import BatchFinished, CleanupFinished, IndexEvent, RunStarted
from vext_desktop.memory.event_marks import EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.readings import ProgramReading
from vext_desktop.window.growth_lines import GrowthLines
from vext_desktop.window.memory_table import MemoryTable
from vext_desktop.window.plot_thresholds import Thresholds
from vext_desktop.window.receipt_list import ReceiptList

if TYPE_CHECKING:
    from vext_desktop.window.memory_plots import MemoryPlots

IMPORT_POLL_MS = 30
TABLE_REDRAW_MS = 500
# Of the width, the plots take thrice as much as the numbers, which need this much at least.
PLOTS_SHARE = 3
LEAST_NUMBERS_PX = 330


class MemoryPanel(QWidget):
    """Where the memory is, and where it was.

    pyqtgraph takes up to two seconds to import from a cold disk. A thread of its own does it when
    the panel is first shown, so that neither the first painting nor this showing waits for it.

    Args:
        clock: The monotonic clock that readings are stamped with.
        wall_clock: The time of day, for the list.
    """

    mark_chosen = Signal(str)  # what was clicked on the plots, in a sentence

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
        self._writer = MarkWriter()
        self._thresholds = Thresholds()
        self._growth = GrowthLines()
        self.plots: MemoryPlots | None = None
        self.table = MemoryTable()
        self.receipts = ReceiptList()
        self._last_reading: ProgramReading | None = None
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
        for mark in self._writer.marks_for(event, self._clock()):
            self.history.add_mark(mark)
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
                target=importlib.import_module, args=("pyqtgraph",), name="import of pyqtgraph"
            )
            self._import_thread.start()
            self._import_timer.start()

    def _lay_out(self) -> None:
        self._plots_side = QWidget()
        self._waiting = QLabel("The plots are being prepared\N{HORIZONTAL ELLIPSIS}")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        plots_layout = QVBoxLayout(self._plots_side)
        plots_layout.setContentsMargins(0, 0, 0, 0)
        plots_layout.addWidget(self._waiting)
        numbers_side = QWidget()
        numbers_side.setMinimumWidth(LEAST_NUMBERS_PX)
        numbers_layout = QVBoxLayout(numbers_side)
        numbers_layout.setContentsMargins(0, 0, 0, 0)
        title = QLabel("Receip&ts and warnings")
        title.setBuddy(self.receipts)
        numbers_layout.addWidget(self.table)
        numbers_layout.addWidget(title)
        numbers_layout.addWidget(self.receipts, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._plots_side)
        splitter.addWidget(numbers_side)
        splitter.setStretchFactor(0, PLOTS_SHARE)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(splitter)

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
        from vext_desktop.window.memory_plots import MemoryPlots  # noqa: PLC0415 - see the class

        self.plots = MemoryPlots(self.history)
        self.plots.mark_chosen.connect(self.mark_chosen)
        self._waiting.hide()
        layout = self._plots_side.layout()
        if layout is not None:
            layout.addWidget(self.plots)
        self._on_redraw_due()

    @Slot(object)
    def _on_mark_activated(self, mark: EventMark) -> None:
        if self.plots is not None:
            self.plots.show_mark(mark)
