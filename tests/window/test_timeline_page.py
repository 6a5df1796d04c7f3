from fake_readings import batch, reading, receipt
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from vext_desktop.events import CleanupFinished, FileStarted
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.window.memory_plots import MemoryPlots
from vext_desktop.window.timeline_model import BATCH, FILE, KIND, SENTENCE, TimelineModel
from vext_desktop.window.timeline_page import TimelinePage


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def history_with_marks() -> MemoryHistory:
    history, writer = MemoryHistory(0.0), MarkWriter()
    for number in range(400):
        history.add(reading(number * 0.25))
    events = [
        FileStarted("/docs/Reports/report.pdf", 1),
        batch(7, 50.0, "/docs/Reports/report.pdf"),
        CleanupFinished(receipt(60.0)),
    ]
    for event, now_s in zip(events, (45.0, 50.0, 60.0), strict=True):
        for mark in writer.marks_for(event, now_s):
            history.add_mark(mark)
    return history


def column(model: TimelineModel, number: int) -> list[object]:
    return [model.data(model.index(row, number)) for row in range(model.rowCount())]


def test_all_marks_are_listed_newest_first_with_batch_and_file() -> None:
    model = TimelineModel(history_with_marks())
    model.refresh()
    assert column(model, KIND) == ["Memory freed", "Batch", "File begun"]
    assert column(model, BATCH) == ["7", "7", ""]
    assert column(model, FILE) == ["report.pdf in Reports"] * 3
    assert column(model, SENTENCE)[1] == "Batch 7: 8 texts in 200 ms."


def test_kinds_can_be_chosen_and_the_rare_ones_come_first(qtbot: QtBot) -> None:
    page = TimelinePage(history_with_marks())
    qtbot.addWidget(page)
    assert column(page._model, KIND) == ["Memory freed"]
    assert page._count.text() == "1 mark"
    page.choose("Everything")
    assert page._model.rowCount() == 3
    page.choose("Crash")
    assert page._count.text() == "Nothing of this kind has happened."


def test_new_marks_come_on_top_and_the_current_row_stays_with_its_mark(qtbot: QtBot) -> None:
    history, clock = history_with_marks(), FakeClock()
    page = TimelinePage(history, clock)
    qtbot.addWidget(page)
    page.choose("Everything")
    page.table.selectRow(1)
    history.add_mark(EventMark(EventKind.WARNING, 70.0, "Memory reached 1.3 GB.", 9))
    clock.now_s = 10.0
    page.refresh()
    assert column(page._model, KIND)[0] == "Warning"
    assert page.table.currentIndex().row() == 2


def test_the_list_is_not_read_anew_with_every_redraw(qtbot: QtBot) -> None:
    history, clock = history_with_marks(), FakeClock()
    page = TimelinePage(history, clock)
    qtbot.addWidget(page)
    page.choose("Everything")
    page.refresh()
    history.add_mark(EventMark(EventKind.WARNING, 70.0, "Memory reached 1.3 GB.", 9))
    clock.now_s = 1.0
    page.refresh()
    assert page._model.rowCount() == 3
    clock.now_s = 3.0
    page.refresh()
    assert page._model.rowCount() == 4


def test_marks_that_a_long_history_has_thinned_out_leave_the_list_too() -> None:
    history = MemoryHistory(0.0)
    model = TimelineModel(history)
    for number in range(3000):
        history.add_mark(EventMark(EventKind.BATCH, float(number), "Batch.", number))
        if number % 700 == 0:
            model.refresh()
    model.refresh()
    assert model.rowCount() == len(history.marks(EventKind.BATCH)) < 1100
    assert model.mark_at(0) == history.marks(EventKind.BATCH)[-1]


def test_enter_finds_a_mark_on_the_curves(qtbot: QtBot) -> None:
    plots = MemoryPlots(history_with_marks())
    qtbot.addWidget(plots)
    plots.resize(900, 320)
    plots.show()
    qtbot.waitExposed(plots)
    plots._tabs.setCurrentWidget(plots.timeline)
    plots.timeline.table.selectRow(0)
    qtbot.keyClick(plots.timeline.table, Qt.Key.Key_Return)
    assert plots._tabs.currentWidget() is plots.curves
    assert "Free memory gave back 180 MB" in plots._sentence.text()
    assert plots.plots[0]._overlay.cursor_s == 60.0
    plots.hide()


def test_a_screen_reader_hears_the_columns(qtbot: QtBot) -> None:
    model = TimelineModel(history_with_marks())
    model.refresh()
    spoken = model.data(model.index(0, BATCH), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Batch: 7"
