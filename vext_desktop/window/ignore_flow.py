"""From "Leave out..." in the library, or the button in the settings, to what is left out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from vext_desktop.errors import StoreError
from vext_desktop.index.folder_patterns import read_folder_patterns
from vext_desktop.index.ledger_view import LedgerView
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.panes import Panes
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.run_sentences import say_roots

if TYPE_CHECKING:
    from vext_desktop.window.ignore_dialog import IgnoreDialog, Preview
    from vext_desktop.window.setting_editors import PatternsEditor


class IgnoreFlow(QObject):
    """Opens the dialog for one folder or for all, and makes what is chosen there count.

    Args:
        panes: Has the library, and knows where the ledger lies.
        control: Looks at a folder again whose patterns have changed.
        worker: Keeps the patterns of a folder.
        window: The owner; dialogs belong to it.
    """

    _keep_requested = Signal(object, object)

    def __init__(
        self,
        panes: Panes,
        control: RunControl,
        worker: EngineWorker,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.dialog: IgnoreDialog | None = None
        self._panes = panes
        self._control = control
        self._window = window
        self._root = ""
        self._editor: PatternsEditor | None = None
        panes.library.leave_out_requested.connect(self._on_folder)
        self._keep_requested.connect(worker.keep_folder_patterns)

    @Slot(object)
    def show_for_all(self, editor: "PatternsEditor") -> None:
        """Let the patterns of all folders be written; they go into the editor of the setting."""
        from vext_desktop.index.ignore_preview import preview_ignoring  # noqa: PLC0415 - as below

        self._editor = editor

        def preview(view: LedgerView, lines: tuple[str, ...]) -> "Preview":
            roots = [root.path for root in view.roots()]
            return preview_ignoring(view, [(root, lines) for root in roots])

        value = editor.value
        lines = value if isinstance(value, tuple) else ()
        self._open("all folders", lines, preview, editor.window(), self._on_all_chosen)

    @Slot(object)
    def _on_folder(self, root: str) -> None:
        from vext_desktop.index.ignore_preview import preview_ignoring  # noqa: PLC0415 - as below

        self._root = root

        def preview(view: LedgerView, lines: tuple[str, ...]) -> "Preview":
            return preview_ignoring(view, [(root, lines)])

        lines: tuple[str, ...] = ()
        try:
            with LedgerView(self._panes.ledger_path) as view:
                lines = dict(read_folder_patterns(view)).get(root, ())
        except StoreError as error:
            self._tell(error)
            return
        self._open(say_roots([root]), lines, preview, self._window, self._on_folder_chosen)

    def _open(
        self,
        place: str,
        lines: Sequence[str],
        preview: Callable[[LedgerView, tuple[str, ...]], "Preview"],
        parent: QWidget,
        on_chosen: Callable[[tuple[str, ...]], None],
    ) -> None:
        # Here: the start of the window need not wait for it.
        from vext_desktop.window.ignore_dialog import IgnoreDialog  # noqa: PLC0415

        def run(tried: tuple[str, ...]) -> "Preview":
            # Its own connection for each: it is closed with the steps, wherever they have come to.
            with LedgerView(self._panes.ledger_path) as view:
                yield from preview(view, tried)

        self.dialog = IgnoreDialog(place, lines, run, parent)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.chosen.connect(on_chosen)
        self.dialog.open()

    @Slot(object)
    def _on_all_chosen(self, lines: tuple[str, ...]) -> None:
        if self._editor is not None:
            self._editor.show_value(lines)

    @Slot(object)
    def _on_folder_chosen(self, lines: tuple[str, ...]) -> None:
        self._keep_requested.emit(self._root, lines)
        self._control.index([Path(self._root)])

    def _tell(self, error: StoreError) -> None:
        notice = Notice(NoticeKind.WARNING, error.message, error.hint)
        self._panes.banners.show_notice(notice)
