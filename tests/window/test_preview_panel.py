import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QStackedWidget, QTextEdit
from pytestqt.qtbot import QtBot

from vext_desktop.index.search import SearchHit
from vext_desktop.window.elided_label import ElidedLabel
from vext_desktop.window.plain_text import REPLACEMENT
from vext_desktop.window.preview_panel import MAX_MARKS, PreviewPanel, find_words
from vext_desktop.window.theme import read_palette

TEXT = "The backup is made at night.\r\nBackups are kept; a backup\N{GRINNING FACE} restores."


def hit(text: str = TEXT, word: str = "backup", path: str = "/data/notes/plan.pdf") -> SearchHit:
    start = text.casefold().find(word)
    return SearchHit(
        file_id=1, path=path, page=3, heading="Nightly", start=0, end=len(text), score=0.03,
        snippet=text, marks=((start, start + len(word)),), text=text,
    )  # fmt: skip


@pytest.fixture
def panel(qtbot: QtBot) -> PreviewPanel:
    panel = PreviewPanel()
    qtbot.addWidget(panel)
    return panel


def passage_of(panel: PreviewPanel) -> QTextEdit:
    return panel.findChildren(QTextEdit)[0]


def marked(panel: PreviewPanel) -> list[str]:
    return [selection.cursor.selectedText() for selection in passage_of(panel).extraSelections()]


def shown(panel: PreviewPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if not label.isHidden()]


def ground_of_mark(panel: PreviewPanel) -> QColor:
    (mark, *_) = passage_of(panel).extraSelections()
    return mark.format.background().color()


def button_of(panel: PreviewPanel, words: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text() == words)


def test_a_hit_is_shown_with_its_file_and_place(panel: PreviewPanel) -> None:
    panel.show_hit(hit())
    assert {"plan.pdf", "page 3 · Nightly", "/data/notes"} <= set(shown(panel))
    assert passage_of(panel).toPlainText().startswith("The backup is made at night.\nBackups")


def test_matched_words_are_marked_whole_and_in_any_case(panel: PreviewPanel) -> None:
    panel.show_hit(hit(TEXT + " BACKUP, the backup plan"))
    assert marked(panel) == ["backup", "backup", "BACKUP", "backup"]


def test_a_mark_over_two_words_marks_each_of_them(panel: PreviewPanel) -> None:
    panel.show_hit(hit("the backup plan; a plan for each backup", word="backup plan"))
    assert marked(panel) == ["backup", "plan", "plan", "backup"]


def test_words_of_a_script_without_spaces_are_found_inside() -> None:
    assert find_words("每天备份数据,恢复备份", ("备份",)) == ((2, 4), (9, 11))


def test_no_more_words_are_marked_than_anybody_looks_at() -> None:
    assert len(find_words("a " * 5000, ("a",))) == MAX_MARKS


def test_markup_in_a_document_is_shown_and_not_followed(panel: PreviewPanel) -> None:
    text = "<b>bold</b> <img src='file:///etc/hostname'> <a href='http://x'>link</a> backup"
    panel.show_hit(hit(text))
    assert passage_of(panel).toPlainText() == text
    assert "<b>bold" in passage_of(panel).document().toPlainText()
    flags = passage_of(panel).textInteractionFlags()
    assert not flags & Qt.TextInteractionFlag.LinksAccessibleByMouse
    assert passage_of(panel).isReadOnly()


def test_control_characters_are_made_visible_and_marks_stay_right(panel: PreviewPanel) -> None:
    panel.show_hit(hit("\x00\x1b[31m\u202e a backup\r\n\ufdd0 of backup"))
    assert passage_of(panel).toPlainText().count(REPLACEMENT) == 4
    assert marked(panel) == ["backup", "backup"]


def test_no_hit_empties_the_panel(panel: PreviewPanel) -> None:
    stack = panel.findChildren(QStackedWidget)[0]
    assert stack.currentIndex() == 0
    panel.show_hit(hit())
    assert stack.currentIndex() == 1
    panel.show_hit(None)
    assert stack.currentIndex() == 0
    assert passage_of(panel).toPlainText() == ""


def test_the_buttons_ask_for_the_shown_file(panel: PreviewPanel, qtbot: QtBot) -> None:
    wanted = hit(path="/data/\udcff.pdf")
    panel.show_hit(wanted)
    with qtbot.waitSignal(panel.open_requested, timeout=500) as opened:
        button_of(panel, "Open").click()
    with qtbot.waitSignal(panel.show_in_folder_requested, timeout=500) as revealed:
        button_of(panel, "Show in folder").click()
    assert opened.args == revealed.args == [wanted]
    assert opened.args[0].path == "/data/\udcff.pdf"


def test_a_hit_without_marks_or_place_is_shown_from_its_beginning(panel: PreviewPanel) -> None:
    bare = SearchHit(
        file_id=1, path="/data/a.txt", page=None, heading="", start=0, end=3, score=0.1,
        snippet="abc", marks=(), text="abc",
    )  # fmt: skip
    panel.show_hit(bare)
    assert marked(panel) == []
    assert all(line.text() for line in panel.findChildren(ElidedLabel) if not line.isHidden())


def test_marks_follow_a_change_to_dark(panel: PreviewPanel) -> None:
    light = QApplication.palette()
    panel.show_hit(hit())
    before = ground_of_mark(panel)
    QApplication.setPalette(read_palette("dark"))
    try:
        QApplication.processEvents()
        after = ground_of_mark(panel)
    finally:
        QApplication.setPalette(light)
    assert before.lightness() > 128 > after.lightness()
