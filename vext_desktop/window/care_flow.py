"""A damaged data folder in the window: seen at the start, named in a banner, repaired on demand."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vext_desktop.errors import DiskFullError, StoreError, VextError
from vext_desktop.paths import Paths
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_thread import EngineThread
from vext_desktop.window.folder_dialog import FolderDialog
from vext_desktop.window.panes import Panes
from vext_desktop.window.rest import Rest
from vext_desktop.window.run_job import RunJob
from vext_desktop.window.step_job import StepJob
from vext_desktop.window.window_actions import WindowActions

if TYPE_CHECKING:
    from vext_desktop.assembly.folder_care import Finding, RepairReport

_WELL = "Everything in the data folder is as it should be."
_NOTHING_DELETED = (
    "Nothing is deleted: damaged parts are moved into a folder of their own, and your documents "
    "are not touched. The index is closed meanwhile."
)


class CareFlow(QObject):
    """Examines the data folder beside the window, and repairs it when the user says so.

    Args:
        paths: The data folder.
        panes: Where banners are shown.
        menus: Has the verb that examines it thoroughly.
        engine_thread: Is ended for a repair; its failures may mean damage.
        rest: Puts the window at rest for it.
        window: The owner.
    """

    reopening_wanted = Signal()
    damage_told = Signal(str, str)
    """What is damaged and what that means, and what can be done."""

    def __init__(
        self,
        paths: Paths,
        panes: Panes,
        menus: WindowActions,
        engine_thread: EngineThread,
        rest: Rest,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._paths = paths
        self._panes = panes
        self._rest = rest
        self._window = window
        self._told: set[str] = set()
        self._findings: tuple[Finding, ...] = ()
        self._failures: set[str] = set()
        self._is_due = False
        self._job: RunJob | None = None
        self.dialog: FolderDialog | None = None
        self._repair = QAction("Repair...", self)
        self._repair.triggered.connect(self._on_repair)
        menus.check_folder.triggered.connect(self.check)
        engine_thread.worker.failed.connect(self._on_failed)

    def look(self) -> None:
        """Look at names and sizes only; said only if something is damaged."""
        self._examine(self._on_looked, thorough=False)

    @Slot()
    def check(self) -> None:
        """Examine everything, and show what was found, also if that is nothing."""
        self._examine(self._on_checked, thorough=True)

    def _examine(self, then: Callable[..., None], *, thorough: bool) -> None:
        if self._job is not None or self._rest.is_begun:
            return

        def work() -> object:
            from vext_desktop.assembly.folder_care import FolderCare  # noqa: PLC0415 - brings numpy

            return tuple(FolderCare(self._paths).examine(thorough=thorough))

        self._job = RunJob(work, self, may_be_left=True)
        self._job.done.connect(then)
        self._job.failed.connect(self._on_unexamined)
        self._job.start()

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        if isinstance(error, StoreError) and not isinstance(error, DiskFullError):
            self._failures.add(error.message)
            self._is_due = self._job is not None  # then it comes after the look in hand
            self._examine(self._on_looked, thorough=True)

    @Slot(object)
    def _on_looked(self, findings: "tuple[Finding, ...]") -> None:
        self._job = None
        self._findings = findings
        if self._is_due:
            self._is_due = False
            self._examine(self._on_looked, thorough=True)
        self._tell()

    def _tell(self) -> None:
        """Name the worst in a banner, once; what the libraries said of it goes."""
        findings = self._findings
        serious = [finding for finding in findings if finding.is_serious]
        if not serious:
            return
        for failure in self._failures:
            self._panes.banners.withdraw(failure)
        self.damage_told.emit(serious[0].message, serious[0].remedy)
        if serious[0].message in self._told:
            return
        self._told.add(serious[0].message)
        more = f" ({len(findings) - 1} more in the list)" if len(findings) > 1 else ""
        can_repair = any(finding.repair != "none" for finding in findings)
        self._panes.banners.show_notice(
            Notice(
                NoticeKind.FAILURE,
                serious[0].message,
                f"{serious[0].remedy}{more}",
                self._repair if can_repair else None,
            )
        )

    @Slot(object)
    def _on_checked(self, findings: "tuple[Finding, ...]") -> None:
        self._job = None
        self._findings = findings
        self._on_repair()

    @Slot(object)
    def _on_unexamined(self, error: VextError) -> None:
        self._job = None
        self._panes.banners.show_notice(
            Notice(NoticeKind.WARNING, f"The data folder could not be examined. {error.message}")
        )

    @Slot()
    def _on_repair(self) -> None:
        can_repair = any(finding.repair != "none" for finding in self._findings)
        parts = [f"{finding.message}\n{finding.remedy}" for finding in self._findings]
        parts = [*parts, _NOTHING_DELETED] if can_repair else parts or [_WELL]
        dialog = FolderDialog(
            "The data folder", "\n\n".join(parts), "Repair" if can_repair else "", self._window
        )
        dialog.confirmed.connect(self._on_confirmed)
        dialog.reopening_wanted.connect(self.reopening_wanted)
        dialog.finished.connect(self._on_dialog_closed)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    @Slot()
    def _on_dialog_closed(self) -> None:
        """Without a repair the damage is still there: so is its banner."""
        self.dialog = None
        if not self._rest.is_begun:
            self._told.clear()
            self._tell()

    @Slot()
    def _on_confirmed(self) -> None:
        if self.dialog is not None:
            self.dialog.begin(can_give_up=False)
        self._rest.begin(self._on_at_rest)

    def _on_at_rest(self) -> None:
        def begin() -> tuple[Iterator[object], Callable[[], object]]:
            from vext_desktop.assembly.folder_care import FolderCare  # noqa: PLC0415 - as above

            care = FolderCare(self._paths)
            return care.repair(), lambda: care.report

        if self.dialog is None:
            return
        job = StepJob(begin, self.dialog)
        job.done.connect(self._on_repaired)
        self.dialog.follow(job, reopens=True)
        job.start()

    @Slot(object)
    def _on_repaired(self, report: "RepairReport") -> None:
        if self.dialog is not None:
            self.dialog.show_result(report.sentence)
