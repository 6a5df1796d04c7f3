"""The timeline of a recorded run, with the plots of the live panel.

Importing this module imports pyqtgraph.
"""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from vext_desktop.events import CleanupFinished
from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.report_html import describe_run
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.readings import CleanupReceipt
from vext_desktop.window.in_turns import Steps
from vext_desktop.window.memory_plots import MemoryPlots, memory_plots
from vext_desktop.window.plain_text import shown_text
from vext_desktop.window.plot_thresholds import Thresholds
from vext_desktop.window.sizes import fit_to_screen

SIZE = (1180, 720)


@dataclass(frozen=True, slots=True)
class DrawableRun:
    """A run with what its plots take long to make; may be made in any thread."""

    timeline: RunTimeline
    bands: BandHistory


class RunTimelineDialog(QDialog):
    """What happened in a run, to be explored as if it were now.

    Args:
        run: The run; its plots are put in afterwards.
        parent: The window that it belongs to.
    """

    export_requested = Signal(object)  # the RunTimeline
    plots: MemoryPlots

    def __init__(self, run: DrawableRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        timeline = run.timeline
        self.setWindowTitle(f"{timeline.heading.title}: timeline")
        self._timeline = timeline
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        export = buttons.addButton("Export…", QDialogButtonBox.ButtonRole.ActionRole)
        export.setAutoDefault(False)
        export.clicked.connect(self._on_export)
        buttons.rejected.connect(self.close)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.addWidget(heading_of(timeline))
        self._column.addWidget(buttons)
        fit_to_screen(self, *SIZE)

    def put_plots(self, plots: MemoryPlots) -> Steps[None]:
        """Put in what `plots_of` has made of the run, with the dialog as its parent."""
        self.plots = plots
        self._column.insertWidget(1, plots, 1)
        plots.show()
        yield
        plots.redraw()

    def taken_apart(self) -> Steps[None]:
        """Let go of a closed dialog in pieces."""
        self.plots.deleteLater()
        yield
        self.deleteLater()

    @Slot()
    def _on_export(self) -> None:
        self.export_requested.emit(self._timeline)


def timeline_dialog(run: DrawableRun, parent: QWidget) -> Steps[RunTimelineDialog]:
    """Make the dialog of a run in steps, the last of which leaves only its showing."""
    dialog = RunTimelineDialog(run, parent)
    yield
    try:
        plots = yield from plots_of(run, dialog)
        yield
        yield from dialog.put_plots(plots)
        yield
    except GeneratorExit:  # it is not wanted any more
        dialog.deleteLater()
        raise
    return dialog


def plots_of(run: DrawableRun, parent: QWidget) -> Steps[MemoryPlots]:
    """The plots of a run that is over, all of it in view, still hidden."""
    timeline = run.timeline
    bands = run.bands if len(run.bands) else None
    plots = yield from memory_plots(timeline.history, bands, parent, is_live=False)
    context = timeline.context
    if context.budget_bytes is not None and context.soft_bytes is not None:
        warn_mb = context.settings.get("warn_rss_mb")
        warn_bytes = warn_mb * 1_000_000 if isinstance(warn_mb, int) else None
        plots.set_thresholds(Thresholds(context.budget_bytes, context.soft_bytes, warn_bytes))
    plots.set_receipts(_receipts_by_mark(timeline))
    return plots


def heading_of(timeline: RunTimeline) -> QLabel:
    """The run and its verdict in a few sentences."""
    label = QLabel(shown_text(f"{describe_run(timeline)}\n{timeline.heading.message}".strip()))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setAccessibleName("The run in a few sentences")
    return label


def _receipts_by_mark(timeline: RunTimeline) -> dict[EventMark, CleanupReceipt]:
    """Marks are saved to the millisecond, so they are found by their nearest moment."""
    receipts = {
        round(noted.at_s, 2): event.receipt for noted, event in timeline.of(CleanupFinished)
    }
    marks = (
        mark
        for kind in (EventKind.CLEANUP, EventKind.RELOAD)
        for mark in timeline.history.marks(kind)
    )
    return {mark: receipts[moment] for mark in marks if (moment := round(mark.at_s, 2)) in receipts}
