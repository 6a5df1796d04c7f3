"""Backing up the index into a file, and restoring it, from the window's menu."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from vext_desktop.errors import VextError
from vext_desktop.paths import Paths
from vext_desktop.readings import format_bytes
from vext_desktop.window.banner import notice_of
from vext_desktop.window.folder_dialog import FolderDialog
from vext_desktop.window.panes import Panes
from vext_desktop.window.rest import Rest
from vext_desktop.window.restore_dialog import RestoreDialog
from vext_desktop.window.run_job import RunJob
from vext_desktop.window.step_job import StepJob
from vext_desktop.window.window_actions import WindowActions

if TYPE_CHECKING:
    from vext_desktop.assembly.backups import BackupContents, BackupPlan, RestoreReport

SUFFIX = "vextbackup"
_FILTER = f"Backups of Vext Desktop (*.{SUFFIX})"
_WHILE_WORKING = "It is written beside the window; indexing may go on meanwhile."


class BackupFlow(QObject):
    """Asks for the file, shows what it holds, and does the work beside the window.

    Args:
        paths: The data folder.
        panes: Where what cannot be done is said.
        menus: Has the verbs.
        rest: Puts the window at rest for restoring.
        window: The owner.
    """

    reopening_wanted = Signal()

    def __init__(
        self, paths: Paths, panes: Panes, menus: WindowActions, rest: Rest, window: QWidget
    ) -> None:
        super().__init__(window)
        self._paths = paths
        self._panes = panes
        self._rest = rest
        self._window = window
        self._file = Path()
        self._job: RunJob | None = None
        self.dialog: FolderDialog | None = None
        menus.back_up.triggered.connect(self._on_back_up)
        menus.restore_backup.triggered.connect(self._on_restore)

    # Backing up

    @Slot()
    def _on_back_up(self) -> None:
        def work() -> object:
            from vext_desktop.assembly.backups import Backups  # noqa: PLC0415 - brings numpy

            return Backups(self._paths).plan()

        self._prepare(work, self._on_planned)

    @Slot(object)
    def _on_planned(self, plan: "BackupPlan") -> None:
        self._job = None
        words = f"{plan.sentence}\n\n{_WHILE_WORKING}"
        self.dialog = FolderDialog("Back up the index", words, "Choose a file...", self._window)
        self.dialog.confirmed.connect(self._on_file_wanted)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    @Slot()
    def _on_file_wanted(self) -> None:
        dialog = QFileDialog(self.dialog, "Back up the index", _documents())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_FILTER)
        dialog.setDefaultSuffix(SUFFIX)
        dialog.selectFile(f"vext-index-{dt.date.today().isoformat()}.{SUFFIX}")  # noqa: DTZ011
        dialog.fileSelected.connect(self._on_target_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_target_chosen(self, name: str) -> None:
        self.write_to(Path(name))

    def write_to(self, file: Path) -> None:
        """Write the backup; the dialog has asked whether a file may be replaced."""
        if self.dialog is None:
            return
        self._file = file

        def begin() -> tuple[Iterator[object], Callable[[], object]]:
            from vext_desktop.assembly.backups import Backups  # noqa: PLC0415 - as above

            return Backups(self._paths).write(file, replaces=True), lambda: file.stat().st_size

        job = StepJob(begin, self.dialog)
        job.done.connect(self._on_written)
        self.dialog.begin(can_give_up=True)
        self.dialog.follow(job, reopens=False)
        job.start()

    @Slot(object)
    def _on_written(self, size_bytes: int) -> None:
        if self.dialog is not None:
            self.dialog.show_result(f"Written to {self._file}: {format_bytes(size_bytes)}.")

    # Restoring

    @Slot()
    def _on_restore(self) -> None:
        dialog = QFileDialog(self._window, "Restore a backup", _documents())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_FILTER)
        dialog.fileSelected.connect(self._on_source_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_source_chosen(self, name: str) -> None:
        self.open_backup(Path(name))

    def open_backup(self, file: Path) -> None:
        """Show what is in a backup, and ask."""
        self._file = file

        def work() -> object:
            from vext_desktop.assembly.backups import Backups  # noqa: PLC0415 - as above

            return Backups(self._paths).contents(file)

        self._prepare(work, self._on_contents_read)

    @Slot(object)
    def _on_contents_read(self, contents: "BackupContents") -> None:
        from vext_desktop.assembly.backups import Backups, place_of  # noqa: PLC0415 - loaded by now

        self._job = None

        def find_place(root: str, places: dict[str, str]) -> str:
            return place_of(root, places, contents.separator)

        would_replace = Backups(self._paths).would_replace
        self.dialog = RestoreDialog(
            self._file, contents, find_place, self._window, would_replace=would_replace
        )
        self.dialog.confirmed.connect(self._on_restoring_confirmed)
        self.dialog.reopening_wanted.connect(self.reopening_wanted)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    @Slot()
    def _on_restoring_confirmed(self) -> None:
        if self.dialog is not None:
            self.dialog.begin(can_give_up=False)
        self._rest.begin(self._on_at_rest)

    def _on_at_rest(self) -> None:
        dialog = self.dialog
        if not isinstance(dialog, RestoreDialog):
            return
        places = dict(dialog.places)

        def begin() -> tuple[Iterator[object], Callable[[], object]]:
            from vext_desktop.assembly.backups import Backups  # noqa: PLC0415 - as above

            backups = Backups(self._paths)
            steps = backups.restore(self._file, places, replaces=True)
            return steps, lambda: backups.report

        job = StepJob(begin, dialog)
        job.done.connect(self._on_restored)
        dialog.follow(job, reopens=True)
        job.start()

    @Slot(object)
    def _on_restored(self, report: "RestoreReport") -> None:
        if self.dialog is not None:
            self.dialog.show_result(report.sentence)

    def _prepare(self, work: Callable[[], object], then: Callable[..., None]) -> None:
        if self._job is not None or self._rest.is_begun:
            return
        self._job = RunJob(work, self, may_be_left=True)
        self._job.done.connect(then)
        self._job.failed.connect(self._on_unprepared)
        self._job.start()

    @Slot(object)
    def _on_unprepared(self, error: VextError) -> None:
        self._job = None
        self._panes.banners.show_notice(notice_of(error))


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
