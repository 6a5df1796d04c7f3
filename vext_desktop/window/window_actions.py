"""The menus: every verb of the window, with its key."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from vext_desktop.window.icons import load_icon

Spec = tuple[str, str, str, str]

# Attribute, words, icon, key. The keys of lists (Enter, Space, Del) belong to their panels.
_MENUS: tuple[tuple[str, tuple[Spec | None, ...]], ...] = (
    (
        "&File",
        (
            ("add_folder", "Add &folder...", "folder-add", "Ctrl+O"),
            ("add_files", "Add fi&les...", "file-add", "Ctrl+Shift+A"),
            None,
            ("open_data_folder", "Open &data folder", "folder-open", ""),
            ("back_up", "&Back up the index...", "", ""),
            ("restore_backup", "&Restore a backup...", "", ""),
            None,
            ("open_settings", "&Settings...", "settings", "Ctrl+,"),
            None,
            ("quit", "&Quit", "quit", "Ctrl+Q"),
        ),
    ),
    (
        "&Search",
        (
            ("focus_search", "&Find in documents", "search", "Ctrl+F"),
            ("focus_results", "Go to &results", "", "Ctrl+G"),
        ),
    ),
    (
        "&Index",
        (
            ("look_again", "Look for &changes everywhere", "reload", "F5"),
            ("show_consents", "&Where your text may go...", "", ""),
            None,
            ("pause", "&Pause", "pause", "Ctrl+P"),
            ("stop", "&Stop", "stop", "Ctrl+."),
            None,
            ("undo_rebuild", "&Undo the change of the index", "undo", ""),
            ("remove_old_index", "Remove the &old index...", "", ""),
        ),
    ),
    (
        "&Memory",
        (
            ("free_memory", "Free &memory", "free-memory", "Ctrl+M"),
            ("reload_model", "&Reload model", "reload", "Ctrl+Shift+M"),
            None,
            ("show_memory", "&Details", "chart", "Ctrl+D"),
        ),
    ),
    (
        "&Tools",
        (
            ("memory_test", "Memory &test...", "memory", ""),
            ("allocation_trace", "&Allocation trace...", "chart", ""),
            None,
            ("check_folder", "&Check the data folder...", "", ""),
            ("show_disk", "&Disk use...", "", ""),
        ),
    ),
    (
        "&View",
        (
            ("show_results", "&Results", "search", "Ctrl+1"),
            ("show_documents", "&Documents", "file", "Ctrl+2"),
            ("show_runs", "R&uns", "chart", "Ctrl+3"),
            None,
            ("focus_library", "&Library", "library", "Ctrl+L"),
        ),
    ),
    (
        "&Help",
        (
            ("show_welcome", "&Welcome page", "", ""),
            None,
            ("about", "&About Vext Desktop", "info", ""),
        ),
    ),
)


class WindowActions(QObject):
    """Makes the menu bar of a window; whoever owns it connects the actions.

    Args:
        window: The window whose menu bar is filled.
    """

    add_folder: QAction
    add_files: QAction
    open_data_folder: QAction
    back_up: QAction
    restore_backup: QAction
    check_folder: QAction
    show_disk: QAction
    open_settings: QAction
    quit: QAction
    focus_search: QAction
    focus_results: QAction
    look_again: QAction
    show_consents: QAction
    pause: QAction
    stop: QAction
    undo_rebuild: QAction
    remove_old_index: QAction
    free_memory: QAction
    reload_model: QAction
    show_memory: QAction
    memory_test: QAction
    allocation_trace: QAction
    show_results: QAction
    show_documents: QAction
    show_runs: QAction
    focus_library: QAction
    show_welcome: QAction
    about: QAction

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        for title, specs in _MENUS:
            menu = window.menuBar().addMenu(title)
            for spec in specs:
                self._add(menu, spec)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.open_settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.show_memory.setCheckable(True)

    def show_run(self, *, is_running: bool, is_paused: bool, can_go_on: bool) -> None:
        """Make the verbs of a run fit what it does."""
        is_held = is_paused or (can_go_on and not is_running)
        self.pause.setText("&Resume" if is_held else "&Pause")
        self.pause.setIcon(load_icon("play" if is_held else "pause"))
        self.pause.setEnabled(is_running or can_go_on)
        self.stop.setEnabled(is_running)

    def set_engine_ready(self, *, is_ready: bool) -> None:
        """Verbs that need an open engine."""
        needing = (self.free_memory, self.reload_model, self.look_again)
        for action in (*needing, self.memory_test, self.allocation_trace):
            action.setEnabled(is_ready)

    def _add(self, menu: QMenu, spec: Spec | None) -> None:
        if spec is None:
            menu.addSeparator()
            return
        name, words, icon, key = spec
        action = menu.addAction(words)
        action.setObjectName(name)
        if icon:
            action.setIcon(load_icon(icon))
        if key:
            action.setShortcut(QKeySequence(key))
        setattr(self, name, action)
