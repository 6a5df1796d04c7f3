"""From the verbs of the memory menu to the engine's thread, and from its answers to the window."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from vext_desktop.memory.allocation_trace import has_memray
from vext_desktop.readings import CleanupReceipt, ProcessRole, ProgramReading
from vext_desktop.settings import Settings
from vext_desktop.window.banner import Notice, NoticeKind
from vext_desktop.window.in_turns import InTurns, Steps
from vext_desktop.window.memory_watch import MemoryWatch
from vext_desktop.window.memory_worker import MemoryWorker
from vext_desktop.window.panes import Panes
from vext_desktop.window.run_job import after_import
from vext_desktop.window.window_actions import WindowActions

if TYPE_CHECKING:
    from vext_desktop.window.allocation_dialog import AllocationDialog
    from vext_desktop.window.memory_test_dialog import MemoryTestDialog


class MemoryFlow(QObject):
    """Connects the memory strip, the menu and the two dialogs with the engine's thread.

    Args:
        settings: Which engine is tested, and where it runs.
        panes: The memory strip, and the place for messages.
        menus: The verbs.
        watch: Shows receipts.
        worker: Does the work, on the engine's thread.
        window: The owner; dialogs belong to it.
    """

    _free_memory_requested = Signal()
    _reload_model_requested = Signal()
    _test_requested = Signal(int)
    _trace_requested = Signal(object)
    _trace_stop_requested = Signal()

    def __init__(
        self,
        settings: Settings,
        panes: Panes,
        menus: WindowActions,
        watch: MemoryWatch,
        worker: MemoryWorker,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._panes = panes
        self._watch = watch
        self._worker = worker
        self._window = window
        self._roles: set[ProcessRole] = set()
        self.test_dialog: MemoryTestDialog | None = None
        self.trace_dialog: AllocationDialog | None = None
        self._making: set[str] = set()
        strip = panes.memory
        for part in (menus.free_memory.triggered, strip.free_memory_requested):
            part.connect(self._on_free_memory)
        for part in (menus.reload_model.triggered, strip.reload_model_requested):
            part.connect(self._on_reload_model)
        menus.memory_test.triggered.connect(self._on_memory_test)
        menus.allocation_trace.triggered.connect(self._on_allocation_trace)
        self._free_memory_requested.connect(worker.free_memory)
        self._reload_model_requested.connect(worker.reload_model)
        self._test_requested.connect(worker.start_test)
        self._trace_requested.connect(worker.start_trace)
        self._trace_stop_requested.connect(worker.stop_trace)
        worker.receipt_written.connect(self._on_receipt_written)
        worker.test_event_raised.connect(watch.show_event)
        watch.reading_shown.connect(self._on_reading_shown)

    @Slot(object)
    def set_settings(self, settings: Settings) -> None:
        """Other settings count from now on; a test that is shown keeps its own."""
        self._settings = settings
        if self.test_dialog is not None and not self.test_dialog.is_running:
            self.test_dialog.deleteLater()
            self.test_dialog = None

    @Slot()
    def _on_free_memory(self) -> None:
        self._panes.memory.set_busy(True)
        self._free_memory_requested.emit()

    @Slot()
    def _on_reload_model(self) -> None:
        self._panes.memory.set_busy(True)
        self._reload_model_requested.emit()

    @Slot(object)
    def _on_receipt_written(self, receipt: CleanupReceipt) -> None:
        if receipt.trigger == "you":
            self._panes.memory.set_busy(False)
        self._watch.show_receipt(receipt)

    @Slot(object)
    def _on_reading_shown(self, reading: ProgramReading) -> None:
        roles = {process.role for process in reading.processes}
        if roles != self._roles:
            self._roles = roles
            if self.trace_dialog is not None and not self.trace_dialog.is_recording:
                self.trace_dialog.show_running(roles)

    @Slot()
    def _on_memory_test(self) -> None:
        # Here, as with the other dialogs: the start of the window need not wait for them.
        after_import("vext_desktop.window.memory_test_dialog", self._open_memory_test, self)

    def _open_memory_test(self) -> None:
        if self.test_dialog is not None:
            _show(self.test_dialog)
        elif "test" not in self._making:
            from vext_desktop.window.memory_test_dialog import memory_test_dialog  # noqa: PLC0415

            engine, isolation = self._settings.engine, self._settings.isolation
            steps = memory_test_dialog(engine, isolation, self._window)
            self._make("test", steps, self._on_memory_test_made)

    @Slot(object)
    def _on_memory_test_made(self, dialog: "MemoryTestDialog") -> None:
        self._making.discard("test")
        dialog.start_requested.connect(self._test_requested)
        # Directly: a busy worker would see a queued call too late.
        dialog.stop_requested.connect(self._on_test_stop)
        dialog.export_requested.connect(self._on_export)
        self._worker.test_event_raised.connect(dialog.show_event)
        self._worker.test_ended.connect(dialog.show_report)
        self._worker.test_refused.connect(dialog.refuse)
        self.test_dialog = dialog
        _show(dialog)

    @Slot()
    def _on_test_stop(self) -> None:
        self._worker.test_stopped.set()

    @Slot(object)
    def _on_export(self, report: dict[str, object]) -> None:
        from vext_desktop.window.report_saver import ReportSaver  # noqa: PLC0415

        saver = ReportSaver(report, self.test_dialog)
        saver.failed.connect(self._on_export_failed)
        saver.open()

    @Slot(str)
    def _on_export_failed(self, what: str) -> None:
        hint = "Choose another folder, and export again."
        self._panes.banners.show_notice(Notice(NoticeKind.WARNING, what, hint))

    @Slot()
    def _on_allocation_trace(self) -> None:
        after_import("vext_desktop.window.allocation_dialog", self._open_allocation_trace, self)

    def _open_allocation_trace(self) -> None:
        if self.trace_dialog is not None:
            self._show_trace_dialog(self.trace_dialog)
        elif "trace" not in self._making:
            from vext_desktop.window.allocation_dialog import allocation_dialog  # noqa: PLC0415

            steps = allocation_dialog(has_memray=has_memray(), parent=self._window)
            self._make("trace", steps, self._on_allocation_trace_made)

    @Slot(object)
    def _on_allocation_trace_made(self, dialog: "AllocationDialog") -> None:
        self._making.discard("trace")
        dialog.record_requested.connect(self._trace_requested)
        dialog.stop_requested.connect(self._trace_stop_requested)
        self._worker.trace_ended.connect(dialog.show_trace)
        self._worker.trace_failed.connect(dialog.show_failure)
        self.trace_dialog = dialog
        self._show_trace_dialog(dialog)

    def _make(self, what: str, steps: Steps[Any], then: Callable[[Any], None]) -> None:
        """Make a dialog while the window goes on."""
        self._making.add(what)
        turns = InTurns(steps, self)
        turns.done.connect(then)
        turns.start()

    def _show_trace_dialog(self, dialog: "AllocationDialog") -> None:
        if not dialog.is_recording:
            dialog.show_running(self._roles or {ProcessRole.WINDOW})
        _show(dialog)


def _show(dialog: "MemoryTestDialog | AllocationDialog") -> None:
    """Beside the window, which stays usable: the curves are to be seen meanwhile."""
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.show()
    dialog.activateWindow()
