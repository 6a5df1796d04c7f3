"""The first page: when it is shown, what its buttons begin, and when it makes way."""

from importlib import resources
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMainWindow

from vext_desktop.paths import Paths
from vext_desktop.window.index_flow import IndexFlow
from vext_desktop.window.panes import Panes
from vext_desktop.window.welcome_page import WelcomePage
from vext_desktop.window.window_actions import WindowActions

SAMPLES_MESSAGE = (
    "Ask the sample documents\n"
    "They are about a kitchen, a home, an office and some hobbies. Type, for instance: "
    "dessert for somebody who avoids gluten"
)


FILLING_MESSAGE = (
    "Your documents are being read\n"
    "You need not wait: what has been read is found already. Type what you are looking for."
)


class WelcomeFlow(QObject):
    """Shows the first page in place of an empty library, and again on request.

    Args:
        panes: Where the page stands.
        menus: Whose verbs lead away from the page, or to it.
        paths: The data folder, to be named.
        window: The owner.
    """

    folder_requested = Signal()
    """The user wants to choose a folder."""
    open_data_folder_requested = Signal()
    _samples_chosen = Signal(object)
    page_made = Signal()
    """There are new widgets in the window."""

    def __init__(
        self, panes: Panes, menus: WindowActions, paths: Paths, window: QMainWindow
    ) -> None:
        super().__init__(window)
        self.page: WelcomePage | None = None
        self._panes = panes
        self._paths = paths
        self._has_library = False
        self._is_filling = False
        self._wants_samples = False
        panes.search.search_requested.connect(self.leave)
        menus.show_welcome.triggered.connect(self.show_page)
        for verb in (
            menus.focus_search,
            menus.focus_results,
            menus.show_results,
            menus.show_documents,
            menus.show_runs,
            menus.focus_library,
        ):
            verb.triggered.connect(self.leave)

    def begin(self, index_flow: IndexFlow, *, is_filling: bool) -> None:
        """Follow the library; a page for an empty one is shown at once where that is certain.

        Args:
            index_flow: Fills the library. Whatever else answers to that must be connected before.
            is_filling: Whether something is to be indexed already.
        """
        self._samples_chosen.connect(index_flow.add)
        index_flow.filling_begun.connect(self.begin_to_fill)
        index_flow.library_filled.connect(self.show_library)
        if is_filling:
            self.begin_to_fill()
        elif not self._paths.ledger.exists():
            self.show_page()

    @property
    def is_shown(self) -> bool:
        """Whether the page stands in the window."""
        return self.page is not None and self._panes.shows_instead(self.page)

    @Slot()
    def show_page(self) -> None:
        """Show the page, and put the keyboard on its first button."""
        if self.page is None:
            self.page = self._create_page()
            self._panes.add_page(self.page, self.page.fields)
            self.page_made.emit()
        self.page.set_can_leave(can_leave=self._has_library)
        self._panes.show_instead(self.page)
        self.page.choose.setFocus()

    @Slot()
    def leave(self) -> None:
        """Show library, results and preview again; the keyboard goes to the search."""
        if self.is_shown:
            self._panes.show_instead(None)
            self._panes.search.focus_query()

    @Slot()
    def begin_to_fill(self) -> None:
        """Something is being added: the page has done its work."""
        self._is_filling = True
        if self.is_shown and not self._has_library:
            self._panes.results.show_message(FILLING_MESSAGE)
        self.leave()

    @Slot(bool)
    def show_library(self, has_library: bool) -> None:
        """It is known, or has changed, whether anything is in the library."""
        self._has_library = has_library
        if has_library:
            self._is_filling = False
            self.leave()
            if self._wants_samples:
                self._wants_samples = False
                self._panes.results.show_message(SAMPLES_MESSAGE)
        elif not self._is_filling and not self.is_shown:
            self.show_page()

    def _create_page(self) -> WelcomePage:
        page = WelcomePage(str(self._paths.data_dir))
        page.folder_requested.connect(self.folder_requested)
        page.open_data_folder_requested.connect(self.open_data_folder_requested)
        page.samples_requested.connect(self._on_samples_requested)
        page.left.connect(self.leave)
        return page

    @Slot()
    def _on_samples_requested(self) -> None:
        self._wants_samples = not self._has_library
        self._samples_chosen.emit((samples_folder(),))


def samples_folder() -> Path:
    """The documents that come with the program; a folder of files, also in a frozen program."""
    return Path(str(resources.files("vext_desktop.resources"))) / "samples"
