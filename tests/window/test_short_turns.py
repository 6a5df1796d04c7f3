"""What long work on the window's thread is cut into, and what is not done at all: no clock here."""

import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vext_desktop.index.search import SearchAnswer, SearchHit, SearchMode
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.settings import LoadedSettings, Settings
from vext_desktop.window.app import _create_application
from vext_desktop.window.cell_delegate import CellDelegate
from vext_desktop.window.garbage import MainThreadCollector
from vext_desktop.window.memory_plots import MemoryPlots
from vext_desktop.window.memory_test_dialog import memory_test_dialog
from vext_desktop.window.results_panel import ResultsPanel
from vext_desktop.window.run_job import after_import
from vext_desktop.window.settings_page import SettingsPage
from vext_desktop.window.time_view import TimeView


@pytest.fixture
def generations() -> Iterator[list[int]]:
    """The generations that are collected, in order."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_a_busy_time_has_small_collections_only(generations: list[int]) -> None:
    collector = MainThreadCollector()
    try:
        for _ in range(200):
            ballast = [[] for _ in range(2000)]
            collector._on_timeout()
            del ballast
    finally:
        collector.close()
    assert set(generations) == {0, 1}
    youngest = "".join(map(str, generations)).split("1")
    assert max(map(len, youngest)) <= 4


def test_a_thread_that_computes_gives_way_to_the_window_within_a_millisecond(
    qapp: QApplication,
) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        _create_application()
        assert sys.getswitchinterval() <= 0.0011
    finally:
        sys.setswitchinterval(before)


def test_the_frame_of_a_plot_brings_no_unseen_widgets(qtbot: QtBot) -> None:
    before = set(QApplication.allWidgets())
    view = TimeView()
    qtbot.addWidget(view)
    made = set(QApplication.allWidgets()) - before
    assert len(made) < 10  # pyqtgraph's own plot has 44 more, for menus that are switched off


def test_a_plot_that_comes_into_view_again_is_not_painted_anew(qtbot: QtBot) -> None:
    plots = MemoryPlots(MemoryHistory(0.0))
    qtbot.addWidget(plots)
    plots.resize(900, 300)
    plots.show()
    view = plots.plots[0].view
    qtbot.waitUntil(lambda: not view.is_outdated)
    picture = view._picture.cacheKey()
    view.viewport().repaint()
    assert view._picture.cacheKey() == picture
    plots.plots[0].show_cursor(3.0)
    view.viewport().repaint()
    assert view._picture.cacheKey() != picture
    plots.hide()


def test_rows_of_settings_are_made_one_by_one_and_shown_by_groups(qtbot: QtBot) -> None:
    page = SettingsPage(LoadedSettings(Settings(), ()))
    qtbot.addWidget(page)
    page.show()
    made = 0
    for _ in page.rows_made():
        assert len(page.rows) <= made + 1
        made = len(page.rows)
        listed = {page.groups.item(row).text() for row in range(page.groups.count())}
        for row in page.rows.values():
            assert row.isVisibleTo(page) == (row.info.group.value in listed)


def test_rows_of_settings_go_one_by_one(qtbot: QtBot) -> None:
    page = SettingsPage(LoadedSettings(Settings(), ()))
    qtbot.addWidget(page)
    for _ in page.rows_made():
        pass
    gone: list[object] = []
    for name, row in page.rows.items():
        row.destroyed.connect(lambda _=None, name=name: gone.append(name))
    names = list(page.rows)
    for count, _ in enumerate(page.rows_removed(), start=1):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert gone == names[:count]
    assert page.edited() == {}  # whoever asks meanwhile touches no row


def test_the_memory_test_is_made_in_steps(qtbot: QtBot) -> None:
    steps = memory_test_dialog("onnx", "process", None)
    count = 0
    try:
        while True:
            next(steps)
            count += 1
    except StopIteration as end:
        qtbot.addWidget(end.value)
    assert count >= 5  # three tables, the dialog, its style


def test_only_hits_in_sight_are_put_together(qtbot: QtBot) -> None:
    panel = ResultsPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 400)
    panel.show()
    hits = tuple(
        SearchHit(number, f"/d/{number // 2}.txt", None, "", 0, 4, 1.0, "word", (), "word")
        for number in range(200)
    )
    panel.show_answer(SearchAnswer("word", SearchMode.TEXT, 0.1, hits))
    qtbot.wait(20)
    assert panel._model.rowCount() == 200
    assert 1 <= len(panel._model._rows) < 30


def test_a_cell_is_one_plain_line_no_wider_than_its_column(qtbot: QtBot) -> None:
    delegate = CellDelegate(())
    line = delegate._line("<b>bold</b> " * 40, QFont(), 120, is_middle=False)
    assert line.text().startswith("<b>bold</b>")
    assert line.size().width() <= 121
    assert line.size().height() < 2 * QFontMetrics(QFont()).height()
    assert delegate._line("<b>bold</b> " * 40, QFont(), 120, is_middle=False) is line


def test_laid_out_cells_are_kept_in_bounds(qtbot: QtBot) -> None:
    delegate = CellDelegate(())
    for number in range(2500):
        delegate._line(str(number), QFont(), 80, is_middle=False)
    assert len(delegate._lines) <= 2000


def test_a_module_is_imported_beside_the_window_and_then_used_at_once(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_to_be_imported.py").write_text("import threading\nIN = threading.get_ident()")
    monkeypatch.syspath_prepend(tmp_path)
    owner, done = QObject(), []
    after_import("made_to_be_imported", lambda: done.append(1), owner)
    assert done == []
    qtbot.waitUntil(lambda: done == [1])
    assert threading.get_ident() != sys.modules["made_to_be_imported"].IN
    after_import("made_to_be_imported", lambda: done.append(2), owner)
    assert done == [1, 2]
    del sys.modules["made_to_be_imported"]
