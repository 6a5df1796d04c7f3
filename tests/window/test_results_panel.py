import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QListView, QMenu
from pytestqt.qtbot import QtBot

from vext_desktop.index.search import SearchAnswer, SearchHit, SearchMode
from vext_desktop.window.empty_message import EmptyMessage
from vext_desktop.window.plain_text import REPLACEMENT
from vext_desktop.window.results_delegate import SNIPPET_LINES, lay_out_snippet
from vext_desktop.window.results_model import ResultsModel
from vext_desktop.window.results_panel import ResultsPanel

HOSTILE = (
    "<h1>Your backup</h1><img src='file:///etc/passwd'><script>alert(1)</script>\x00\x1b[31m"
    "\u202egnp.exe\u202c &amp; backup " + "w" * 5000
)


def hit(
    path: str = "/data/report.pdf",
    snippet: str = "the backup of the ledger",
    marks: tuple[tuple[int, int], ...] = ((4, 10),),
    score: float = 0.03,
    page: int | None = 12,
    heading: str = "Results",
) -> SearchHit:
    return SearchHit(
        file_id=1, path=path, page=page, heading=heading, start=0, end=len(snippet),
        score=score, snippet=snippet, marks=marks, text=snippet + " and its restore",
    )  # fmt: skip


def answer(*hits: SearchHit, query: str = "backup", notice: str = "") -> SearchAnswer:
    return SearchAnswer(
        query=query, mode=SearchMode.HYBRID, seconds=0.034, hits=hits, notice=notice
    )


@pytest.fixture
def panel(qtbot: QtBot) -> ResultsPanel:
    panel = ResultsPanel()
    qtbot.addWidget(panel)
    return panel


def list_of(panel: ResultsPanel) -> QListView:
    return panel.findChildren(QListView)[0]


def model_of(panel: ResultsPanel) -> ResultsModel:
    model = list_of(panel).model()
    assert isinstance(model, ResultsModel)
    return model


def message_of(panel: ResultsPanel) -> str:
    message = panel.findChildren(EmptyMessage)[0]
    return message.text() if not message.isHidden() else ""


def labels_of(panel: ResultsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if not label.isHidden()]


def names_of(panel: ResultsPanel) -> list[tuple[str, bool]]:
    model = model_of(panel)
    rows = [model.row_at(model.index(row, 0)) for row in range(model.rowCount())]
    return [(row.name, row.is_first_of_file) for row in rows if row is not None]


def test_the_best_hit_is_chosen_and_previewed(panel: ResultsPanel, qtbot: QtBot) -> None:
    best = hit()
    with qtbot.waitSignal(panel.hit_chosen, timeout=500) as heard:
        panel.show_answer(answer(best, hit("/data/b.txt", score=0.01)))
    assert heard.args == [best]
    assert panel.chosen_hit() == best
    assert "2 passages found by meaning and words in 34 ms" in labels_of(panel)


def test_waiting_that_was_felt_is_told_beside_the_time_of_the_search(panel: ResultsPanel) -> None:
    found = answer(hit(), hit("/data/b.txt"))
    panel.show_answer(found, 5.83)
    words = "2 passages found by meaning and words in 34 ms, after 5.8 s of waiting"
    assert words in labels_of(panel)
    panel.show_answer(found, 0.3)
    assert words.partition(",")[0] in labels_of(panel)


def test_hits_of_one_file_stand_together_under_its_name(panel: ResultsPanel) -> None:
    panel.show_answer(answer(hit(), hit("/data/b.txt"), hit(page=14)))
    assert names_of(panel) == [("report.pdf", True), ("report.pdf", False), ("b.txt", True)]


def test_a_file_without_a_second_name_gets_a_higher_row_than_its_other_passages(
    panel: ResultsPanel,
) -> None:
    panel.show_answer(answer(hit(), hit(page=14)))
    view = list_of(panel)
    first, second = (view.sizeHintForIndex(model_of(panel).index(row, 0)) for row in (0, 1))
    assert first.height() > second.height()


def test_enter_opens_and_space_previews(panel: ResultsPanel, qtbot: QtBot) -> None:
    panel.show_answer(answer(hit(), hit("/data/b.txt")))
    view = list_of(panel)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.open_requested, timeout=500) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    with qtbot.waitSignal(panel.hit_chosen, timeout=500) as previewed:
        qtbot.keyClick(view, Qt.Key.Key_Space)
    assert opened.args == previewed.args == [hit("/data/b.txt")]


def test_up_on_the_first_hit_and_escape_go_back_to_the_query(
    panel: ResultsPanel, qtbot: QtBot
) -> None:
    panel.show_answer(answer(hit(), hit("/data/b.txt")))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Escape):
        with qtbot.waitSignal(panel.query_focus_requested, timeout=500):
            qtbot.keyClick(list_of(panel), key)


# The offscreen platform says so whenever a menu opens.
@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
def test_the_menu_offers_every_verb(panel: ResultsPanel, qtbot: QtBot) -> None:
    panel.show_answer(answer(hit()))
    list_of(panel).customContextMenuRequested.emit(QPoint(5, 5))
    menu = panel.findChildren(QMenu)[0]
    words = [action.text() for action in menu.actions()]
    assert words == ["Open", "Show in folder", "Copy path", "Copy passage"]
    with qtbot.waitSignal(panel.show_in_folder_requested, timeout=500) as heard:
        menu.actions()[1].trigger()
    assert heard.args == [hit()]
    menu.close()


def test_path_and_passage_can_be_copied(panel: ResultsPanel) -> None:
    panel.show_answer(answer(hit()))
    copy_path, copy_passage = list_of(panel).actions()[2:]
    copy_path.trigger()
    assert QGuiApplication.clipboard().text() == "/data/report.pdf"
    copy_passage.trigger()
    assert QGuiApplication.clipboard().text() == "the backup of the ledger and its restore"


def test_an_answer_without_hits_quotes_the_query_as_it_is(
    panel: ResultsPanel, qtbot: QtBot
) -> None:
    panel.show_answer(answer(hit()))
    with qtbot.waitSignal(panel.hit_chosen, timeout=500) as heard:
        panel.show_answer(answer(query="<b>zebra</b>"))
    assert heard.args == [None]
    assert message_of(panel).startswith("Nothing found for “<b>zebra</b>”.")
    shown = panel.findChildren(EmptyMessage)[0].findChildren(QLabel)
    worded = [label for label in shown if label.text()]
    assert worded
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in worded)


def test_a_notice_stands_above_the_hits_until_an_answer_without_one(panel: ResultsPanel) -> None:
    panel.show_answer(answer(hit(), notice="Only words were compared."))
    assert "Only words were compared." in labels_of(panel)
    panel.show_answer(answer(hit()))
    assert "Only words were compared." not in labels_of(panel)


def test_old_hits_stay_while_a_search_is_on_its_way(panel: ResultsPanel) -> None:
    panel.show_answer(answer(hit()))
    panel.show_searching("restore")
    assert names_of(panel) == [("report.pdf", True)]
    assert "Searching for “restore”..." in labels_of(panel)


def test_a_hostile_passage_is_shown_as_the_text_it_is(panel: ResultsPanel) -> None:
    start = HOSTILE.index("backup")
    panel.show_answer(answer(hit("/data/<b>x</b>.html", HOSTILE, ((start, start + 6),))))
    row = model_of(panel).row_at(model_of(panel).index(0, 0))
    assert row is not None
    assert row.name == "b>.html"
    assert row.snippet.startswith("<h1>Your backup</h1><img src='file:///etc/passwd'>")
    assert not set(row.snippet) & set("\x00\x1b\u202e\u202c")
    assert row.snippet.count(REPLACEMENT) == 4
    assert [row.snippet[first:last] for first, last in row.marks] == ["backup"]
    panel.resize(500, 300)
    assert not panel.grab().isNull()


def test_a_word_without_end_stays_within_its_lines(panel: ResultsPanel) -> None:
    layout = lay_out_snippet("w" * 5000, ((2, 4000),), QFont(), 300, QPalette())
    assert layout.lineCount() == SNIPPET_LINES
    assert layout.text().endswith("…")
    widths = [layout.lineAt(line).naturalTextWidth() for line in range(SNIPPET_LINES)]
    assert max(widths) <= 300


def test_only_the_matched_words_are_bold() -> None:
    text = "\N{GRINNING FACE} a backup plan"
    start = text.index("backup")
    layout = lay_out_snippet(text, ((start, start + 6),), QFont(), 400, QPalette())
    (bold,) = layout.formats()
    # Qt counts the face twice.
    assert (bold.start, bold.length) == (start + 1, 6)
    assert bold.format.fontWeight() == QFont.Weight.Bold


def test_text_from_right_to_left_begins_at_the_right() -> None:
    layout = lay_out_snippet("גיבוי של הנתונים", ((0, 5),), QFont(), 300, QPalette())
    line = layout.lineAt(0)
    start, _ = line.cursorToX(0)
    assert start > 290


def test_a_late_match_is_brought_into_sight(panel: ResultsPanel) -> None:
    text = "word " * 60 + "backup of the ledger"
    start = text.index("backup")
    panel.show_answer(answer(hit(snippet=text, marks=((start, start + 6),))))
    row = model_of(panel).row_at(model_of(panel).index(0, 0))
    assert row is not None
    (mark,) = row.marks
    assert row.snippet[slice(*mark)] == "backup"
    assert mark[0] < 100
    assert row.snippet.startswith("…")


def test_a_screen_reader_hears_file_place_and_passage(panel: ResultsPanel) -> None:
    panel.show_answer(answer(hit(), hit("/data/b.txt", page=None, heading="")))
    model = model_of(panel)
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0, 0), role) == (
        "report.pdf, page 12 · Results, in /data. the backup of the ledger Result 1 of 2."
    )
    assert model.data(model.index(1, 0), role).startswith("b.txt, in /data.")
    assert list_of(panel).accessibleName() == "Results"


def test_a_tool_tip_shows_the_path_and_never_markup(panel: ResultsPanel) -> None:
    panel.show_answer(answer(hit("/data/<img src=x>.pdf")))
    tip = model_of(panel).data(model_of(panel).index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img src=x&gt;" in tip
    assert "<img" not in tip


def test_an_undecodable_path_leaves_as_it_came(panel: ResultsPanel, qtbot: QtBot) -> None:
    panel.show_answer(answer(hit("/data/\udcff.pdf")))
    with qtbot.waitSignal(panel.open_requested, timeout=500) as heard:
        qtbot.keyClick(list_of(panel), Qt.Key.Key_Return)
    assert heard.args[0].path == "/data/\udcff.pdf"
    assert names_of(panel) == [(f"{REPLACEMENT}.pdf", True)]


@pytest.mark.parametrize("scores", [(0.0, 0.0), (-1.0, -2.0), (0.03, 0.015)])
def test_a_score_bar_never_leaves_its_track(
    panel: ResultsPanel, scores: tuple[float, float]
) -> None:
    panel.show_answer(answer(*(hit(f"/data/{score}.txt", score=score) for score in scores)))
    model = model_of(panel)
    rows = [model.row_at(model.index(row, 0)) for row in (0, 1)]
    assert all(row is not None and 0 <= row.share <= 1 for row in rows)
