from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QTableView
from pytestqt.qtbot import QtBot

from vext_desktop.index.ledger import Ledger
from vext_desktop.outcomes import Outcome
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.plain_text import REPLACEMENT
from vext_desktop.window.run_figures import MAX_PATHS
from vext_desktop.window.runs_model import COLUMNS, RunColumn
from vext_desktop.window.runs_panel import RunsPanel


def summary(indexed: int = 12, set_aside: list[dict[str, str]] | None = None) -> dict[str, object]:
    aside = set_aside or []
    return {
        "files": {"indexed": indexed, "unchanged": 3, "removed": 1, "set_aside": len(aside)},
        "set_aside": aside,
        "chunks": 240,
        "truncated_tokens": 0,
        "seconds": 9.2,
        "chunks_per_second": 41.04,
        "batches": 30,
        "engine_restarts": 1,
        "peak_rss_bytes": {
            "window": 231_000_000, "engine": 655_000_000, "reader": 0, "total": 1_150_000_000,
        },
        "verdict": {"overall": "steady", "bands": {}, "message": "Steady over 30 batches."},
    }  # fmt: skip


def aside(path: str, outcome: Outcome = Outcome.LOCKED, reason: str = "") -> dict[str, str]:
    return {"path": path, "kind": str(outcome), "reason": reason or outcome.sentence}


@pytest.fixture
def ledger_path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(ledger_path: Path) -> Iterator[Ledger]:
    with Ledger(ledger_path) as ledger:
        yield ledger


@pytest.fixture
def open_panel(qtbot: QtBot) -> Callable[[Path], RunsPanel]:
    def open_one(path: Path) -> RunsPanel:
        panel = RunsPanel(path, path.parent / "runs")
        qtbot.addWidget(panel)
        return panel

    return open_one


def table_of(panel: RunsPanel) -> QTableView:
    return panel.findChildren(QTableView)[0]


def cell(panel: RunsPanel, row: int, column: RunColumn) -> str:
    model = table_of(panel).model()
    return str(model.data(model.index(row, COLUMNS.index(column))))


def detail_of(panel: RunsPanel) -> str:
    return panel.findChildren(QPlainTextEdit)[0].toPlainText()


def message_of(panel: RunsPanel) -> str:
    message = panel.findChildren(EmptyMessage)[0]
    return message.text() if not message.isHidden() else ""


def test_a_finished_run_is_listed_with_its_figures(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    run_id = ledger.begin_run(["/data/a", "/data/b"])
    ledger.end_run(run_id, "finished", summary(set_aside=[aside("/data/x.pdf")]))
    panel = open_panel(ledger_path)
    row = [cell(panel, 0, column) for column in COLUMNS[1:]]
    assert row == [
        "Indexing", "/data/a, /data/b", "Finished", "12", "3", "1", "240", "41.0", "1.1 GB",
        "Steady over 30 batches.",
    ]  # fmt: skip


def test_the_detail_names_what_was_set_aside_under_its_reason(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    files = [aside("/data/x.pdf"), aside("/data/e.txt", Outcome.EMPTY), aside("/data/y.pdf")]
    ledger.end_run(ledger.begin_run(["/data"]), "stopped", summary(set_aside=files))
    detail = detail_of(open_panel(ledger_path))
    assert "stopped after 9.2 s" in detail
    assert "Peak memory: 1.1 GB (window 231 MB, engine 655 MB)." in detail
    assert "The engine had to be started again once." in detail
    together = f"{Outcome.LOCKED.sentence}\n    /data/x.pdf\n    /data/y.pdf\n"
    assert together in detail
    assert f"{Outcome.EMPTY.sentence}\n    /data/e.txt" in detail


def test_a_run_that_never_ended_was_interrupted(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    ledger.begin_run(["/data"])
    ledger.begin_run(["/data"])
    panel = open_panel(ledger_path)
    assert [cell(panel, row, RunColumn.ENDED) for row in (0, 1)] == ["Not finished", "Interrupted"]
    assert cell(panel, 0, RunColumn.PEAK) == ""
    assert "Its figures are written when it ends." in detail_of(panel)


def test_hostile_names_are_shown_as_plain_text(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    files = [aside("/data/<b>\u202egnp\x00.exe", reason="<img src=x>\nsecond line")]
    ledger.end_run(ledger.begin_run(["/data"]), "finished", summary(set_aside=files))
    detail = detail_of(open_panel(ledger_path))
    assert f"/data/<b>{REPLACEMENT}gnp{REPLACEMENT}.exe" in detail
    assert "<img src=x> second line\n" in detail


def test_a_long_list_of_set_aside_files_is_cut_with_a_word(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    files = [aside(f"/data/{number}.pdf") for number in range(MAX_PATHS + 7)]
    ledger.end_run(ledger.begin_run(["/data"]), "finished", summary(set_aside=files))
    detail = detail_of(open_panel(ledger_path))
    assert f"/data/{MAX_PATHS - 1}.pdf" in detail
    assert f"/data/{MAX_PATHS}.pdf" not in detail
    assert "and 7 more" in detail


def test_a_refresh_shows_a_new_run_and_keeps_an_older_choice(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    for indexed in (1, 2):
        ledger.end_run(ledger.begin_run(["/data"]), "finished", summary(indexed))
    panel = open_panel(ledger_path)
    assert "Files: 2 indexed" in detail_of(panel)
    ledger.end_run(ledger.begin_run(["/data"]), "finished", summary(3))
    panel.refresh()
    assert "Files: 3 indexed" in detail_of(panel)
    table_of(panel).selectRow(2)
    ledger.begin_run(["/data"])
    panel.refresh()
    assert table_of(panel).currentIndex().row() == 3
    assert "Files: 1 indexed" in detail_of(panel)


def test_the_end_of_a_running_run_is_seen(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    run_id = ledger.begin_run(["/data"])
    panel = open_panel(ledger_path)
    assert cell(panel, 0, RunColumn.INDEXED) == ""
    ledger.end_run(run_id, "halted", summary())
    panel.refresh()
    assert cell(panel, 0, RunColumn.ENDED) == "Halted"


def test_a_refresh_without_news_leaves_the_table_alone(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel], qtbot: QtBot
) -> None:
    ledger.end_run(ledger.begin_run(["/data"]), "finished", summary())
    panel = open_panel(ledger_path)
    with qtbot.assertNotEmitted(table_of(panel).model().modelReset):
        panel.refresh()


def test_without_a_run_the_panel_says_so(
    tmp_path: Path, ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    assert message_of(open_panel(tmp_path / "none.sqlite")).startswith("No run yet.")
    assert message_of(open_panel(ledger_path)).startswith("No run yet.")


def test_a_damaged_ledger_is_a_sentence(
    tmp_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but as long as one would be" * 40)
    assert "damaged" in message_of(open_panel(path))


def test_stalls_are_told_in_a_plain_sentence_with_their_term_in_the_tooltip(
    tmp_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    panel = open_panel(tmp_path / "none.sqlite")
    panel.show_stalls(0.031, 0.004)
    told = "99 of 100 waits were no longer than 4 ms, the longest took 31 ms."
    (label,) = [one for one in panel.findChildren(QLabel) if told in one.text()]
    assert "percentile" not in label.text()
    assert "99th percentile" in label.toolTip()


def test_with_little_height_the_details_stand_beside_the_table(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    ledger.end_run(ledger.begin_run(["/data"]), "finished", summary())
    panel = open_panel(ledger_path)
    panel.show()
    table, detail = table_of(panel), panel.findChildren(QPlainTextEdit)[0]
    for height, is_beside in ((700, False), (280, True), (700, False)):
        panel.resize(1100, height)
        QApplication.processEvents()
        assert (detail.x() >= table.geometry().right()) is is_beside
        assert (detail.y() >= table.geometry().bottom()) is not is_beside
        assert table.width() >= detail.width()


def test_a_closed_panel_opens_the_ledger_no_more(
    ledger: Ledger, ledger_path: Path, open_panel: Callable[[Path], RunsPanel]
) -> None:
    panel = open_panel(ledger_path)
    panel.close()
    ledger.begin_run(["/data"])
    panel.refresh()
    assert table_of(panel).model().rowCount() == 0
