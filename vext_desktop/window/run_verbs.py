"""What can be done with recorded runs: open the timeline, compare two, export a report."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QInputDialog, QTableView

from vext_desktop.errors import VextError
from vext_desktop.index.run_shelf import ListedRun
from vext_desktop.memory.run_record import RunTimeline
from vext_desktop.window.icons import load_icon
from vext_desktop.window.in_turns import InTurns, Steps
from vext_desktop.window.plain_text import shown_line, shown_moment
from vext_desktop.window.run_job import RunJob
from vext_desktop.window.runs_model import RunsModel

if TYPE_CHECKING:
    from vext_desktop.memory.report import ReportFormat
    from vext_desktop.memory.run_record_compare import RunComparison
    from vext_desktop.window.run_compare_dialog import RunCompareDialog
    from vext_desktop.window.run_export_dialog import ReportWriter
    from vext_desktop.window.run_timeline_dialog import DrawableRun, RunTimelineDialog

NO_RECORD = (
    "There is no timeline of this run: it has only just begun, it did nothing, or it is older than "
    "the latest hundred."
)


class RunVerbs(QObject):
    """The actions on the table of runs: for its menu, for buttons, and by their keys.

    Records are loaded in another thread, where pyqtgraph is imported too: both take long.

    Args:
        table: Whose chosen rows they act on; also the owner.
        model: The rows.
    """

    told = Signal(str)
    """What is going on, or why it could not be done; "" when it is over."""

    def __init__(self, table: QTableView, model: RunsModel) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._jobs: list[RunJob] = []
        self._turns: list[InTurns] = []
        self.open = self._add(
            "Open timeline", "chart", "Return", "Explore what happened in this run", self._on_open
        )
        self.compare = self._add(
            "Compare with…", "copy", "Ctrl+K",
            "Put this run beside another one; or choose two rows first", self._on_compare,
        )  # fmt: skip
        self.export = self._add(
            "Export…", "file", "Ctrl+E", "Save a report of this run, to keep or to send away",
            self._on_export,
        )  # fmt: skip
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.doubleClicked.connect(self._on_open)
        table.selectionModel().selectionChanged.connect(self.look_again)
        self.look_again()

    @property
    def actions(self) -> tuple[QAction, ...]:
        """All verbs, in the order in which they are shown."""
        return self.open, self.compare, self.export

    def look_again(self) -> None:
        """Let the verbs be chosen that apply to what is selected now."""
        chosen = self._chosen()
        recorded = [listed for listed in chosen if listed.record is not None]
        is_one = len(chosen) == len(recorded) == 1
        self.open.setEnabled(is_one)
        self.export.setEnabled(is_one)
        is_pair = len(chosen) == len(recorded) == 2
        self.compare.setEnabled(is_pair or (is_one and bool(self._others(chosen[0]))))
        self.told.emit(NO_RECORD if len(chosen) == 1 and not recorded else "")

    def close(self) -> None:
        """Wait for what is in hand; nothing more is shown."""
        for job in self._jobs:
            job.join()
        self._jobs.clear()
        for turns in self._turns:
            turns.stop()
        self._turns.clear()

    def _add(
        self, words: str, icon: str, keys: str, explanation: str, slot: Callable[[], None]
    ) -> QAction:
        action = QAction(load_icon(icon), words, self._table)
        action.setIconText(words)  # or a button would drop the dots
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        shown_keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{explanation} ({shown_keys})")
        action.triggered.connect(slot)
        self._table.addAction(action)
        return action

    def _chosen(self) -> list[ListedRun]:
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [listed for row in rows if (listed := self._model.listed_at(row)) is not None]

    def _others(self, chosen: ListedRun) -> list[ListedRun]:
        """The runs that it can be compared with."""
        rows = map(self._model.listed_at, range(self._model.rowCount()))
        return [each for each in rows if each and each.record and each.key != chosen.key]

    def _on_open(self) -> None:
        if self.open.isEnabled():
            self._load(self._chosen(), self._show_timeline, _load_to_draw)

    def _on_export(self) -> None:
        self._load(self._chosen(), self._show_export, _load_to_export)

    def _on_compare(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 2:
            # The older one first: what has changed since is what is asked.
            self._load(chosen[::-1], self._show_comparison, _load_to_draw)
            return
        others = _named(self._others(chosen[0]))
        dialog = QInputDialog(self._table)
        dialog.setWindowTitle("Compare with")
        dialog.setLabelText(f"Put {describe_listed(chosen[0])} beside:")
        dialog.setComboBoxItems(list(others))
        dialog.setOkButtonText("Compare")

        def begin(words: str) -> None:
            self._load([others[words], chosen[0]], self._show_comparison, _load_to_draw)

        dialog.textValueSelected.connect(begin)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _load(
        self,
        chosen: Sequence[ListedRun],
        show: Callable[[Any], None],
        load: Callable[[Sequence[Path]], object],
    ) -> None:
        paths = [listed.record for listed in chosen if listed.record is not None]
        self.told.emit("Opening…")
        job = RunJob(lambda: load(paths), self)
        self._jobs.append(job)

        def finish(loaded: object) -> None:
            self._jobs.remove(job)
            if isinstance(loaded, VextError):
                self.told.emit(f"{loaded.message} {loaded.hint}".strip())
            else:
                show(loaded)

        job.done.connect(finish)
        job.failed.connect(finish)
        job.start()

    def _show_timeline(self, loaded: "list[DrawableRun]") -> None:
        from vext_desktop.window.run_timeline_dialog import (  # noqa: PLC0415 - imports pyqtgraph
            timeline_dialog,
        )

        self._make(timeline_dialog(loaded[0], self._table.window()))

    def _show_comparison(self, loaded: "list[DrawableRun]") -> None:
        from vext_desktop.memory.run_record_compare import compare_runs  # noqa: PLC0415
        from vext_desktop.window.run_compare_dialog import (  # noqa: PLC0415 - imports pyqtgraph
            compare_dialog,
        )

        comparison = compare_runs(loaded[0].timeline, loaded[1].timeline)
        self._make(compare_dialog(comparison, loaded, self._table.window()))

    def _make(self, steps: "Steps[RunTimelineDialog] | Steps[RunCompareDialog]") -> None:
        """Make a dialog while the window goes on, and show it then."""
        turns = InTurns(steps, self)
        self._turns.append(turns)

        def finish(dialog: "RunTimelineDialog | RunCompareDialog") -> None:
            self._turns.remove(turns)
            self.told.emit("")
            dialog.export_requested.connect(self._on_export_requested)
            dialog.finished.connect(lambda: InTurns(dialog.taken_apart(), dialog).start())
            dialog.show()

        turns.done.connect(finish)
        turns.start()

    def _show_export(self, loaded: list[RunTimeline]) -> None:
        self.told.emit("")
        self._on_export_requested(loaded[0])

    def _on_export_requested(self, what: "RunTimeline | RunComparison") -> None:
        from vext_desktop.window.run_export_dialog import (  # noqa: PLC0415 - brings all reports
            RunExportDialog,
        )

        is_run = isinstance(what, RunTimeline)
        title = "Export the report of a run" if is_run else "Export the comparison"
        stem, parent = _file_stem(what), self._table.window()
        dialog = RunExportDialog(title, stem, _report_writer(what), parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def describe_listed(listed: ListedRun) -> str:
    """A run for a list to choose from."""
    moment = shown_moment(listed.run.started_at)
    if listed.run.run_id:
        roots = ", ".join(map(shown_line, listed.run.roots))
        return f"run {listed.run.run_id} of {moment}{': ' if roots else ''}{roots[:60]}"
    return f"{listed.kind.label.lower()} of {moment}"


def _named(runs: Sequence[ListedRun]) -> dict[str, ListedRun]:
    """Runs by words that tell them apart: two memory tests may have begun in the same minute."""
    named: dict[str, ListedRun] = {}
    for each in runs:
        words = describe_listed(each)
        same = sum(known.startswith(words) for known in named)
        named[f"{words} ({same + 1})" if same else words] = each
    return named


def _report_writer(what: "RunTimeline | RunComparison") -> "ReportWriter":
    """What makes the reports of a run or of a comparison."""
    from vext_desktop.memory.report import comparison_report, report_of  # noqa: PLC0415

    def make(form: "ReportFormat", is_redacted: bool) -> str:
        if isinstance(what, RunTimeline):
            return report_of(what, form, is_redacted=is_redacted)
        return comparison_report(what.first, what.second, form, is_redacted=is_redacted)

    return make


def _file_stem(what: "RunTimeline | RunComparison") -> str:
    if isinstance(what, RunTimeline):
        return what.heading.record_id
    return f"{what.first.heading.record_id}-and-{what.second.heading.record_id}"


def _load_runs(paths: Sequence[Path]) -> list[RunTimeline]:
    """In another thread: read the records."""
    from vext_desktop.memory.run_record_file import load_run  # noqa: PLC0415 - not at the start

    return [load_run(path) for path in paths]


def _load_to_export(paths: Sequence[Path]) -> list[RunTimeline]:
    """In another thread: read the records, and import what exports them."""
    from vext_desktop.memory import report  # noqa: F401, PLC0415 - not at the start
    from vext_desktop.window import run_export_dialog  # noqa: F401, PLC0415

    return _load_runs(paths)


def _load_to_draw(paths: Sequence[Path]) -> "list[DrawableRun]":
    """In another thread: read the records, and import what draws them, which takes longest."""
    from vext_desktop.memory.run_record_levels import band_history_of  # noqa: PLC0415
    from vext_desktop.window.run_timeline_dialog import (  # noqa: PLC0415 - imports pyqtgraph
        DrawableRun,
    )

    return [DrawableRun(timeline, band_history_of(timeline)) for timeline in _load_runs(paths)]
