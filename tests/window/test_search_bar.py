import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from vext_desktop.documents.formats import reader_name
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.window.search_bar import DAY_S, SearchBar

NOW = 1_800_000_000.0


class Recorder:
    """Keeps what a signal brought."""

    def __init__(self) -> None:
        self.requests: list[SearchRequest] = []
        self.clearings = 0

    def take(self, request: SearchRequest) -> None:
        self.requests.append(request)

    def count_clearing(self) -> None:
        self.clearings += 1


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    bar = SearchBar(clock=lambda: NOW)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def heard(bar: SearchBar) -> Recorder:
    recorder = Recorder()
    bar.search_requested.connect(recorder.take)
    bar.cleared.connect(recorder.count_clearing)
    return recorder


def query_of(bar: SearchBar) -> QLineEdit:
    return bar.findChildren(QLineEdit)[0]


def box_of(bar: SearchBar, name: str) -> QComboBox:
    return next(box for box in bar.findChildren(QComboBox) if box.accessibleName() == name)


def test_a_pause_in_typing_asks_once(bar: SearchBar, heard: Recorder, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.search_requested, timeout=3000):
        qtbot.keyClicks(query_of(bar), "backup  plan ")
    assert [request.query for request in heard.requests] == ["backup plan"]
    assert heard.requests[0].mode is SearchMode.HYBRID


def test_enter_asks_at_once_and_the_pause_after_it_does_not(
    bar: SearchBar, heard: Recorder, qtbot: QtBot
) -> None:
    qtbot.keyClicks(query_of(bar), "plan")
    qtbot.keyClick(query_of(bar), Qt.Key.Key_Return)
    assert len(heard.requests) == 1
    qtbot.wait(450)
    assert len(heard.requests) == 1
    qtbot.keyClick(query_of(bar), Qt.Key.Key_Return)
    assert len(heard.requests) == 2


def test_typing_the_same_again_does_not_ask_again(
    bar: SearchBar, heard: Recorder, qtbot: QtBot
) -> None:
    bar.set_query("plan")
    qtbot.keyClicks(query_of(bar), "s")
    qtbot.keyClick(query_of(bar), Qt.Key.Key_Backspace)
    qtbot.wait(450)
    assert len(heard.requests) == 1


def test_an_empty_box_is_cleared_and_asks_nothing(
    bar: SearchBar, heard: Recorder, qtbot: QtBot
) -> None:
    bar.set_query("plan")
    qtbot.keyClick(query_of(bar), Qt.Key.Key_Escape)
    assert query_of(bar).text() == ""
    assert heard.clearings == 1
    qtbot.keyClicks(query_of(bar), "   ")
    qtbot.keyClick(query_of(bar), Qt.Key.Key_Return)
    qtbot.wait(450)
    assert len(heard.requests) == 1


def test_filters_narrow_the_request(bar: SearchBar, heard: Recorder) -> None:
    bar.set_roots(["/data/a", "/data/b"])
    bar.set_query("plan")
    box_of(bar, "Search mode").setCurrentText("Words only")
    box_of(bar, "Type of file").setCurrentText("PDF")
    box_of(bar, "Folder").setCurrentText("b")
    box_of(bar, "Date of last change").setCurrentText("Last 7 days")
    assert len(heard.requests) == 5  # each change asks anew
    last = heard.requests[-1]
    assert last.mode is SearchMode.TEXT
    assert last.suffixes == (".pdf",)
    assert last.folder == "/data/b"
    assert last.modified_after == NOW - 7 * DAY_S
    assert last.modified_before is None


def test_older_than_a_year_sets_the_other_end(bar: SearchBar, heard: Recorder) -> None:
    box_of(bar, "Date of last change").setCurrentText("Older than a year")
    bar.set_query("plan")
    assert heard.requests[-1].modified_after is None
    assert heard.requests[-1].modified_before == NOW - 365 * DAY_S


def test_a_filter_without_a_query_asks_nothing(bar: SearchBar, heard: Recorder) -> None:
    box_of(bar, "Search mode").setCurrentText("Meaning only")
    assert heard.requests == []


def test_every_readable_suffix_belongs_to_one_type(bar: SearchBar, heard: Recorder) -> None:
    types = box_of(bar, "Type of file")
    bar.set_query("plan")
    seen: list[str] = []
    for row in range(1, types.count()):
        types.setCurrentIndex(row)
        assert heard.requests[-1].suffixes
        seen += heard.requests[-1].suffixes
    assert len(seen) == len(set(seen))


def test_office_files_mail_and_books_have_types_of_their_own(
    bar: SearchBar, heard: Recorder
) -> None:
    types = box_of(bar, "Type of file")
    bar.set_query("plan")
    types.setCurrentText("Code and data")
    rest = heard.requests[-1].suffixes
    readers = {reader_name(f"a{suffix}") for suffix in rest if suffix != ".gz"}
    assert readers == {"text", "notebook", "subtitles"}
    for name, suffix in (("Spreadsheets", ".ods"), ("Presentations", ".pptx"), ("Mail", ".msg")):
        types.setCurrentText(name)
        assert suffix in heard.requests[-1].suffixes


def test_an_undecodable_folder_arrives_as_it_is(bar: SearchBar, heard: Recorder) -> None:
    bar.set_roots(["/data/\udcff<b>"])
    bar.set_query("plan")
    folder = box_of(bar, "Folder")
    folder.setCurrentIndex(1)
    assert heard.requests[-1].folder == "/data/\udcff<b>"
    assert "<b>" not in folder.itemData(1, Qt.ItemDataRole.ToolTipRole)


def test_new_roots_keep_the_chosen_folder(bar: SearchBar, heard: Recorder) -> None:
    bar.set_roots(["/data/a", "/data/b"])
    folder = box_of(bar, "Folder")
    folder.setCurrentIndex(2)
    bar.set_query("plan")
    bar.set_roots(["/data/aa", "/data/a", "/data/b"])
    assert folder.currentText() == "b"
    assert len(heard.requests) == 1
    bar.set_roots(["/data/a"])
    assert folder.currentText() == "All folders"
    assert heard.requests[-1].folder is None
    assert len(heard.requests) == 2


def test_folders_of_the_same_name_are_told_apart(bar: SearchBar) -> None:
    bar.set_roots(["/x/Mail", "/y/Mail", "/"])
    folder = box_of(bar, "Folder")
    assert [folder.itemText(row) for row in (1, 2, 3)] == ["Mail (x)", "Mail (y)", "/"]


def test_down_goes_on_to_the_results(bar: SearchBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.results_focus_requested, timeout=500):
        qtbot.keyClick(query_of(bar), Qt.Key.Key_Down)


def test_the_query_can_be_focused_with_its_text_selected(bar: SearchBar, qtbot: QtBot) -> None:
    bar.show()
    bar.set_query("plan")
    bar.focus_query()
    assert query_of(bar).selectedText() == "plan"


def test_every_control_has_a_name_for_screen_readers(bar: SearchBar) -> None:
    controls: list[QWidget] = [query_of(bar), *bar.findChildren(QComboBox)]
    assert all(control.accessibleName() for control in controls)
    assert query_of(bar).placeholderText() == "Search your documents..."
