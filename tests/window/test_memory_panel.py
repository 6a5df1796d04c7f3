from dataclasses import replace
from datetime import datetime

from fake_readings import MB, batch, picture, process, reading, receipt
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from vext_desktop.events import CleanupFinished, MemoryWarned, RunStarted, WarningKind
from vext_desktop.memory.event_marks import EventKind, EventMark
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading
from vext_desktop.window.memory_panel import MemoryPanel
from vext_desktop.window.memory_table import DASH, MemoryTableModel
from vext_desktop.window.receipt_list import MOST_ENTRIES, ReceiptList

NOON = datetime(2026, 11, 23, 12, 0, 5)  # noqa: DTZ001 - the time of day on the wall


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def panel_on_screen(qtbot: QtBot, clock: FakeClock) -> MemoryPanel:
    panel = MemoryPanel(clock, lambda: NOON)
    qtbot.addWidget(panel)
    panel.resize(1200, 320)
    panel.show()
    qtbot.waitUntil(lambda: panel.plots is not None, timeout=20_000)
    return panel


def cell(model: MemoryTableModel, row: int, column: int, role: int) -> object:
    return model.data(model.index(row, column), role)


def shown(model: MemoryTableModel) -> list[list[object]]:
    return [
        [cell(model, row, column, Qt.ItemDataRole.DisplayRole) for column in range(1, 5)]
        for row in range(4)
    ]


def test_the_plots_come_when_the_panel_is_first_seen(qtbot: QtBot) -> None:
    panel = MemoryPanel(FakeClock())
    qtbot.addWidget(panel)
    panel.add_sample(reading(1.0))
    assert panel.plots is None
    panel.show()
    assert "prepared" in panel._waiting.text()
    qtbot.waitUntil(lambda: panel.plots is not None, timeout=20_000)
    assert panel.plots is not None
    assert panel.plots.plots[0]._curves["total"].yData.tolist() == [600]
    assert not panel._waiting.isVisible()
    panel.hide()


def test_samples_reach_plots_and_table(qtbot: QtBot) -> None:
    panel = panel_on_screen(qtbot, FakeClock())
    plots = panel.plots
    assert plots is not None
    for number in range(1, 5):
        panel.add_sample(reading(number * 0.25))
    qtbot.waitUntil(lambda: len(plots.plots[0]._curves["total"].xData) == 4)
    assert shown(panel.table._model)[0][:3] == ["600 MB", "60 MB", "300 MB"]
    panel.hide()


def test_nothing_is_drawn_while_nobody_sees_it_and_all_of_it_afterwards(qtbot: QtBot) -> None:
    panel = panel_on_screen(qtbot, FakeClock())
    plots = panel.plots
    assert plots is not None
    panel.hide()
    for number in range(1, 9):
        panel.add_sample(reading(number * 0.25))
    qtbot.wait(700)
    assert len(plots.plots[0]._curves["total"].xData) == 0
    panel.show()
    assert len(plots.plots[0]._curves["total"].xData) == 8
    panel.hide()


def test_receipts_and_warnings_are_listed_newest_first_with_their_time(qtbot: QtBot) -> None:
    panel = MemoryPanel(FakeClock(), lambda: NOON)
    qtbot.addWidget(panel)
    panel.add_event(batch(7, 1.0, "/docs/Reports/report.pdf"))
    panel.add_event(CleanupFinished(receipt(2.0)))
    message = "Memory reached 1.3 GB (batch 7, /docs/Reports/report.pdf)."
    panel.add_event(
        MemoryWarned(WarningKind.RSS_OVER_LIMIT, 1, 2, 7, "/docs/Reports/report.pdf", message)
    )
    assert panel.receipts.sentences() == [
        f"12:00:05 Warning: {message}",
        "12:00:05 Free memory gave back 180 MB in 21 ms. (batch 7, report.pdf in Reports)",
    ]


def test_the_list_is_bounded(qtbot: QtBot) -> None:
    receipts = ReceiptList()
    qtbot.addWidget(receipts)
    for number in range(MOST_ENTRIES + 20):
        receipts.add(EventMark(EventKind.WARNING, 1.0, f"Number {number}."), NOON)
    assert len(receipts.sentences()) == MOST_ENTRIES
    assert receipts.sentences()[0].endswith(f"Number {MOST_ENTRIES + 19}.")


def test_a_line_of_the_list_is_found_on_the_plots_by_the_enter_key(qtbot: QtBot) -> None:
    clock = FakeClock()
    panel = panel_on_screen(qtbot, clock)
    panel.add_sample(reading(1.0))
    panel.add_event(CleanupFinished(receipt(1.0)))
    panel.receipts.setCurrentRow(0)
    with qtbot.waitSignal(panel.mark_chosen, timeout=2000) as chosen:
        qtbot.keyClick(panel.receipts, Qt.Key.Key_Return)
    assert chosen.args == ["At 1 s: Free memory gave back 180 MB in 21 ms."]
    panel.hide()


def test_limits_follow_the_batches_of_the_run(qtbot: QtBot) -> None:
    panel = panel_on_screen(qtbot, FakeClock())
    plots = panel.plots
    assert plots is not None
    panel.set_thresholds(
        budget_bytes=1200 * MB,
        soft_bytes=900 * MB,
        warn_rss_bytes=1200 * MB,
        warn_heap_growth_bytes=100 * MB,
        warn_native_growth_bytes=50 * MB,
    )
    panel.add_event(RunStarted(1, ("/docs",)))
    panel.add_sample(reading(0.5))
    for number in range(1, 70):
        panel.add_event(batch(number, float(number)))
    panel._on_redraw_due()
    labels = [[line.label for line in plot._overlay.shown] for plot in plots.plots]
    assert labels[1:] == [["warning 160 MB"], ["engine: warning 290 MB"]]
    panel.hide()


def test_what_has_no_number_is_short_in_the_table_and_told_in_full_beside_it(qtbot: QtBot) -> None:
    model = MemoryTableModel()
    model.show_reading(ProgramReading(1.0, (MemoryReading(ProcessRole.WINDOW, 1, 100 * MB),)))
    assert shown(model)[1] == ["100 MB", DASH, DASH, DASH]
    assert shown(model)[3] == ["off", DASH, DASH, DASH]
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert cell(model, 1, 2, spoken) == "Window, Heap: cannot be read now"
    assert cell(model, 1, 4, spoken) == "Window, Held: not measured yet"
    assert cell(model, 3, 1, Qt.ItemDataRole.ToolTipRole) == "Reader, RSS: not running"


def test_what_is_held_stays_in_the_table_until_its_process_ends(qtbot: QtBot) -> None:
    model = MemoryTableModel()
    model.show_reading(reading(1.0, held_mb=180))
    model.show_reading(reading(2.0))
    assert [row[3] for row in shown(model)] == ["180 MB", DASH, "180 MB", DASH]
    restarted = process(ProcessRole.ENGINE, 400, pid=999)
    model.show_reading(ProgramReading(3.0, (restarted,)))
    assert [row[3] for row in shown(model)] == [DASH, DASH, DASH, DASH]


def test_rows_whose_texts_change_are_announced_together_and_no_others(qtbot: QtBot) -> None:
    model = MemoryTableModel()
    model.show_reading(reading(1.0))
    changed: list[tuple[int, int, int, int]] = []
    model.dataChanged.connect(
        lambda first, last: changed.append((first.row(), first.column(), last.row(), last.column()))
    )
    model.show_reading(reading(2.0))
    assert changed == []
    model.show_reading(reading(3.0, window_mb=121))
    assert changed == [(0, 1, 1, 1)]


def test_owners_are_measured_only_while_their_page_is_on_screen(qtbot: QtBot) -> None:
    panel = panel_on_screen(qtbot, FakeClock())
    plots = panel.plots
    assert plots is not None
    told: list[bool] = []
    panel.owners_shown.connect(told.append)
    plots._tabs.setCurrentWidget(plots.owners)
    panel.hide()
    panel.show()
    plots._tabs.setCurrentWidget(plots.curves)
    assert told == [True, False, True, False]
    panel.hide()


def test_a_receipt_that_knows_the_owners_shows_them_before_and_after(qtbot: QtBot) -> None:
    panel = panel_on_screen(qtbot, FakeClock())
    plots = panel.plots
    assert plots is not None
    panel.add_sample(reading(1.0))
    before, after = picture(0.9, engine_held_mb=200), picture(1.0, engine_held_mb=20)
    known = replace(receipt(1.0), bands_before=before, bands_after=after)
    panel.add_event(CleanupFinished(known))
    panel.receipts.setCurrentRow(0)
    qtbot.keyClick(panel.receipts, Qt.Key.Key_Return)
    assert plots.shows_owners
    assert plots.owners is not None
    assert plots.owners.table.receipt is known
    arrow = "\N{RIGHTWARDS ARROW}"
    assert plots._sentence.text().endswith(f"Native, free but held 200 MB {arrow} 20 MB.")
    assert panel.bands.latest is after
    panel.hide()


def test_table_and_list_have_names_for_screen_readers(qtbot: QtBot) -> None:
    panel = MemoryPanel(FakeClock())
    qtbot.addWidget(panel)
    assert panel.table.accessibleName() == "Memory of each process"
    assert panel.receipts.accessibleName() == "Receipts and warnings"
