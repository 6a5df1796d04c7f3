"""From the settings dialog to the file, to the engine's thread, and to whoever shows a setting."""

import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from vext_desktop.keys import FoundKey, find_key
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings, Origin, Settings, Source, reindexing_names
from vext_desktop.settings.info import check_settings, describe_settings
from vext_desktop.settings.sources import change_settings_file
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.in_turns import InTurns
from vext_desktop.window.index_flow import IndexFlow
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.run_job import after_import
from vext_desktop.window.setting_consequences import say_waiting

if TYPE_CHECKING:
    from vext_desktop.window.settings_dialog import SettingsDialog

log = logging.getLogger("vext.window")


class SettingsFlow(QObject):
    """Opens the settings, saves what is changed, and makes it count.

    Args:
        loaded: The settings in force at the start.
        paths: Where they are saved.
        control: Knows whether a run is on, and begins one when everything is indexed again.
        index_flow: Knows how large the index is.
        worker: Gives the settings to the engine.
        window: The owner; the dialog belongs to it.
    """

    settings_changed = Signal(object)  # Settings
    preview_requested = Signal(object)  # a PatternsEditor
    told = Signal(object)  # a Notice
    _apply_requested = Signal(object)
    _cost_wanted = Signal(object)

    def __init__(
        self,
        loaded: LoadedSettings,
        paths: Paths,
        control: RunControl,
        index_flow: IndexFlow,
        worker: EngineWorker,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.loaded = loaded
        self.dialog: SettingsDialog | None = None
        self._paths = paths
        self._control = control
        self._index_flow = index_flow
        self._window = window
        self._worker = worker
        self._apply_requested.connect(worker.model.apply_settings)
        self._cost_wanted.connect(worker.tell_cost)

    @Slot()
    def show_dialog(self) -> None:
        """Open the dialog, or bring it to the front."""
        # Here: the start of the window need not wait for it.
        after_import("vext_desktop.window.settings_dialog", self._open_dialog, self)

    def _open_dialog(self) -> None:
        if self.dialog is None:
            from vext_desktop.window.settings_dialog import SettingsDialog  # noqa: PLC0415

            self.dialog = SettingsDialog(
                self.loaded, self._count_files, self._is_running, self._find_key, self._window
            )
            self.dialog.cost_wanted.connect(self._cost_wanted)
            self._worker.cost_told.connect(self.dialog.show_cost)
            self.dialog.applied.connect(self._on_applied)
            self.dialog.page.preview_requested.connect(self.preview_requested)
            self.dialog.finished.connect(self._on_finished)
            # Made and shown in one turn, it would hold up the window.
            QTimer.singleShot(0, self.dialog, self.dialog.open)
        else:
            self.dialog.open()

    def _count_files(self) -> int:
        return self._index_flow.indexed_files

    def _is_running(self) -> bool:
        return self._control.is_running

    def _find_key(self, provider: str) -> FoundKey | None:
        return find_key(provider, (Path.cwd() / ".env", self._paths.data_dir / ".env"))

    @Slot(object)
    def _on_applied(self, changes: Mapping[str, object]) -> None:
        settings, _ = check_settings({**self.loaded.settings.model_dump(), **changes})
        if settings is None or self.dialog is None:
            return  # the dialog lets nothing through that is wrong
        try:
            change_settings_file(self._paths.settings, changes)
        except OSError as error:
            self.dialog.show_failure(
                f"The settings could not be saved ({error.strerror}), so nothing is changed. "
                f"Check that {self._paths.settings} can be written."
            )
            return
        self._keep(settings, changes)
        self._tell_what_waits(changes)
        self.dialog.note_applied(self.loaded)
        self.settings_changed.emit(settings)
        self._apply_requested.emit(settings)
        if reindexing_names() & changes.keys() and self._index_flow.indexed_files:
            self._control.index(rebuilds=True)  # everything again, as was said beforehand

    def _tell_what_waits(self, changes: Mapping[str, object]) -> None:
        changed = [info for info in describe_settings() if info.name in changes]
        if self._is_running() and (waiting := say_waiting(changed)):
            self.told.emit(Notice(NoticeKind.INFO, waiting))

    @Slot(object)
    def take_back(self, settings: Settings) -> None:
        """The index of before is used again: so are the settings that made it."""
        present = self.loaded.settings
        changes = {
            name: getattr(settings, name)
            for name in reindexing_names()
            if getattr(settings, name) != getattr(present, name)
        }
        try:
            change_settings_file(self._paths.settings, changes)
        except OSError as error:
            log.warning("the settings of the old index could not be saved: %s", error)
        self._keep(present.model_copy(update=changes), changes)
        self.settings_changed.emit(self.loaded.settings)
        self._apply_requested.emit(self.loaded.settings)

    def _keep(self, settings: Settings, changes: Mapping[str, object]) -> None:
        origins = {**self.loaded.origins}
        for name, value in changes.items():
            origins.pop(name, None)
            if value != Settings.model_fields[name].default:
                origins[name] = Origin(Source.FILE, "your settings")
        self.loaded = dataclasses.replace(self.loaded, settings=settings, origins=origins)

    @Slot()
    def _on_finished(self) -> None:
        if self.dialog is not None:
            InTurns(self.dialog.taken_apart(), self).start()
            self.dialog = None
