"""The settings dialog, made from the one declaration of the settings."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from vext_desktop.embedding.engine_facts import ENGINE_FACTS
from vext_desktop.keys import KEY_VARIABLES
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.settings.info import check_settings
from vext_desktop.window.engine_facts_table import EngineFactsTable
from vext_desktop.window.icons import load_icon
from vext_desktop.window.in_turns import InTurns, Steps
from vext_desktop.window.key_line import KeyFinder, KeyLine
from vext_desktop.window.setting_consequences import say_consequences
from vext_desktop.window.setting_row import SettingRow
from vext_desktop.window.settings_page import SettingsPage

_SIZE = QSize(900, 680)
_OK = QDialogButtonBox.StandardButton.Ok
_APPLY = QDialogButtonBox.StandardButton.Apply
_CANCEL = QDialogButtonBox.StandardButton.Cancel


class SettingsDialog(QDialog):
    """Shows all settings; what is changed counts when it is applied.

    Args:
        loaded: The settings in force, and where they come from.
        count_files: Tells how many files are indexed.
        is_running: Tells whether a run is on.
        find_key: Finds the key of a service.
        parent: The window.
    """

    applied = Signal(object)  # the changed values by name, all of them valid
    made = Signal()  # all rows are there
    cost_wanted = Signal(object)  # Settings that re-index: `show_cost` is the answer

    def __init__(
        self,
        loaded: LoadedSettings,
        count_files: Callable[[], int],
        is_running: Callable[[], bool],
        find_key: KeyFinder,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.resize(_SIZE)
        self._count_files = count_files
        self._asked: Settings | None = None
        self._cost: str | None = None
        self._is_running = is_running
        self.page = SettingsPage(loaded)
        self.page.changed.connect(self._on_changed)
        self.keys = KeyLine(find_key)
        self.consequence = QLabel()
        self.consequence.setTextFormat(Qt.TextFormat.PlainText)
        self.consequence.setWordWrap(True)
        self._mark = QLabel()
        self._mark.setPixmap(load_icon("info").pixmap(QSize(20, 20)))
        self._mark.hide()
        self.buttons = QDialogButtonBox(_OK | _APPLY | _CANCEL)
        self.buttons.clicked.connect(self._on_clicked)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.consequence, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addWidget(self.page, 1)
        column.addLayout(below)
        column.addWidget(self.buttons)
        self._making: InTurns | None = None
        self._show_state()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the rows while the dialog is on the screen already."""
        super().showEvent(event)
        self.page.filter.setFocus()
        if self._making is None:
            self._making = InTurns(self._all_made(), self)
            self._making.done.connect(self.made)
            self._making.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave nothing going on."""
        super().hideEvent(event)
        self.keys.join()

    def show_failure(self, sentence: str) -> None:
        """Applying has failed: say so, and keep what was typed."""
        self._say(sentence)

    @Slot(object, str)
    def show_cost(self, settings: Settings, cost: str) -> None:
        """Say what these settings take, if they are still what is chosen; "" if nothing."""
        if settings == self._asked:
            self._cost = cost
            self._show_state()

    def note_applied(self, loaded: LoadedSettings) -> None:
        """What was applied counts now."""
        self.page.note_saved(loaded)
        self._show_state()

    def apply(self) -> bool:
        """Tell what is changed; False, with the reason beside it, if something is wrong."""
        _, wrong = check_settings(self.page.values())
        changes = self.page.edited()
        if wrong:
            self.page.reveal(next(iter(wrong)))
        elif changes:
            self.applied.emit(changes)
        return not wrong and not self.page.edited()

    def taken_apart(self) -> Steps[None]:
        """Let go of a closed dialog row by row: all at once would hold up the window."""
        if self._making is not None:
            self._making.stop()
        yield from self.page.rows_removed()
        self.deleteLater()

    def _all_made(self) -> Steps[None]:
        yield from self.page.rows_made()
        yield
        rows = self.page.rows
        if "engine" in rows:
            choices = rows["engine"].info.choices
            known = [facts for facts in ENGINE_FACTS if facts.engine in choices]
            table = EngineFactsTable(known)
            yield
            rows["engine"].add_below(table, table.table)
            yield
        if "provider" in rows:
            rows["provider"].add_below(self.keys, self.keys.store_button)
            self._show_key()

    @Slot()
    def _on_changed(self) -> None:
        if self.keys.provider != self._key_provider():
            self._show_key()
        self._show_state()

    def _key_provider(self) -> str:
        row = self.page.rows.get("provider")
        provider = str(row.value) if row is not None else ""
        return provider if provider in KEY_VARIABLES else ""

    def _show_key(self) -> None:
        if self.keys.parent() is None:  # its row is still to be made; shown now, it were a window
            return
        self.keys.show_provider(self._key_provider())

    def _show_state(self) -> None:
        """Say what is wrong, or else what applying will bring about."""
        wrong: Mapping[str, str] = {}
        edited = self.page.edited()
        if edited:
            _, wrong = check_settings(self.page.values())
        self.page.show_wrong(wrong)
        self.buttons.button(_APPLY).setEnabled(bool(edited) and not wrong)
        self.buttons.button(_OK).setEnabled(not wrong)
        infos = [self.page.rows[name].info for name in edited]
        if wrong:
            self._say(_say_wrong(wrong, self.page.rows))
        else:
            files, is_running = self._count_files(), self._is_running()
            if files and any(info.reindexes for info in infos):
                self._ask_for_cost()
            self._say(say_consequences(infos, files, self._cost, is_running=is_running))

    def _ask_for_cost(self) -> None:
        """Have it looked up, once for each choice."""
        settings, _ = check_settings(self.page.values())
        if settings is not None and settings != self._asked:
            self._asked, self._cost = settings, None
            self.cost_wanted.emit(settings)

    def _say(self, sentence: str) -> None:
        self.consequence.setText(sentence)
        self._mark.setVisible(bool(sentence))

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        which = self.buttons.standardButton(button)
        if which == _CANCEL:
            self.reject()
        elif self.apply() and which == _OK:
            self.accept()


def _say_wrong(wrong: Mapping[str, str], rows: Mapping[str, SettingRow]) -> str:
    """What keeps the changes from being applied; a pair's sentence names both by itself."""
    name, sentence = next(iter(wrong.items()))
    label = rows[name].info.label if name in rows else name
    return sentence if label in sentence else f"“{label}”: {sentence}"
