"""The main window: composes the parts, remembers its shape, and closes in good order."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow

from vext_desktop.errors import DataFolderBusyError, VextError
from vext_desktop.paths import Paths
from vext_desktop.settings import LoadedSettings
from vext_desktop.window.about_flow import AboutFlow
from vext_desktop.window.add_dialogs import AddDialogs
from vext_desktop.window.banner import Notice, NoticeKind, notice_of
from vext_desktop.window.drop_overlay import DropOverlay
from vext_desktop.window.engine_thread import EngineThread
from vext_desktop.window.engine_worker import EngineBuilder
from vext_desktop.window.folder_flows import FolderFlows
from vext_desktop.window.freeze_meter import FreezeMeter
from vext_desktop.window.ignore_flow import IgnoreFlow
from vext_desktop.window.index_flow import IndexFlow
from vext_desktop.window.memory_flow import MemoryFlow
from vext_desktop.window.memory_watch import MemoryWatch
from vext_desktop.window.panes import Panes
from vext_desktop.window.rebuild_flow import RebuildFlow
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.run_progress import RunProgress
from vext_desktop.window.search_flow import SearchFlow
from vext_desktop.window.sending_flow import SendingFlow
from vext_desktop.window.settings_flow import SettingsFlow
from vext_desktop.window.sizes import filling, scrolling
from vext_desktop.window.welcome_flow import WelcomeFlow
from vext_desktop.window.window_actions import WindowActions
from vext_desktop.window.window_state import WindowState

FIRST_SIZE = (1280, 820)
DETAILS_HEIGHT, DETAILS_LEAST_HEIGHT = 370, 120


class MainWindow(QMainWindow):
    """The window; `start` begins everything that takes time, `close` ends it.

    Args:
        loaded: The settings in force, and what is wrong with others.
        paths: The data folder.
        build_engine: Makes the engine, on its thread.
        index_paths: Folders and files to index at once.
    """

    first_painted = Signal()
    """The window is on the screen for the first time."""
    refused = Signal(object)
    """The data folder cannot be used (DataFolderBusyError): there is no point in going on."""
    closing_begun = Signal()
    closed = Signal()
    """Everything that the window started has ended."""

    def __init__(
        self,
        loaded: LoadedSettings,
        paths: Paths,
        build_engine: EngineBuilder,
        index_paths: Sequence[Path] = (),
    ) -> None:
        super().__init__()
        self.setWindowTitle("Vext Desktop")
        self._paths = paths
        self._state = WindowState(paths.window_state)
        self.engine_thread = EngineThread(build_engine, self)
        self.meter = FreezeMeter(parent=self)
        self.control = RunControl(self.engine_thread, self._state, self)
        progress = RunProgress(chunks_per_second=self._state.chunks_per_second)
        self.panes = Panes(paths, progress)
        self.setCentralWidget(self.panes)
        self._dock = self._create_dock()
        self._watch = MemoryWatch(loaded.settings, self.panes.memory, self)
        self.menus = WindowActions(self)
        self._dialogs = AddDialogs(self)
        self.drop_overlay = DropOverlay(self)
        worker = self.engine_thread.worker
        self._search_flow = SearchFlow(self.panes, self.control, worker, self)
        self.index_flow = IndexFlow(
            self.panes, progress, self.control, worker, self._state, self.meter, self
        )
        self.memory_flow = MemoryFlow(
            loaded.settings, self.panes, self.menus, self._watch, worker.memory, self
        )
        self.settings_flow = SettingsFlow(
            loaded, paths, self.control, self.index_flow, worker, self
        )
        self.ignore_flow = IgnoreFlow(self.panes, self.control, worker, self)
        self.settings_flow.preview_requested.connect(self.ignore_flow.show_for_all)
        self.rebuild_flow = RebuildFlow(self.panes, self.menus, self.control, worker, self)
        self.rebuild_flow.undone.connect(self.settings_flow.take_back)
        self.sending_flow = SendingFlow(paths.consents, self.control, worker, self.panes, self)
        self.about_flow = AboutFlow(paths, self.settings_flow, self.panes.banners, self)
        self.welcome_flow = WelcomeFlow(self.panes, self.menus, paths, self)
        self.folder_flows = FolderFlows(
            paths, self.panes, self.menus, self.engine_thread, self.index_flow, self
        )
        self.index_flow.begin_with(index_paths)
        self._is_painted = False
        self._is_closing = False
        self._connect_worker()
        self._connect_actions()
        self._show_notices(loaded)
        self._restore()
        self._begin_welcome(index_paths)

    def start(self) -> None:
        """Open the engine and begin to measure; the window has been painted."""
        self.meter.start()
        self.engine_thread.start()
        self.folder_flows.care.look()
        self._add_details()

    def join(self) -> bool:
        """Wait for the threads, once the window was closed; False if one has not ended."""
        return self._watch.stop() and self.engine_thread.join()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell when the window has been painted for the first time."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, where nobody else has taken it, goes back to the search."""
        if event.key() == Qt.Key.Key_Escape:
            self.panes.search.focus_query()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Disappear at once; the last step is taken when the engine's thread has ended."""
        if not self._is_closing:
            self._begin_closing()
        if self.engine_thread.is_running:
            event.ignore()
            return
        event.accept()
        self.closed.emit()

    def _begin_closing(self) -> None:
        self._is_closing = True
        self.closing_begun.emit()
        self._keep()
        self.about_flow.updates.stop()
        self.meter.stop()
        self._watch.stop()
        self.folder_flows.stop_looking()
        self.hide()
        if self.engine_thread.is_running:
            self.engine_thread.finished.connect(self.close)
            self.engine_thread.begin_shut_down()

    def _create_dock(self) -> QDockWidget:
        dock = QDockWidget("Memory details", self)
        dock.setObjectName("memory")
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        dock.hide()
        return dock

    def _add_details(self) -> None:
        """What brings numpy comes when the window is on the screen."""
        from vext_desktop.window.memory_panel import MemoryPanel  # noqa: PLC0415

        self.memory_panel = MemoryPanel()
        self._watch.show_in(self.memory_panel)
        self._dock.setWidget(scrolling(filling(self.memory_panel), DETAILS_LEAST_HEIGHT))
        self.resizeDocks([self._dock], [DETAILS_HEIGHT], Qt.Orientation.Vertical)
        self._dock.setVisible(self._state.shows_details)

    def _connect_worker(self) -> None:
        worker = self.engine_thread.worker
        worker.engine_built.connect(self._watch.start)
        worker.event_raised.connect(self._watch.show_event)
        worker.engine_opened.connect(self._on_engine_opened)
        worker.failed.connect(self._on_failed)
        worker.status_refreshed.connect(self.about_flow.keep_status)
        self._watch.reading_shown.connect(self.about_flow.keep_reading)

    def _connect_actions(self) -> None:
        panes, actions, flow = self.panes, self.menus, self.index_flow
        actions.add_folder.triggered.connect(self._dialogs.ask_for_folder)
        actions.add_files.triggered.connect(self._dialogs.ask_for_files)
        panes.library.add_folder_requested.connect(self._dialogs.ask_for_folder)
        panes.library.add_files_requested.connect(self._dialogs.ask_for_files)
        self._dialogs.paths_chosen.connect(flow.add)
        self.drop_overlay.paths_dropped.connect(flow.add)
        actions.open_data_folder.triggered.connect(self._on_open_data_folder)
        actions.open_settings.triggered.connect(self.settings_flow.show_dialog)
        actions.show_consents.triggered.connect(self.sending_flow.show_consents)
        self.settings_flow.told.connect(self.panes.banners.show_notice)
        self.settings_flow.settings_changed.connect(self._watch.set_settings)
        self.settings_flow.settings_changed.connect(self.memory_flow.set_settings)
        actions.quit.triggered.connect(self.close)
        actions.focus_search.triggered.connect(panes.search.focus_query)
        actions.focus_results.triggered.connect(self._on_show_results)
        actions.look_again.triggered.connect(flow.look_again)
        actions.pause.triggered.connect(self._on_pause_toggled)
        actions.stop.triggered.connect(self.control.stop)
        actions.show_memory.toggled.connect(self._dock.setVisible)
        panes.memory.details_toggled.connect(self._dock.setVisible)
        self._dock.visibilityChanged.connect(self._on_details_shown)
        actions.show_results.triggered.connect(self._on_show_results)
        actions.show_documents.triggered.connect(self._on_show_documents)
        actions.show_runs.triggered.connect(self._on_show_runs)
        actions.focus_library.triggered.connect(panes.library.focus_list)
        actions.about.triggered.connect(self.about_flow.show_dialog)
        self.about_flow.open_data_folder_requested.connect(self._on_open_data_folder)
        flow.run_changed.connect(self._on_run_changed)
        flow.library_filled.connect(self._search_flow.show_start)
        shut = self.folder_flows.opening.index_shut
        shut.connect(self._search_flow.show_shut)
        shut.connect(self.welcome_flow.leave)
        self._on_run_changed()
        actions.set_engine_ready(is_ready=False)

    def _begin_welcome(self, index_paths: Sequence[Path]) -> None:
        welcome = self.welcome_flow
        welcome.folder_requested.connect(self._dialogs.ask_for_folder)
        welcome.open_data_folder_requested.connect(self._on_open_data_folder)
        welcome.page_made.connect(self.drop_overlay.claim_drops)
        is_filling = bool(index_paths) or self.control.has_resting
        welcome.begin(self.index_flow, is_filling=is_filling)

    def _show_notices(self, loaded: LoadedSettings) -> None:
        if loaded.notices:
            what = "\n".join(notice.message for notice in loaded.notices)
            hint = "The program goes on with the default in its place."
            self.panes.banners.show_notice(Notice(NoticeKind.WARNING, what, hint))

    def _restore(self) -> None:
        self.resize(*FIRST_SIZE)
        self.restoreGeometry(self._state.layout("window"))
        self.panes.restore(self._state)
        self.panes.search.focus_query()

    def _keep(self) -> None:
        self._state.keep_layout("window", self.saveGeometry())
        self._state.keep_shows_details(self._dock.isVisible())
        self.panes.keep(self._state)
        self._state.flush()

    @Slot()
    def _on_engine_opened(self) -> None:
        self.menus.set_engine_ready(is_ready=True)

    @Slot(object)
    def _on_failed(self, error: VextError) -> None:
        self.panes.memory.set_busy(False)
        if isinstance(error, DataFolderBusyError):
            self.refused.emit(error)
            return
        self.panes.banners.show_notice(notice_of(error))
        self._search_flow.give_up(error.message)

    @Slot()
    def _on_run_changed(self) -> None:
        self.menus.show_run(
            is_running=self.control.is_running,
            is_paused=self.control.is_paused,
            can_go_on=self.panes.progress.can_go_on,
        )

    @Slot()
    def _on_pause_toggled(self) -> None:
        if self.control.is_running and not self.control.is_paused:
            self.control.pause()
        else:
            self.control.resume()

    @Slot(bool)
    def _on_details_shown(self, is_shown: bool) -> None:
        self.menus.show_memory.setChecked(is_shown)
        self.panes.memory.set_details_shown(is_shown)

    @Slot()
    def _on_show_results(self) -> None:
        self.panes.tabs.setCurrentWidget(self.panes.results)
        self.panes.results.focus_results()

    @Slot()
    def _on_show_documents(self) -> None:
        self.panes.tabs.setCurrentWidget(self.panes.documents)
        self.panes.documents.focus_table()

    @Slot()
    def _on_show_runs(self) -> None:
        self.panes.tabs.setCurrentWidget(self.panes.runs)
        self.panes.runs.focus_table()

    @Slot()
    def _on_open_data_folder(self) -> None:
        self._search_flow.open_path(str(self._paths.data_dir))
