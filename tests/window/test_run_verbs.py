"""A recorded run is opened, compared and exported from the list of runs."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from made_runs import STARTED_AT, Clock, batch, record, recorder
from PySide6.QtCore import QItemSelectionModel, QObject, Qt
from PySide6.QtWidgets import (
    QApplication,
    QInputDialog,
    QLabel,
    QPlainTextEdit,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vext_desktop.errors import VextError
from vext_desktop.index.ledger import Ledger
from vext_desktop.memory.report import ReportFormat
from vext_desktop.memory.run_record import RunKind
from vext_desktop.memory.run_record_file import record_path
from vext_desktop.window.run_compare_dialog import RunCompareDialog
from vext_desktop.window.run_export_dialog import RunExportDialog
from vext_desktop.window.run_job import RunJob
from vext_desktop.window.run_timeline_dialog import RunTimelineDialog
from vext_desktop.window.run_verbs import NO_RECORD
from vext_desktop.window.runs_panel import RunsPanel

Dialog = TypeVar("Dialog", bound=QWidget)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Runs 1 and 2 recorded, run 3 not; a memory test before them."""
    folder = tmp_path / "runs"
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for engine_mb in (400, 600, 0):
            run_id = ledger.begin_run(["/docs"])
            ledger.end_run(run_id, "finished", {})
            if engine_mb:
                record(folder, 40, engine_mb, run_id=run_id)
    clock = Clock()
    recording = recorder(folder, clock, RunKind.MEMORY_TEST)
    recording.note(batch(1, 1000.5))
    recording.close()
    return folder


@pytest.fixture
def panel(records: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunsPanel]:
    # The ledger dates its runs by the clock on the wall, the records of these tests do not.
    monkeypatch.setattr("vext_desktop.index.run_shelf.SAME_START_S", 10 * STARTED_AT)
    panel = RunsPanel(records.parent / "ledger.sqlite", records)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    for widget in QApplication.topLevelWidgets():
        if widget.isVisible() and widget is not panel:
            widget.close()
    panel.close()


def choose(panel: RunsPanel, *rows: int) -> None:
    table = panel.findChildren(QTableView)[0]
    table.clearSelection()
    for row in rows:
        table.selectionModel().setCurrentIndex(
            table.model().index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )


def shown(qtbot: QtBot, kind: type[Dialog]) -> Dialog:
    """The one dialog of this kind, as soon as it is there."""

    def find() -> list[Dialog]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(find()), timeout=20_000)
    (dialog,) = find()
    return dialog


def told(panel: RunsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.text()]


def test_the_table_lists_runs_and_memory_tests_by_kind(panel: RunsPanel) -> None:
    model = panel.findChildren(QTableView)[0].model()
    kinds = [model.data(model.index(row, 1)) for row in range(model.rowCount())]
    assert kinds == ["Indexing", "Indexing", "Indexing", "Memory test"]
    choose(panel, 3)
    detail = panel.findChildren(QPlainTextEdit)[0].toPlainText()
    assert detail.startswith("Memory test, started")
    assert "in 1 batch," in detail


def test_the_timeline_of_a_run_opens_with_all_of_it_in_view(panel: RunsPanel, qtbot: QtBot) -> None:
    choose(panel, 1)
    panel.verbs.open.trigger()
    dialog = shown(qtbot, RunTimelineDialog)
    assert dialog.windowTitle() == "Run 2: timeline"
    start, end = dialog.plots.time_range
    assert start <= 0
    assert end >= 8.1
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "320 texts in 40 batches" in words
    assert "Memory in use is steady." in words


def test_a_closed_timeline_is_let_go_of(panel: RunsPanel, qtbot: QtBot) -> None:
    choose(panel, 1)
    panel.verbs.open.trigger()
    dialog = shown(qtbot, RunTimelineDialog)
    gone: list[str] = []
    dialog.plots.destroyed.connect(lambda: gone.append("plots"))
    dialog.destroyed.connect(lambda: gone.append("dialog"))
    dialog.close()
    qtbot.waitUntil(lambda: gone == ["plots", "dialog"])  # in two turns


def test_return_on_the_table_opens_the_timeline(panel: RunsPanel, qtbot: QtBot) -> None:
    choose(panel, 1)
    table = panel.findChildren(QTableView)[0]
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    shown(qtbot, RunTimelineDialog)


def test_nothing_opens_any_more_when_the_window_closes_meanwhile(
    panel: RunsPanel, qtbot: QtBot
) -> None:
    told: list[str] = []
    panel.verbs.told.connect(told.append)
    choose(panel, 1)
    panel.verbs.open.trigger()
    qtbot.waitUntil(lambda: bool(panel.verbs._turns), timeout=20_000)
    assert told[-1] == "Opening\N{HORIZONTAL ELLIPSIS}"
    panel.verbs.close()
    qtbot.wait(50)
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, RunTimelineDialog)]


def test_two_chosen_runs_are_compared_the_older_one_first(panel: RunsPanel, qtbot: QtBot) -> None:
    choose(panel, 1, 2)
    assert not panel.verbs.open.isEnabled()
    panel.verbs.compare.trigger()
    dialog = shown(qtbot, RunCompareDialog)
    assert dialog.windowTitle() == "Run 1 and Run 2"
    assert "14 % higher in its peak of memory" in dialog.sentence.text()
    model = dialog.table.model()
    rows = [
        [model.data(model.index(row, column)) for column in range(1, 5)]
        for row in range(model.rowCount())
    ]
    assert ["RSS of the engine, settled", "400.0", "600.0", "+200.0 (+50 %)"] in rows
    dialog.first.plots[0].box.setXRange(2, 4)
    assert dialog.second.time_range == pytest.approx(dialog.first.time_range)


def test_one_chosen_run_is_compared_with_another_that_is_asked_for(
    panel: RunsPanel, qtbot: QtBot
) -> None:
    choose(panel, 1)
    panel.verbs.compare.trigger()
    question = shown(qtbot, QInputDialog)
    words = question.comboBoxItems()
    assert len(words) == 2
    assert words[0].startswith("run 1 of ")
    question.setTextValue(words[0])
    question.accept()
    assert shown(qtbot, RunCompareDialog).windowTitle() == "Run 1 and Run 2"


def test_memory_tests_of_the_same_minute_can_all_be_compared_with(
    panel: RunsPanel, records: Path, qtbot: QtBot
) -> None:
    (first,) = records.glob("memory-test-*")
    shutil.copy(first, first.with_name(f"again-{first.name}"))
    panel.refresh()
    choose(panel, 1)
    panel.verbs.compare.trigger()
    words = shown(qtbot, QInputDialog).comboBoxItems()
    assert len(set(words)) == 3
    assert sum(each.startswith("memory test of ") for each in words) == 2


def test_a_run_that_was_not_recorded_says_so(panel: RunsPanel) -> None:
    choose(panel, 0)
    assert not any(action.isEnabled() for action in panel.verbs.actions)
    assert NO_RECORD in told(panel)
    choose(panel, 1)
    assert all(action.isEnabled() for action in panel.verbs.actions)
    assert NO_RECORD not in told(panel)


def test_a_record_that_was_damaged_meanwhile_is_a_sentence(
    panel: RunsPanel, records: Path, qtbot: QtBot
) -> None:
    choose(panel, 1)
    record_path(records, "run-000002").write_bytes(b"nothing")
    panel.verbs.open.trigger()
    qtbot.waitUntil(lambda: any("is damaged" in text for text in told(panel)))


@pytest.fixture
def export(panel: RunsPanel, qtbot: QtBot) -> RunExportDialog:
    choose(panel, 1)
    panel.verbs.export.trigger()
    return shown(qtbot, RunExportDialog)


def write(export: RunExportDialog, path: Path, qtbot: QtBot) -> str:
    export.write_to(path)
    qtbot.waitUntil(lambda: export.job is None)
    return export.state.text()


def test_a_report_is_exported_with_and_without_paths(
    export: RunExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    assert export.form is ReportFormat.HTML
    page = tmp_path / "report.html"
    assert write(export, page, qtbot) == f"Written to {page}."
    assert "/home/ada" in page.read_text()
    export.redacts.setChecked(True)
    write(export, page, qtbot)
    assert "/home/ada" not in page.read_text()
    export.formats.button(1).setChecked(True)
    table = tmp_path / "report.csv"
    write(export, table, qtbot)
    assert table.read_text().startswith("time_s,batch,")


def test_a_report_that_cannot_be_written_is_a_sentence_in_the_dialog(
    export: RunExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    sentence = write(export, tmp_path / "nowhere" / "report.html", qtbot)
    assert "could not be written" in sentence
    assert export.save.isEnabled()


def test_a_job_tells_its_result_or_its_failure(qtbot: QtBot) -> None:
    owner = QObject()
    found: list[object] = []

    def run(work: Callable[[], object]) -> None:
        job = RunJob(work, owner)
        job.done.connect(found.append)
        job.failed.connect(found.append)
        job.start()

    error = VextError("It did not work.")

    def fail() -> None:
        raise error

    run(lambda: 7)
    qtbot.waitUntil(lambda: found == [7])
    run(fail)
    qtbot.waitUntil(lambda: found == [7, error])


def test_a_job_that_is_joined_tells_nothing(qtbot: QtBot) -> None:
    owner = QObject()
    found: list[object] = []
    job = RunJob(lambda: 7, owner)
    job.done.connect(found.append)
    job.start()
    job.join()
    qtbot.wait(60)
    assert found == []
