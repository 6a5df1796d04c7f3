"""The memory test and the allocation trace, asked for and read in the window."""

import json
import sys
from pathlib import Path

import pytest
from made_answers import make_report
from made_runs import Clock, batch, recorder
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QTableView
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine
from window_stage import Opener

from vext_desktop.errors import UsageError
from vext_desktop.memory.allocation_trace import AllocationTrace, TracedLine
from vext_desktop.memory.growth import NEEDED_BATCHES, WARM_UP_BATCHES
from vext_desktop.memory.run_record import RunKind
from vext_desktop.paths import Paths
from vext_desktop.readings import ProcessRole
from vext_desktop.settings import Settings
from vext_desktop.window.allocation_dialog import NO_MEMRAY, NO_MEMRAY_INSIDE, AllocationDialog
from vext_desktop.window.memory_test_dialog import MemoryTestDialog
from vext_desktop.window.memory_worker import TraceRequest
from vext_desktop.window.report_saver import ReportSaver

TRACE = AllocationTrace(
    "memray", 2.0, 5_000_000, 60,
    (TracedLine("torch/nn/linear.py:116", 3_000_000, 12, ("vext_desktop/a.py:1",)),),
)  # fmt: skip


@pytest.fixture
def test_dialog(qtbot: QtBot) -> MemoryTestDialog:
    dialog = MemoryTestDialog("onnx", "process")
    qtbot.addWidget(dialog)
    return dialog


@pytest.fixture
def trace_dialog(qtbot: QtBot) -> AllocationDialog:
    dialog = AllocationDialog(has_memray=True)
    qtbot.addWidget(dialog)
    dialog.show_running({ProcessRole.WINDOW, ProcessRole.ENGINE})
    return dialog


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_test_is_asked_for_with_its_number_of_batches(
    qtbot: QtBot, test_dialog: MemoryTestDialog
) -> None:
    test_dialog.batches.setValue(2000)
    with qtbot.waitSignal(test_dialog.start_requested) as asked:
        click(qtbot, test_dialog.start_button)
    assert asked.args == [2000]
    assert test_dialog.is_running
    assert not test_dialog.start_button.isEnabled()
    with qtbot.waitSignal(test_dialog.stop_requested):
        click(qtbot, test_dialog.stop_button)
    assert "after the batch in hand" in test_dialog.words


def test_the_number_of_batches_that_is_offered_is_enough_for_a_verdict(
    test_dialog: MemoryTestDialog,
) -> None:
    assert test_dialog.batches.value() >= WARM_UP_BATCHES + NEEDED_BATCHES


def test_the_report_stands_in_tables_and_the_verdict_in_a_sentence(
    qtbot: QtBot, test_dialog: MemoryTestDialog
) -> None:
    click(qtbot, test_dialog.start_button)
    test_dialog.show_report(make_report(100))
    assert test_dialog.words.startswith("Memory is steady.\nFree memory gave back 180 MB")
    levels = {row[0]: row[1:] for row in test_dialog.levels.texts()}
    assert levels["RSS"] == ("600.0 MB", "650.0 MB", "600.0 MB", "+50.0 MB")
    owners = {row[0]: row[1:] for row in test_dialog.owners.texts()}
    assert owners["Share explained"][0] == "99.1 %"
    assert ("engine heap", "not yet known") in test_dialog.slopes.texts()
    with qtbot.waitSignal(test_dialog.export_requested) as asked:
        click(qtbot, test_dialog.export_button)
    assert asked.args == [make_report(100)]


def test_a_refusal_is_said_where_it_was_asked(qtbot: QtBot, test_dialog: MemoryTestDialog) -> None:
    click(qtbot, test_dialog.start_button)
    test_dialog.refuse("A run is on.")
    assert test_dialog.words == "A run is on."
    assert test_dialog.start_button.isEnabled()


def test_a_report_of_another_s_test_is_not_taken(test_dialog: MemoryTestDialog) -> None:
    test_dialog.show_report(make_report(3))
    assert test_dialog.levels.texts() == []
    assert not test_dialog.export_button.isEnabled()


def test_closing_the_dialog_stops_its_test(qtbot: QtBot, test_dialog: MemoryTestDialog) -> None:
    click(qtbot, test_dialog.start_button)
    with qtbot.waitSignal(test_dialog.stop_requested):
        test_dialog.reject()


def test_a_report_is_written_as_json_or_it_is_said_why_not(qtbot: QtBot, tmp_path: Path) -> None:
    saver = ReportSaver(make_report(5))
    qtbot.addWidget(saver)
    saver.write(str(tmp_path / "report.json"))
    assert json.loads((tmp_path / "report.json").read_text()) == make_report(5)
    with qtbot.waitSignal(saver.failed) as said:
        saver.write(str(tmp_path / "missing" / "report.json"))
    assert "could not be written" in said.args[0]


def test_a_recording_is_asked_for_as_it_was_chosen(
    qtbot: QtBot, trace_dialog: AllocationDialog
) -> None:
    trace_dialog.frames.setValue(5)
    trace_dialog.native.setChecked(True)
    with qtbot.waitSignal(trace_dialog.record_requested) as asked:
        click(qtbot, trace_dialog.record_button)
    assert asked.args == [TraceRequest(ProcessRole.ENGINE, 5, True, batches=10)]
    trace_dialog.show_trace(TRACE)
    assert trace_dialog.words == (
        "In 2.0 s, 5 MB in 60 blocks were allocated and not freed (memray)."
    )
    assert trace_dialog.table.texts() == [("torch/nn/linear.py:116", "+3 MB", "+12")]


def test_batches_and_seconds_exclude_each_other(
    qtbot: QtBot, trace_dialog: AllocationDialog
) -> None:
    trace_dialog.by_seconds.setChecked(True)
    assert not trace_dialog.by_batches.isChecked()
    with qtbot.waitSignal(trace_dialog.record_requested) as asked:
        click(qtbot, trace_dialog.record_button)
    assert asked.args == [TraceRequest(ProcessRole.ENGINE, seconds=30.0)]


def test_the_price_is_said_beforehand(trace_dialog: AllocationDialog) -> None:
    assert "several times slower" in trace_dialog.words
    assert "nothing of your documents" in trace_dialog.words


def test_this_program_itself_is_recorded_without_memray(trace_dialog: AllocationDialog) -> None:
    trace_dialog.native.setChecked(True)
    trace_dialog.role.setCurrentIndex(trace_dialog.role.findData(ProcessRole.WINDOW))
    assert not trace_dialog.native.isEnabled()
    assert not trace_dialog.native.isChecked()


def test_without_memray_the_choice_is_shown_but_disabled_with_what_to_do(qtbot: QtBot) -> None:
    dialog = AllocationDialog(has_memray=False)
    qtbot.addWidget(dialog)
    dialog.show_running({ProcessRole.ENGINE})
    assert not dialog.native.isEnabled()
    assert dialog.native.toolTip() == NO_MEMRAY


def test_an_installed_program_does_not_advise_to_install_memray_into_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    dialog = AllocationDialog(has_memray=False)
    qtbot.addWidget(dialog)
    assert dialog.native.toolTip() == NO_MEMRAY_INSIDE


def test_only_processes_that_are_running_are_offered(trace_dialog: AllocationDialog) -> None:
    assert trace_dialog.role.findData(ProcessRole.READER) == -1
    trace_dialog.role.setCurrentIndex(trace_dialog.role.findData(ProcessRole.WINDOW))
    trace_dialog.show_running(set(ProcessRole))
    assert trace_dialog.role.findData(ProcessRole.READER) >= 0
    assert trace_dialog.role.currentData() == ProcessRole.WINDOW, "the choice was lost"


def test_a_recording_that_fails_says_why_and_what_to_do(
    qtbot: QtBot, trace_dialog: AllocationDialog
) -> None:
    click(qtbot, trace_dialog.record_button)
    trace_dialog.show_failure(UsageError("The reader is not running.", "Index something."))
    assert trace_dialog.words == "The reader is not running. Index something."
    assert trace_dialog.record_button.isEnabled()


def test_the_menu_opens_a_test_that_runs_beside_the_window(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(FakeEngine(step_s=0.01))
    window.menus.memory_test.trigger()
    qtbot.waitUntil(lambda: window.memory_flow.test_dialog is not None)
    dialog = window.memory_flow.test_dialog
    assert dialog is not None
    assert not dialog.isModal()
    dialog.batches.setValue(5)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: not dialog.is_running)
    assert "Memory is steady." in dialog.words
    assert "5 batches" in dialog.words
    assert not window.control.is_running
    dialog.close()


def test_a_test_is_among_the_runs_as_soon_as_it_has_ended(
    qtbot: QtBot, open_window: Opener, paths: Paths
) -> None:
    window = open_window(FakeEngine(step_s=0.01))
    (table,) = window.panes.runs.findChildren(QTableView)
    recording = recorder(paths.runs, Clock(), RunKind.MEMORY_TEST)
    recording.note(batch(1, 1000.5))
    recording.close()
    assert table.model().rowCount() == 0
    window.menus.memory_test.trigger()
    qtbot.waitUntil(lambda: window.memory_flow.test_dialog is not None)
    dialog = window.memory_flow.test_dialog
    dialog.batches.setValue(2)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: table.model().rowCount() == 1)
    dialog.close()


def test_the_menu_opens_a_recording_of_a_running_process(qtbot: QtBot, open_window: Opener) -> None:
    engine = FakeEngine(step_s=0.01)
    window = open_window(engine)
    qtbot.waitUntil(lambda: len(window.memory_flow._roles) == 3)
    window.menus.allocation_trace.trigger()
    qtbot.waitUntil(lambda: window.memory_flow.trace_dialog is not None)
    dialog = window.memory_flow.trace_dialog
    assert dialog is not None
    dialog.batches.setValue(2)
    click(qtbot, dialog.record_button)
    qtbot.waitUntil(lambda: not dialog.is_recording)
    assert dialog.table.texts()[0][0] == "torch/nn/linear.py:116"
    assert "start_trace engine 1 False" in engine.calls
    dialog.close()


def test_an_idle_unload_is_told_on_the_strip_and_no_box_pops_up(
    qtbot: QtBot, open_window: Opener
) -> None:
    engine = FakeEngine()
    engine.settings = Settings.model_construct(idle_unload_minutes=0.001)
    window = open_window(engine)
    strip = window.panes.memory
    qtbot.waitUntil(lambda: "Model unloaded after" in strip.receipt_words)
    assert window.panes.banners.notices == ()
