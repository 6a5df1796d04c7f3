"""The About dialog, what it needs to know, and the watch for newer versions."""

from typing import TYPE_CHECKING

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Signal, Slot, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from vext_desktop import __version__
from vext_desktop.about.releases import ReleaseAnswer, ask_for_release
from vext_desktop.index.answers import IndexStatus
from vext_desktop.paths import Paths
from vext_desktop.readings import ProgramReading
from vext_desktop.window.banner import BannerArea, Notice, NoticeKind
from vext_desktop.window.settings_flow import SettingsFlow
from vext_desktop.window.update_watch import UpdateWatch

if TYPE_CHECKING:
    from vext_desktop.window.about_dialog import AboutDialog

NEWER_HINT = "Get it from where you got this one. Your index and your settings stay as they are."
LOCAL_PROVIDER = "huggingface"


class AboutFlow(QObject):
    """Opens the dialog; keeps what it may have to tell.

    Args:
        paths: The data folder.
        settings_flow: Has the settings in force.
        banners: Tell of a newer version.
        window: The owner; the dialog belongs to it.
    """

    open_data_folder_requested = Signal()

    def __init__(
        self, paths: Paths, settings_flow: SettingsFlow, banners: BannerArea, window: QMainWindow
    ) -> None:
        super().__init__(window)
        self.dialog: AboutDialog | None = None
        self._paths = paths
        self._settings_flow = settings_flow
        self._banners = banners
        self._window = window
        self._reading: ProgramReading | None = None
        self._status: IndexStatus | None = None
        settings = settings_flow.loaded.settings
        self.updates = UpdateWatch(settings, paths.release_check, _ask, self)
        self.updates.newer_found.connect(self._on_newer_found)
        settings_flow.settings_changed.connect(self.updates.set_settings)

    @Slot(object)
    def keep_reading(self, reading: ProgramReading) -> None:
        """What the processes hold now."""
        self._reading = reading

    @Slot(object)
    def keep_status(self, status: IndexStatus) -> None:
        """How the index stands now."""
        self._status = status

    @Slot()
    def show_dialog(self) -> None:
        """Open the dialog, or bring it to the front."""
        if self.dialog is None:
            # Here: the start of the window need not wait for it.
            from vext_desktop.window.about_dialog import AboutDialog  # noqa: PLC0415

            provider = self._settings_flow.loaded.settings.provider
            self.dialog = AboutDialog(
                self._paths.data_dir,
                self._versions(),
                self.updates.words,
                self._write_diagnostics,
                uses_service=provider != LOCAL_PROVIDER,
                parent=self._window,
            )
            self.dialog.open_data_folder_requested.connect(self.open_data_folder_requested)
            self.updates.words_changed.connect(self.dialog.show_update)
            self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def _versions(self) -> list[tuple[str, str]]:
        from vext_desktop.about.versions import versions  # noqa: PLC0415 - as above

        names = {"vext-desktop": "Vext Desktop", "python": "Python", "system": "System"}
        found = [(names.get(name, name), each or "not there") for name, each in versions().items()]
        return [*found[:3], ("Qt", qVersion()), ("PySide6", pyside_version), *found[3:]]

    def _write_diagnostics(self, with_names: bool) -> str:
        from vext_desktop.about.diagnostics import (  # noqa: PLC0415 - as above
            DiagnosticFacts,
            write_diagnostics,
        )
        from vext_desktop.embedding.default_model import describe_model  # noqa: PLC0415 - as above

        loaded = self._settings_flow.loaded
        facts = DiagnosticFacts(
            loaded,
            self._paths,
            describe_model(loaded.settings.model, self._paths.verified_models),
            self._reading,
            display=self._display(),
            counts=self._counts(),
        )
        return write_diagnostics(facts, with_names=with_names)

    def _display(self) -> dict[str, str]:
        screen = self._window.screen()
        return {
            "Qt": f"{qVersion()}, PySide6 {pyside_version}",
            "window system": QGuiApplication.platformName(),
            "scale": f"{screen.devicePixelRatio():g}",
            "colours": QGuiApplication.styleHints().colorScheme().name.lower(),
        }

    def _counts(self) -> dict[str, int]:
        if self._status is None:
            return {}
        counts = {outcome.value: count for outcome, count in self._status.counts.items() if count}
        return {**counts, "passages": self._status.rows, "folders": len(self._status.roots)}

    @Slot(str)
    def _on_newer_found(self, sentence: str) -> None:
        self._banners.show_notice(Notice(NoticeKind.INFO, sentence, NEWER_HINT))

    @Slot()
    def _on_finished(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def _ask() -> ReleaseAnswer:
    return ask_for_release(__version__)
