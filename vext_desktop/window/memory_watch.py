"""Brings readings of memory, and the budget beside them, to the strip and the details."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.events import (
    ChildStarted,
    CleanupFinished,
    IndexEvent,
    MemoryJudged,
    RunFinished,
    RunStarted,
)
from vext_desktop.readings import Band, CleanupAction, CleanupReceipt, ProcessRole, ProgramReading
from vext_desktop.settings import Settings
from vext_desktop.window.memory_strip import MemoryStrip
from vext_desktop.window.sampler import MemorySampler, ReadingSource

if TYPE_CHECKING:
    from vext_desktop.memory.budget import Budget
    from vext_desktop.window.memory_panel import MemoryPanel

MB = 1_000_000

# The sampler's four samples a second are for the plots; words that change so fast are not read.
SAMPLES_PER_WORDS = 2
SAMPLES_PER_BUDGET = 8


class MemoryWatch(QObject):
    """Owns the sampler; feeds the memory strip and the memory panel.

    Args:
        settings: For the budget and the warning lines.
        strip: One line in plain words.
        parent: The owner.
    """

    reading_shown = Signal(object)  # ProgramReading, as often as the words of the strip change

    def __init__(self, settings: Settings, strip: MemoryStrip, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._strip = strip
        strip.set_isolation(settings.isolation)
        self._panel: MemoryPanel
        self._sampler: MemorySampler | None = None
        self._budget: Budget | None = None
        self._samples = 0
        self._is_over = False

    def show_in(self, panel: "MemoryPanel") -> None:
        """Feed this panel of plots, table and receipts; before `start`."""
        self._panel = panel

    @Slot(object)
    def start(self, source: ReadingSource) -> None:
        """Begin to sample; not any more after `stop`, if the engine is built that late."""
        if self._sampler is None and not self._is_over:
            self._sampler = MemorySampler(source, parent=self)
            self._sampler.sample_taken.connect(self._on_sample_taken)
            self._sampler.picture_taken.connect(self._panel.add_picture)
            self._panel.picture_requested.connect(self._sampler.request_picture)
            self._panel.owners_shown.connect(self._sampler.set_picturing)
            self._sampler.set_picturing(self._panel.shows_owners)
            self._sampler.start()

    @Slot(object)
    def set_settings(self, settings: Settings) -> None:
        """Other limits count from now on; the lines follow with the next sample."""
        self._settings = settings
        self._budget = None

    def stop(self) -> bool:
        """End the sampler's thread and join it; False if it is still there."""
        self._is_over = True
        return self._sampler is None or self._sampler.stop()

    @Slot(object)
    def show_event(self, event: IndexEvent) -> None:
        """An event of a run: a mark on the plots, a verdict at the end."""
        self._panel.add_event(event)
        if isinstance(event, RunStarted):
            self._strip.show_verdict(None)
        elif isinstance(event, ChildStarted) and event.fresh_rss_bytes is not None:
            self._strip.set_fresh(event.fresh_rss_bytes)
        elif isinstance(event, CleanupFinished):
            self._note_fresh(event.receipt)
        elif isinstance(event, MemoryJudged):
            self._strip.show_verdict(event)
        elif isinstance(event, RunFinished):
            verdict = event.summary.get("verdict")
            if isinstance(verdict, dict):
                self._strip.show_verdict(_judged(verdict))

    @Slot(object)
    def show_receipt(self, receipt: CleanupReceipt) -> None:
        """A cleanup that the user asked for is done."""
        self._strip.show_receipt(receipt)
        self._note_fresh(receipt)
        self._panel.add_event(CleanupFinished(receipt))

    def _note_fresh(self, receipt: CleanupReceipt) -> None:
        engine = receipt.after.of(ProcessRole.ENGINE)
        if receipt.action is CleanupAction.RELOAD_MODEL and engine is not None:
            self._strip.set_fresh(engine.rss_bytes)

    @Slot(object)
    def _on_sample_taken(self, reading: ProgramReading) -> None:
        if self._budget is None or self._samples % SAMPLES_PER_BUDGET == 0:
            self._measure_budget(reading)
        if self._budget is not None and self._samples % SAMPLES_PER_WORDS == 0:
            self._strip.show_reading(reading, self._budget.limit_bytes)
            self.reading_shown.emit(reading)
        self._samples += 1
        self._panel.add_sample(reading)

    def _measure_budget(self, reading: ProgramReading) -> None:
        # Brings the engine's modules, which by now its own thread has imported.
        from vext_desktop.assembly.wiring import budget_now  # noqa: PLC0415

        self._budget = budget_now(self._settings, reading.rss_bytes)
        self._panel.set_thresholds(
            budget_bytes=self._budget.limit_bytes,
            soft_bytes=self._budget.soft_bytes,
            warn_rss_bytes=self._settings.warn_rss_mb * MB,
            warn_heap_growth_bytes=self._settings.warn_heap_growth_mb * MB,
            warn_native_growth_bytes=self._settings.warn_native_growth_mb * MB,
        )


def _judged(verdict: Mapping[str, Any]) -> MemoryJudged:
    """The last word of a run, from its summary."""
    process, owner = verdict.get("process"), verdict.get("owner")
    return MemoryJudged(
        str(verdict.get("overall", "")),
        str(verdict.get("message", "")),
        ProcessRole(process) if process else None,
        Band(owner) if owner else None,
        verdict.get("since_batch"),
        verdict.get("batches_left"),
    )
