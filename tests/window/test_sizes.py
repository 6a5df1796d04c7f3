from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from vext_desktop.window.sizes import fit_to_screen


def test_a_window_has_its_usual_size_or_what_the_screen_has_room_for(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    fit_to_screen(window, 300, 200)
    assert (window.width(), window.height()) == (300, 200)
    room = window.screen().availableSize()
    fit_to_screen(window, room.width() + 40, 200)
    assert room.width() * 0.9 < window.width() < room.width()
    assert window.height() == 200
