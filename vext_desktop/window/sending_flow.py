"""From a run that halts before text leaves this computer to a question, and from yes to the run."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from vext_desktop.embedding.service_consent import NOTHING_SENT, Consents
from vext_desktop.events import IndexEvent, SendingAsked
from vext_desktop.index.request import IndexRequest
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.engine_worker import EngineWorker
from vext_desktop.window.panes import Panes
from vext_desktop.window.run_control import RunControl
from vext_desktop.window.sending_dialogs import ConsentsDialog, SendingDialog


class SendingFlow(QObject):
    """Opens the question when the run that needs the answer has ended.

    Args:
        consents_file: Where the answers are kept.
        control: Begins the run again after a yes.
        worker: Tells of the runs, and notes the answer.
        panes: Where a no is confirmed.
        window: The owner; the dialogs belong to it.
    """

    _agreed = Signal()

    def __init__(
        self,
        consents_file: Path,
        control: RunControl,
        worker: EngineWorker,
        panes: Panes,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.dialog: SendingDialog | None = None
        self._consents_file = consents_file
        self._control = control
        self._panes = panes
        self._window = window
        self._asked: SendingAsked | None = None
        self._request = IndexRequest()
        worker.event_raised.connect(self._on_event_raised)
        worker.run_ended.connect(self._on_run_ended)
        self._agreed.connect(worker.agree_to_sending)

    @Slot()
    def show_consents(self) -> None:
        """Show to which services text may go."""
        dialog = ConsentsDialog(Consents(self._consents_file), self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object)
    def _on_event_raised(self, event: IndexEvent) -> None:
        if isinstance(event, SendingAsked):
            self._asked = event

    @Slot(object)
    def _on_run_ended(self, request: IndexRequest) -> None:
        asked, self._asked = self._asked, None
        if asked is None or self.dialog is not None:
            return
        self._request = request
        self.dialog = SendingDialog(asked, self._window)
        self.dialog.confirmed.connect(self._on_confirmed)
        self.dialog.declined.connect(self._on_declined)
        self.dialog.open()

    @Slot()
    def _on_confirmed(self) -> None:
        self.dialog = None
        self._panes.banners.withdraw(NOTHING_SENT)
        self._agreed.emit()
        self._control.index(self._request.paths, rebuilds=self._request.rebuilds)

    @Slot()
    def _on_declined(self) -> None:
        self.dialog = None
        text = f"{NOTHING_SENT}. The files wait until you agree."
        hint = "To keep all text here, set provider to huggingface in the settings."
        self._panes.banners.show_notice(Notice(NoticeKind.INFO, text, hint))
