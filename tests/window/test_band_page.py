from collections.abc import Iterator

import numpy as np
import pytest
from fake_readings import batch, picture, reading, receipt
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vext_desktop.memory.band_history import BandHistory
from vext_desktop.memory.curves import TOTAL
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import MarkWriter
from vext_desktop.readings import Band
from vext_desktop.window.band_colours import DARK, LIGHT
from vext_desktop.window.band_model import BandModel
from vext_desktop.window.band_page import BandPage
from vext_desktop.window.cell_delegate import PADDING, CellDelegate
from vext_desktop.window.memory_plots import MemoryPlots


@pytest.fixture
def plots(qtbot: QtBot) -> Iterator[MemoryPlots]:
    history, bands = MemoryHistory(0.0), BandHistory(0.0)
    for number in range(400):
        history.add(reading(number * 0.25))
    for mark in MarkWriter().marks_for(batch(3, 40.1, "/docs/Reports/report.pdf"), 0.0):
        history.add_mark(mark)
    for at_s in (20.0, 40.0, 60.0):
        bands.add(picture(at_s, engine_held_mb=at_s))
    plots = MemoryPlots(history, bands)
    qtbot.addWidget(plots)
    plots.resize(1200, 340)
    plots.show()
    qtbot.waitExposed(plots)
    plots._tabs.setCurrentWidget(plots.owners)
    yield plots
    plots.hide()


def owners(plots: MemoryPlots) -> BandPage:
    assert plots.owners is not None
    return plots.owners


def pixel(page: BandPage, time_s: float, height_mb: float) -> QPoint:
    return page.plot.view.mapFromScene(page.plot.box.mapViewToScene(QPointF(time_s, height_mb)))


def rows(model: BandModel) -> list[list[object]]:
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_every_band_has_a_paint_in_light_and_dark_and_no_two_look_alike() -> None:
    for paints in (LIGHT, DARK):
        assert set(paints) == set(Band)
        assert len({(paint.ground, paint.pattern) for paint in paints.values()}) == len(Band)


def test_the_table_lists_the_sum_and_its_parts_of_each_process(plots: MemoryPlots) -> None:
    listed = rows(owners(plots).table._model)
    assert listed[0] == ["Sum (RSS)", "120 MB", "440 MB", "\N{EN DASH}", "560 MB", "100 %"]
    assert listed[1][:3] == ["Python objects", "30 MB", "20 MB"]
    assert listed[-1][0] == "Unexplained"
    assert "Arrow and LanceDB" not in [row[0] for row in listed]


def test_what_a_process_does_not_tell_is_said_so_to_a_screen_reader(plots: MemoryPlots) -> None:
    model = owners(plots).table._model
    row = model.row_of(Band.MODEL_FILE)
    assert row is not None
    spoken = [
        model.data(model.index(row, column), Qt.ItemDataRole.AccessibleTextRole)
        for column in (0, 1, 2)
    ]
    assert spoken == [
        "Model file",
        "Model file, Window: not told here",
        "Model file, Engine: 90 MB",
    ]


def test_the_stack_is_as_high_as_rss_and_in_the_order_of_the_table(plots: MemoryPlots) -> None:
    stack = owners(plots).plot.stack
    assert stack._heights[-1].tolist() == [520, 540, 560]
    in_table = [row[0] for row in rows(owners(plots).table._model)[1:]]
    assert [band.label for band in reversed(stack._bands)] == in_table


def test_a_single_moment_owns_no_place_but_its_own(plots: MemoryPlots) -> None:
    stack = owners(plots).plot.stack
    bands = [Band.LIBRARIES]
    times, heights = np.array([10.0, 50.0, 60.0]), np.array([[30.0, 70.0, 70.0]])
    stack.set_data(times, bands, heights, [slice(0, 1), slice(1, 3)])
    assert stack.place_at(10.0, 5.0) == (Band.LIBRARIES, 30.0)
    assert stack.place_at(55.0, 5.0) == (Band.LIBRARIES, 70.0)
    assert stack.place_at(30.0, 5.0) is None


def test_another_process_can_be_stacked(plots: MemoryPlots) -> None:
    page = owners(plots)
    page._line.setCurrentText("Window")
    page._line.activated.emit(1)
    assert page.plot.stack._heights[-1].tolist() == [120] * 3


def test_a_click_names_band_value_batch_and_file(plots: MemoryPlots, qtbot: QtBot) -> None:
    page = owners(plots)
    with qtbot.waitSignal(plots.mark_chosen, timeout=2000) as chosen:
        # From the ground: 10 unexplained, 110 libraries, 90 model file, then what is held.
        place = pixel(page, 40.0, 230)
        qtbot.mouseClick(page.plot.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    sentence = (
        "At 40 s: Native, free but held 40 MB, 7% of the 540 MB of all processes; "
        "during batch 3, report.pdf in Reports."
    )
    assert chosen.args == [sentence]
    assert page.table.chosen_band is Band.NATIVE_HELD


def test_the_keyboard_walks_over_owners_and_measurements(plots: MemoryPlots, qtbot: QtBot) -> None:
    view = owners(plots).plot.view
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert plots._sentence.text().startswith("At 1 min 0 s: Python objects 50 MB")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert "Native heap in use 240 MB" in plots._sentence.text()
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert plots._sentence.text().startswith("At 40 s: Native heap in use 240 MB")
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert "Batch 3" in plots._sentence.text()


def test_enter_opens_the_families_of_the_libraries(plots: MemoryPlots, qtbot: QtBot) -> None:
    table = owners(plots).table
    table.choose(Band.LIBRARIES)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    names = [str(row[0]).strip() for row in rows(table._model)]
    assert names[names.index("Libraries") + 1 :][:3] == ["Qt", "numpy", "other"]
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert "Qt" not in [str(row[0]).strip() for row in rows(table._model)]


def test_choosing_a_row_tells_what_the_owner_is(plots: MemoryPlots) -> None:
    owners(plots).table.choose(Band.NATIVE_HELD)
    assert "Free memory returns most of it" in plots._sentence.text()
    assert owners(plots).plot.stack._chosen is Band.NATIVE_HELD


def test_the_share_explained_and_the_age_are_said(plots: MemoryPlots) -> None:
    assert owners(plots)._explained.text() == "98.2% explained. Measured 35 s ago, in 80 ms."


def test_measure_now_asks_once_and_waits_for_the_answer(plots: MemoryPlots, qtbot: QtBot) -> None:
    page = owners(plots)
    with qtbot.waitSignal(plots.measure_requested, timeout=2000):
        qtbot.mouseClick(page._measure, Qt.MouseButton.LeftButton)
    assert not page._measure.isEnabled()
    page._bands.add(picture(100.0))
    plots.redraw()
    assert page._measure.isEnabled()


def test_a_system_that_tells_no_owners_says_so(qtbot: QtBot) -> None:
    plots = MemoryPlots(MemoryHistory(0.0), BandHistory(0.0))
    qtbot.addWidget(plots)
    plots._tabs.setCurrentWidget(plots.owners)
    assert "being measured" in owners(plots).plot._absent.toPlainText()
    owners(plots).show_unmeasurable()
    plots.redraw()
    assert owners(plots).plot._absent.toPlainText().startswith("This system does not tell")
    assert rows(owners(plots).table._model) == []


def test_a_receipt_is_shown_by_owner_before_and_after_and_then_the_present_again(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    done = receipt(50.0)
    before, after = picture(49.0, engine_held_mb=100), picture(50.0, engine_held_mb=20)
    done = type(done)(done.action, "you", done.before, done.after, 0.02, None, before, after)
    page = owners(plots)
    assert page.show_receipt(done)
    listed = {row[0]: row[1:] for row in rows(page.table._model)}
    assert listed["Native, free but held"] == ["100 MB", "20 MB", "\N{MINUS SIGN}80 MB"]
    assert listed["Libraries"] == ["110 MB", "110 MB", "0 MB"]
    plots.redraw()
    assert page.table.receipt is done
    qtbot.mouseClick(page._back, Qt.MouseButton.LeftButton)
    assert page.table.receipt is None
    assert rows(page.table._model)[0][-1] == "100 %"
    assert not page.show_receipt(receipt(50.0))


def test_the_narrow_table_shows_all_processes_together_only(
    plots: MemoryPlots, qtbot: QtBot
) -> None:
    table = owners(plots).table
    table.setFixedWidth(600)
    qtbot.waitUntil(lambda: not table.isColumnHidden(1))
    table.setFixedWidth(300)
    qtbot.waitUntil(lambda: table.isColumnHidden(1))
    assert not table.isColumnHidden(4)


def test_a_picture_is_announced_once_however_many_cells_differ(plots: MemoryPlots) -> None:
    table = owners(plots).table
    signals: list[tuple[int, int]] = []
    resets: list[bool] = []
    table._model.dataChanged.connect(lambda first, last: signals.append((first.row(), last.row())))
    table._model.modelReset.connect(lambda: resets.append(True))
    table.show_picture(picture(70.0, engine_native_mb=1234, engine_held_mb=5))
    assert signals == [(0, table._model.rowCount() - 1)]
    assert not resets


def test_no_cell_is_measured_anew_for_the_columns_when_numbers_change(
    plots: MemoryPlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = owners(plots).table
    measured: list[int] = []
    monkeypatch.setattr(
        CellDelegate, "sizeHint", lambda *_: measured.append(1) or QSize(60, 16), raising=True
    )
    table.show_picture(picture(70.0, engine_native_mb=250, engine_held_mb=5))
    QApplication.processEvents()
    assert not measured


def test_a_column_has_room_for_a_number_that_has_become_wider(plots: MemoryPlots) -> None:
    table = owners(plots).table
    for engine_mb in (20, 123_456_789):
        table.show_picture(picture(70.0, engine_native_mb=engine_mb))
        bold = QFont(table.font())
        bold.setBold(True)
        for column in range(1, table._model.columnCount()):
            texts = (table._model.text_at(row, column) for row in range(table._model.rowCount()))
            needed = max(QFontMetrics(bold).horizontalAdvance(text) for text in texts)
            assert table.columnWidth(column) >= needed + 2 * PADDING


def test_hundreds_of_pictures_make_no_item(plots: MemoryPlots) -> None:
    page = owners(plots)
    before = len(page.plot.view.scene().items())
    for number in range(200):
        page._bands.add(picture(100.0 + number * 10, with_reader=number % 2 == 0))
        plots.redraw()
    assert len(page.plot.view.scene().items()) == before
    assert page._bands.curves.bands(TOTAL)


def test_samples_are_painted_anew_only_for_other_colours(qapp: QApplication) -> None:
    light, dark = QPalette(Qt.GlobalColor.white), QPalette(Qt.GlobalColor.black)
    model = BandModel(light)
    painted = model._swatches
    model.set_palette(QPalette(light))
    assert model._swatches is painted
    model.set_palette(dark)
    assert model._swatches is not painted
